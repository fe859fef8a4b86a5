"""Certificates as bytes: what is to be signed, whether it is sound, and what comes out."""
