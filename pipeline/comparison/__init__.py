"""Comparison of two runs: documents gained, lost and changed, and the parameters and code that differ."""
