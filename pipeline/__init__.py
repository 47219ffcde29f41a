"""From WARC files to pre-training shards: stages, the runner that commits them, and the kernels they call."""
