"""URLs: one spelling for each address, and the keys by which they meet lists."""
