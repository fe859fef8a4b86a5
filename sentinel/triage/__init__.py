"""From hits to a queue that is worked down: alerts, stories, suppressions, clocks."""
