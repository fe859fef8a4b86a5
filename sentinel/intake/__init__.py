"""Takes events into a store: read whole, normalised, looked at by rules, committed with the bytes they came from."""
