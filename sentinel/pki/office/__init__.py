"""The office: what people do with authorities, from founding one to revoking what it issued."""
