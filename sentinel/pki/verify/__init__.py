"""Chains of certificates: whether they hold, for what, and why not."""
