"""What programs import: a run to make or to open, and texts to measure; `from pipeline import …` has all of it."""
