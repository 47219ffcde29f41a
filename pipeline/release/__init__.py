"""The release: shards by split and category, with what says what they are, for trainers, lawyers and researchers."""
