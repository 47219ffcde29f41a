"""A run as one self-contained page of HTML: what stands out, charts, a sample to search, decisions to judge."""
