"""The register: every certificate that was asked for, approved, issued and revoked, and the proof of it."""
