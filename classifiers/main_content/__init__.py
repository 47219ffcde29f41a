"""Fitting the model that tells main content from the rest of a page: `python -m classifiers.main_content.fit`."""
