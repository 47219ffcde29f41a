"""A run directory: parts, files, manifests, the lock, and the storage beneath."""
