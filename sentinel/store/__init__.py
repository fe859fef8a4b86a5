"""Where events are kept: one contract, and the engines that keep it."""
