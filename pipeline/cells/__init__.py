"""What stages leave of a part, column by column in Parquet, and the one reader that puts the newest of it together."""
