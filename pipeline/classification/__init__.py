"""Classifiers as stages use them: which model a parameter names, its scores, and percentiles of scores by tokens."""
