"""A package of a user's own, as one would stand beside the project."""
