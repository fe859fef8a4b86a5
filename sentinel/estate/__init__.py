"""What is watched over: shared platforms, agencies, their hosts and networks."""
