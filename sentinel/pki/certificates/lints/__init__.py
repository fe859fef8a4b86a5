"""The lints, by what they look at; `sentinel.pki.certificates.lint` runs them."""
