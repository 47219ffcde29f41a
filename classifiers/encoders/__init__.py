"""Encoders and heads on their vectors: what they read, what runs them, what their outputs mean."""
