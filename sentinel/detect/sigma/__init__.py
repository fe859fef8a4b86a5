"""Sigma rules: found, parsed, compiled, matched."""
