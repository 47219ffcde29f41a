"""Public names that have changed: what was called so is called so now. The old spelling is taken, with a warning."""

import logging
from collections.abc import Mapping

_LOG = logging.getLogger(__name__)

STAGES = {"repeated_lines": "log_lines"}
"""Stages, as options, files of parameters and the library's calls name them."""

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

CLAUSES = {"satisfied_by": "skip_if_present", "reads_inputs": "rereads_source"}
"""Fields of `Stage`, as the decorator of a stage of the user's own takes them."""


def now(names: Mapping[str, str], name: str, where: str) -> str:
    """Return what a name is called now; one that has changed is taken with a warning.

    Args:
        names: Old name → new name.
        name: Either.
        where: What the warning begins with.
    """
    if name not in names:
        return name
    _LOG.warning("warning: %s: '%s' is called '%s' now", where, name, names[name])
    return names[name]
