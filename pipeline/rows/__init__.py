"""What several stages do to the rows of a part."""
