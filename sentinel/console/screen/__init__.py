"""The triage screen: a queue worked down by keys."""
