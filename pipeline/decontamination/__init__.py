"""Benchmarks' items in documents: suites of items, an index of them, and what is contaminated."""
