"""The code of a page, to the letter."""
