"""The one door to cryptography: keys, signatures, fingerprints."""
