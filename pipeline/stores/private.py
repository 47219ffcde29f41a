"""Folders in the machine's place for temporary files that are this user's alone, whoever else may write there."""

import os
import shutil
import stat
import tempfile
from functools import cache
from pathlib import Path
from typing import IO

from xxhash import xxh3_64_hexdigest

from pipeline.stores.processes import is_gone, named

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def private_folder(name: str) -> Path:
    """Return this user's folder for a purpose on this machine; another's, or a link, is never taken for it.

    Where somebody else has taken its name, it is a new one of this process.

    Args:
        name: What it is for.
    """
    folder = Path(tempfile.gettempdir()) / f"gristmill-{name}-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        status = folder.lstat()
        is_ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
        if not is_ours or status.st_mode & _OTHERS_WRITE:
            return _of_process(name)
        folder.chmod(0o700)
    return folder


@cache
def _of_process(name: str) -> Path:
    return Path(tempfile.mkdtemp(prefix=f"gristmill-{name}-"))


def open_private(path: Path) -> IO[bytes]:
    """Open a file for reading that this user wrote, and that nobody else can have written to.

    Raises:
        PermissionError: It is a link, another's, or one that others may write to.
        FileNotFoundError: There is none.
    """
    if path.is_symlink():
        raise PermissionError(f"{path} is a link")
    stream = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")
    status = os.fstat(stream.fileno())
    if status.st_uid != os.getuid() or status.st_mode & _OTHERS_WRITE:
        stream.close()
        raise PermissionError(f"{path} is not this user's own")
    return stream


def process_folder(parent: Path) -> Path:
    """Return a folder of this process's below another, once what processes that are gone left there is removed.

    Those of other hosts and containers, which may see the same disk, are let be.
    """
    ours = named(os.getpid())
    here = xxh3_64_hexdigest(f"{ours['host']} {ours['system']}".encode())
    for left in parent.iterdir():
        pid, _, began = left.name.removesuffix(f"-{here}").partition("-")
        is_of_here = left.name.endswith(f"-{here}") and pid.isdecimal()
        if is_of_here and is_gone({**ours, "pid": int(pid), "birth": began or None}):
            shutil.rmtree(left, ignore_errors=True)
    folder = parent / f"{os.getpid()}-{ours['birth'] or ''}-{here}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
