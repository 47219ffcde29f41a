"""Public names that have changed: what was called so is called so now. The old spelling is taken, with a warning."""

STAGES = {"repeated_lines": "log_lines"}
"""Stages, as `--set`, `--only` and files of parameters name them."""

PARAMETERS = {"quarantine_after": "max_page_cpu_seconds"}
"""Parameters, of whatever stage."""

COLUMNS = {"declared_licence": "declared_license", "repeated_lines_removed": "log_lines_removed"}
"""Columns of tables, of input that an earlier version wrote and of what is asked for by name."""
