"""Where machine code of compiled kernels is kept: apart for each state of their sources.

Numba renews a function's code when its own file changes, not when the file of a function that it calls does. So code is
kept in a folder that is named by a digest of all kernels, and a change of any of them starts a new one.
"""

import os
from pathlib import Path
from typing import Any

import numba
from xxhash import xxh3_64

_KERNELS = Path(__file__).parent
_SETTINGS: Any = numba.config  # whose attributes are set as numba starts


def sources_digest(folder: Path) -> str:
    """Hash of all Python sources in a folder; "" where they are no files, as in a zip archive.

    >>> len(sources_digest(_KERNELS)), sources_digest(_KERNELS / "nothing")
    (16, '')
    """
    digest = xxh3_64()
    paths = sorted(folder.rglob("*.py")) if folder.is_dir() else []
    for path in paths:
        digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest() if paths else ""


def keep_by_sources() -> None:
    """Tell numba to keep machine code under `NUMBA_CACHE_DIR`, or beside the kernels, by their digest."""
    digest = sources_digest(_KERNELS)
    given = _SETTINGS.CACHE_DIR
    beside = _KERNELS / "__pycache__"
    if not digest or Path(given).name == digest:
        return
    if not given and not os.access(beside if beside.is_dir() else _KERNELS, os.W_OK):
        beside = Path.home() / ".cache" / "gristmill"
    _SETTINGS.CACHE_DIR = str((Path(given) if given else beside) / digest)
