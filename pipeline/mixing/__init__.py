"""The mix: cells, their target shares, the documents that are drawn for them, and the validation split."""
