"""Runs detection rules over batches of events."""
