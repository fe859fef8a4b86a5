"""Hunts: rules run back over what a store holds."""
