"""What a committed run has to tell: decisions, report, the story of a page, and statistics."""
