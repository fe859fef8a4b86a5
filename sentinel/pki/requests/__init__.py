"""Requests for certificates: who asks, for which names, with which key."""
