"""Review: a person judges the closest decisions, and learns how precise they are and which limit that argues for."""
