"""What owners of pages reserve: metas, headers, robots.txt, tdmrep.json."""
