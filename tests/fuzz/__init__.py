"""Input files mutated by their structure, read by ingest and by every kernel behind it."""
