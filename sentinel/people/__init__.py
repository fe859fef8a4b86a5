"""Who acts: actors, their roles, and the keys that prove them."""
