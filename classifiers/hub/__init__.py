"""Public models: the registry's entries, the hub's cache, and what makes a classifier of both."""
