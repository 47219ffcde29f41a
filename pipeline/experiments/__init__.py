"""Mixture experiments: which shares of tokens the corpus had better have, by small proxies, and how sure that is."""
