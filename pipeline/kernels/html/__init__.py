"""A compiled reading of HTML: bytes → elements → text blocks → what is known of each block."""
