"""Keys of authorities, and the process that signs with them what was approved."""
