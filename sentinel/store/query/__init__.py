"""What analysts ask: the language, its tree, and the reading of values."""
