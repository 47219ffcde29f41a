"""Personal data of documents: what is looked for, how it is replaced, and when pages and sites go for it."""
