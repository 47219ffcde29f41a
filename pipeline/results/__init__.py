"""What a committed run has to tell: decisions, report, and the story of a page."""
