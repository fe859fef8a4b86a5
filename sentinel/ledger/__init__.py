"""What people did, written so that a change shows: chains, their tree, and its signed heads."""
