"""What code decides results, and whether it has changed: definitions are followed in sources, never imported."""
