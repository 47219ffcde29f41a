"""Digests of code: what changes them, and what they reach."""
