"""A page's text blocks, written from its elements."""
