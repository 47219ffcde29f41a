"""Files on a local disk or an object store: paths, verbs to read and write with, conditional puts, a run's lock."""
