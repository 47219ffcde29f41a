"""What other limits would do: what-if, limits fitted by language, and where definitions disagree."""
