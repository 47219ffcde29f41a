"""Which blocks are the main content: what is known of each, and the model that weighs it."""
