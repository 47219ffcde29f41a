"""What a page declares of itself."""
