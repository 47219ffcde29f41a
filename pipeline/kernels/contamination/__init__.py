"""Items of benchmarks in documents: units of texts, a sorted table of their runs, and what of an item stands where."""
