"""Profiles: which certificates there are, and what each kind says, from tables of TOML."""
