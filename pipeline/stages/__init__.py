"""One stage per file, the file named as the stage: DataFrame in, DataFrame out."""
