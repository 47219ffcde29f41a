"""WARC files, and the HTTP responses in them."""
