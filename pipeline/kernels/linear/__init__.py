"""Linear models over n-grams: what they count, and how they score; compiled."""
