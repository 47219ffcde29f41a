"""Pure functions over characters, words, bytes and Arrow arrays: no Spark, no paths, no clock."""
