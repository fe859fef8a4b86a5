"""Bytes to batches: pure readers, one file each."""
