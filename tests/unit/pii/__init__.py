"""Personal data: what is found, and what is let be."""
