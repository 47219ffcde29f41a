"""Training and measuring classifiers: examples, folds, fits, measures, cards."""
