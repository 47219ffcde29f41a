"""Texts: words, lines, prose, spans, hashes; compiled passes over the UTF-8 of Arrow strings."""
