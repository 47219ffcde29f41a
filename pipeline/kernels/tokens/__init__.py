"""Tokens of a tokenizer: divergences, outliers, and the mixture drawn by them."""
