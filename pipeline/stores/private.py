"""Folders in the machine's place for temporary files that are this user's alone, whoever else may write there."""

import os
import re
import shutil
import stat
import tempfile
from functools import cache
from pathlib import Path
from typing import IO, Any

from xxhash import xxh3_64_hexdigest

from pipeline.stores.processes import birth, is_gone, named, short_namespace

_OF_JVM = re.compile(r"jvm-(\d+)-([0-9a-f]*-\d*)")
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
    for left in (*parent.iterdir(), *_of_jvms(parent.name)):
        if (owner := _owner_of(left.name, here)) is not None and is_gone({**ours, **owner}):
            shutil.rmtree(left, ignore_errors=True)
    folder = parent / f"{os.getpid()}-{ours['birth'] or ''}-{here}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _of_jvms(name: str) -> list[Path]:
    """Return what is in the folder below /tmp that JVMs take instead of one whose path is too long for sockets."""
    folder = Path("/tmp") / name  # noqa: S108  (this user's own, or not looked into)
    try:
        return list(folder.iterdir()) if folder.lstat().st_uid == os.getuid() else []
    except OSError:
        return []


def _owner_of(name: str, here: str) -> dict[str, Any] | None:
    """Return pid and birth of the process whose folder has a name; None where it may be of another host."""
    if match := re.fullmatch(rf"(\d+)-(\d*)-{here}", name):
        return {"pid": int(match[1]), "birth": match[2] or None}
    if (match := _OF_JVM.fullmatch(name)) and match[2] == short_namespace():  # made by spark-env.sh
        pid = int(match[1])
        return {"pid": pid, "birth": birth(pid)}
    return None
