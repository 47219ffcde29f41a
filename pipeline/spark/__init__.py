"""All that speaks to Spark."""
