"""Review: a person judges the decisions that were closest, and learns how precise they are and which limit that argues for."""
