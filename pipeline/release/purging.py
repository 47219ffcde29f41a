"""The tables of a run without what its lists take down, and what must not be taken off these lists again."""

from collections.abc import Callable
from typing import Final

from pipeline.cells.parts import digest
from pipeline.errors import ConfigError
from pipeline.release.blanking import purge
from pipeline.release.receipts import hashes_of
from pipeline.stages.url_screen import TAKEN_DOWN_REASON, url_screen
from pipeline.stores import storage
from pipeline.url_screen.taken_down import KINDS, Lists

_PURGED: Final = "purged.json"


def purge_tables(run: str, folder: str, lists: Lists, say: Callable[[str], None]) -> None:
    """Blank what the tables of a run hold of pages that are taken down; nothing is read where that was done before.

    Args:
        run: The run directory, of which no earlier versions are left.
        folder: Where the run keeps its lists.
        lists: What is taken down.
        say: Told how many files were written anew.
    """
    path = storage.join(folder, _PURGED)
    entries, purged = hashes_of(lists), storage.read_json(path)
    if purged == {"entries": entries, "tables": _tables(run)}:
        return
    storage.write_json(path, {"entries": entries, "tables": ""})
    if count := purge(run, url_screen.name, TAKEN_DOWN_REASON):
        say(f"takedown: {count:,} files of the tables are written anew, without what is taken down")
    storage.write_json(path, {"entries": entries, "tables": _tables(run)})


def _tables(run: str) -> str:
    """Return a hash of the names of all manifests, which are those of what they hold."""
    root = storage.join(run, "stages")
    return digest([(stage, _manifests(storage.join(root, stage))) for stage in storage.names(root)])


def _manifests(directory: str) -> list[str]:
    return [name for name in storage.names(directory) if name.endswith(".json")]


def check_not_lifted(run: str, folder: str, lists: Lists) -> None:
    """Refuse to go on where an entry was taken off the lists: what stages had kept of its pages is gone.

    Args:
        run: The run directory.
        folder: Where the run keeps its lists.
        lists: What is taken down.

    Raises:
        ConfigError: An entry is lacking.
    """
    purged = storage.read_json(storage.join(folder, _PURGED))
    entries = hashes_of(lists)
    count = 0 if purged is None else sum(len(set(purged["entries"][kind]) - set(entries[kind])) for kind in KINDS)
    if count:
        raise ConfigError(
            f"{count:,} entries were taken off the lists in {folder}, and the tables hold these pages no more: put them"
            f" back, or remove {storage.join(run, 'stages')} and {storage.join(folder, _PURGED)}, and all is made anew"
        )
