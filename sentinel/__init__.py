"""Sentinel: security operations and network assurance for shared public platforms."""

__version__ = "0.1.0"
