"""A page's elements, as a browser builds them from its tags."""
