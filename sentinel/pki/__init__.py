"""Certificates for agencies: authorities, requests, what is signed, what is revoked, and the proof of all of it."""
