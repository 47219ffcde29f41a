"""What a committed run has to tell: decisions, release, report, the story of a page, and statistics."""
