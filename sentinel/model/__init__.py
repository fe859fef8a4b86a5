"""The words of the house: events, batches, fields, levels."""
