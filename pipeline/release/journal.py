"""New files of a release put in place together: all of them, or, until a journal is written, none.

They are made in `_takedown/new` below the release. The journal that names them is the commit: whoever finds one puts
the files in place, which may be done any number of times, the manifest last. What lies there without a journal is of a
job that was ended before its commit, and goes.
"""

from collections.abc import Callable, Sequence
from typing import Final

from pipeline.errors import ManifestError
from pipeline.release.layout import MANIFEST
from pipeline.release.published import sha256_of
from pipeline.stores import storage

FOLDER: Final = "_takedown"
_JOURNAL: Final = "journal.json"
_NEW: Final = "new"


def new_files(release: str) -> str:
    """Return the folder in which files are made that are to be put in place."""
    return storage.join(release, FOLDER, _NEW)


def is_pending(release: str) -> bool:
    """Tell whether files of a release are still to be put in place."""
    return storage.exists(storage.join(release, FOLDER, _JOURNAL))


def recover(release: str, say: Callable[[str], None]) -> bool:
    """Finish what was committed before, or remove what was not; tell whether anything was finished.

    Args:
        release: The folder of the manifest.
        say: Told what is done.
    """
    if is_pending(release):
        say(f"{release}: finishing the takedown that was interrupted")
        _put_in_place(release)
        return True
    if storage.names(storage.join(release, FOLDER)):
        say(f"{release}: an earlier takedown was interrupted before anything had changed")
    storage.remove(storage.join(release, FOLDER))
    return False


def replace_files(release: str, paths: Sequence[str]) -> None:
    """Put files that were made in `new_files` in the place of those that stand there; the manifest comes last.

    Args:
        release: The folder of the manifest.
        paths: Below it.
    """
    files = [[path, sha256_of(storage.join(new_files(release), path))] for path in (*paths, MANIFEST)]
    storage.write_json(storage.join(release, FOLDER, _JOURNAL), {"files": files})
    _put_in_place(release)


def _put_in_place(release: str) -> None:
    journal = storage.read_json(storage.join(release, FOLDER, _JOURNAL))
    assert journal is not None
    for path, sha256 in journal["files"]:
        source = storage.join(new_files(release), path)
        if sha256_of(source) != sha256:
            raise ManifestError(
                f"{source} is not what the interrupted takedown wrote: make the release anew by a run, or take it from"
                " a copy"
            )
        if path == MANIFEST:  # there is one at any time
            storage.write(storage.join(release, path), storage.read(source))
        else:
            storage.link(source, storage.join(release, path))
    storage.remove(storage.join(release, FOLDER, _JOURNAL))
    storage.remove(storage.join(release, FOLDER))
