"""Errors a user can act on: each says what, where, what is there instead, and the near miss."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

_OF_STAGE = re.compile(r"(.*/stages/[^/]+)/(?:(?:files|tables|units)/.*|[0-9a-f]+\.json)", re.DOTALL)
MORE_MEMORY = (
    "let fewer work at once (--master 'local[1]'; on a cluster fewer spark.executor.cores), or give them more"
    " (spark.executor.memoryOverhead); run again to go on"
)


class CurationError(Exception):
    """Base of every error that gristmill raises on purpose."""


class ConfigError(CurationError):
    """A key, value, stage or path that the user gave is wrong."""


class ContractError(CurationError):
    """A stage needs what no earlier stage adds, or returned what it did not promise."""


class ManifestError(CurationError):
    """A run directory is locked, incomplete or not what its manifests say."""


class DamageError(CurationError):
    """A file of a run is gone or not what was written."""

    def __init__(self, path: str, what: str = "is damaged or cut") -> None:
        """Say which file, and what to do.

        Args:
            path: Of the file.
            what: Is the matter with it.
        """
        super().__init__(path, what)
        self.path = path
        self.what = what

    def __str__(self) -> str:
        """Return what is the matter, and what makes it good again."""
        if of_stage := _OF_STAGE.fullmatch(self.path):
            return f"{self.path} {self.what}: remove {of_stage[1]} and run again; what it held is made anew"
        return f"{self.path} {self.what}: remove it and run again"


class QuarantineError(CurationError):
    """A page hung and is on the quarantine list now: the next run leaves it out."""


class ReleaseError(CurationError):
    """A release is not what its manifest says."""


class InputError(CurationError):
    """An input file cannot be found, read or understood, or is not what it was."""


class NothingReadError(InputError):
    """The inputs hold no page and no row."""


class EvidenceError(CurationError):
    """What was measured does not bear out an answer."""


class DifferenceError(CurationError):
    """Two runs differ by more than was allowed."""

    def __init__(self, share: float, limit: float) -> None:
        """Say by how much.

        Args:
            share: Of the records of either run that were gained, lost or changed, 0 to 1.
            limit: What was allowed.
        """
        digits = next(n for n in range(3, 18) if n == 17 or float(f"{share:.{n}g}") > limit)
        super().__init__(f"{100 * share:.{digits}g} % of documents changed sides, more than {100 * limit:.6g} %")


class ResourceError(CurationError):
    """Memory, disk or time ran out; no document is to blame for that."""


def out_of_memory(what: str) -> str:
    """Return what is to be said where a worker's memory did not suffice for something.

    Args:
        what: A page by its URL, say.
    """
    return f"a worker ran out of memory at {what}: {MORE_MEMORY}"


def near_miss(word: str, words: Iterable[str]) -> str:
    """Return a `; did you mean …?` clause, empty where nothing is close.

    >>> near_miss("dedup_documnt", ["dedup_document", "dedup_line"])
    "; did you mean 'dedup_document'?"
    >>> near_miss("zzz", ["ingest"])
    ''
    """
    matches = get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f"; did you mean '{matches[0]}'?" if matches else ""
