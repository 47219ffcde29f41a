"""Screening by URL: lists of hosts and addresses, words in URLs, and what to do about them."""
