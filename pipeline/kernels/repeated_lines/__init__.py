"""Lines of logs, error dumps and the like, found in texts whose rest is good; `weights.md` is the net's card."""
