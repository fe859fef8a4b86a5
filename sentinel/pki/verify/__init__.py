"""Verification: whether a certificate may be relied on, and every reason why not."""
