"""Models: texts in, labels and probabilities out."""
