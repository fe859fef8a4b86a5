"""Measures what the goals name, beside peers or floors, in one run."""
