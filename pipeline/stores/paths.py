"""Paths as strings: a local path or a URL (`s3://bucket/run`)."""

from pathlib import Path

_SAME_STORE = {"s3a://": "s3://", "s3n://": "s3://"}
"""Hadoop's names of a store, and what everybody else calls it."""


def normal(path: str) -> str:
    """Return a path with the name of its store that we use ourselves.

    >>> normal("s3a://bucket/run"), normal("s3n://bucket"), normal("/s3a"), normal("hdfs://node:8020/run")
    ('s3://bucket/run', 's3://bucket', '/s3a', 'hdfs://node:8020/run')
    """
    ours = _SAME_STORE.get(path[:6])
    return ours + path[6:] if ours else path


def is_remote(path: str) -> bool:
    """Tell whether a path is a URL of a store rather than a local path.

    >>> is_remote("s3://bucket/x"), is_remote("file:///x"), is_remote("/x"), is_remote("x.warc.gz")
    (True, False, False, False)
    """
    return "://" in path and not path.startswith("file://")


def local(path: str) -> str:
    """Return a local path without its `file://` prefix.

    >>> local("file:///runs/first")
    '/runs/first'
    """
    return path.removeprefix("file://")


def join(root: str, *names: str) -> str:
    """Join names to a root with `/`.

    >>> join("s3://bucket/run/", "stages", "ingest")
    's3://bucket/run/stages/ingest'
    """
    return "/".join([root.rstrip("/"), *names])


def absolute(path: str) -> str:
    """Return a path that means the same in every process: a URL by our name of its store, a local path from the root.

    >>> absolute("s3a://bucket/run"), absolute("file:///runs/first")
    ('s3://bucket/run', '/runs/first')
    """
    return normal(path) if is_remote(path) else str(Path(local(path)).absolute())


def real(path: str) -> str:
    """Return the only path by which a file is meant: local links followed, a URL by our name of its store."""
    return normal(path) if is_remote(path) else str(Path(local(path)).resolve())
