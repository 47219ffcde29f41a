"""Errors a user can act on: each says what, where, what is there instead, and the near miss."""

from collections.abc import Iterable
from difflib import get_close_matches


class CurationError(Exception):
    """Base of every error that gristmill raises on purpose."""


class ConfigError(CurationError):
    """A key, value, stage or path that the user gave is wrong."""


class ContractError(CurationError):
    """A stage needs what no earlier stage adds, or returned what it did not promise."""


class ManifestError(CurationError):
    """A run directory is locked, incomplete or not what its manifests say."""


class QuarantineError(CurationError):
    """A page hung and is on the quarantine list now: the next run leaves it out."""


class InputError(CurationError):
    """An input file cannot be found, read or understood."""


def near_miss(word: str, words: Iterable[str]) -> str:
    """Return a `; did you mean …?` clause, empty where nothing is close.

    >>> near_miss("dedup_documnt", ["dedup_document", "dedup_line"])
    "; did you mean 'dedup_document'?"
    >>> near_miss("zzz", ["ingest"])
    ''
    """
    matches = get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f"; did you mean '{matches[0]}'?" if matches else ""
