"""fastText's files: read by its library, or mapped once per machine."""
