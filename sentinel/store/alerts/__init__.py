"""The alerts of a store: what their histories fold into, kept so that a million are a queue."""
