"""Public names that have changed: what was called so is called so now. The old spelling is taken, with a warning."""

STAGES = {"repeated_lines": "log_lines"}
"""Stages, as `--set`, `--only` and files of parameters name them."""

OF_WATCHED = {"quarantine_after": "max_page_cpu_seconds"}
"""Parameters of every stage that has a watchdog, a user's own ones too."""
_WATCHED = ("ingest", "extract", "pii", "heuristics")
PARAMETERS = {
    **dict.fromkeys(_WATCHED, OF_WATCHED),
    "dedup_document": {"crowd": "max_band_documents"},
}
"""Stage → its parameters. A stage of the user's own may have one of an old name."""

COLUMNS = {"declared_licence": "declared_license", "repeated_lines_removed": "log_lines_removed"}
"""Columns of tables, of input that an earlier version wrote and of what is asked for by name."""
