"""Charts of what a run wrote, by Altair: a module per dashboard; `figures` has all of them for a report."""
