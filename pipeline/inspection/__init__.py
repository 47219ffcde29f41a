"""Questions about single stages: how a page is read, what other limits would do, where definitions disagree."""
