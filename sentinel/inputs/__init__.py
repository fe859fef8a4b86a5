"""Everything that is read from outside: files, folders, streams."""
