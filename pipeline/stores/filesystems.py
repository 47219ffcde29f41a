"""The file system of a URL, made once per store and process.

fsspec and not pyarrow.fs. Of an S3 server on the same machine, s3fs reads a small object in one request and writes it
in one (4 ms each); pyarrow.fs needs two and three (4 and 18 ms), reads streams without reading ahead, and has no
conditional puts. It is the base of `hdfs://` alone, behind fsspec's wrapper. Two of fsspec's habits are not ours: s3fs
reads 50 MB ahead (see `reading.py`), and listings are remembered.

Credentials and endpoints come from the environment, as fsspec, boto and their like read them (`AWS_ENDPOINT_URL`,
`AWS_ACCESS_KEY_ID`, `FSSPEC_S3_…`).
"""

import os
from typing import Any

import fsspec
from fsspec import asyn
from fsspec.registry import known_implementations

from pipeline.errors import ConfigError, near_miss
from pipeline.stores.paths import normal

_NO_LISTINGS = {"s3", "gs", "gcs", "abfs", "abfss", "az"}
"""Stores that would remember listings, and whose clients take it that we want none of that."""
_CONNECTIONS = 32
_EXTRAS = {"s3": "s3", "http": "http", "https": "http"}
# By process as well: a client's threads and sockets stay behind when its process forks, so a child makes its own. The
# parent's stay in the table, for to collect one would wait for a loop that does not run in the child.
_made: dict[tuple[int, str, str], Any] = {}
os.register_at_fork(
    after_in_child=asyn.reset_lock
)  # fsspec's thread is gone in a child; its older versions overlook it


def filesystem(path: str) -> tuple[Any, str]:
    """Return fsspec's file system of a URL and the path inside it.

    >>> store, inner = filesystem("memory://runs/first")
    >>> filesystem("memory://other")[0] is store, inner
    (True, '/runs/first')

    Raises:
        ConfigError: There is no such kind of store, or what it needs is not installed.
    """
    path = normal(path)
    if "::" in path:
        store, inner = fsspec.url_to_fs(path)
        return store, str(inner)
    protocol = path.partition("://")[0]
    kind = _kind(protocol, path)
    options = {**_options(protocol), **kind._get_kwargs_from_urls(path)}
    key = (os.getpid(), protocol, repr(sorted(options.items())))
    store = _made.get(key)
    if store is None:
        store = _made[key] = _make(kind, options, protocol, path)
    return store, str(store._strip_protocol(path))


def is_s3(store: Any) -> bool:
    """Tell whether a file system is S3 or a store that speaks its language."""
    return "s3" in store.protocol


def _options(protocol: str) -> dict[str, Any]:
    options: dict[str, Any] = {"use_listings_cache": False} if protocol in _NO_LISTINGS else {}
    if protocol == "s3":
        theirs = fsspec.config.conf.get("s3", {}).get("config_kwargs", {})
        options["config_kwargs"] = {"max_pool_connections": _CONNECTIONS, **theirs}
    return options


def _kind(protocol: str, path: str) -> Any:
    try:
        return fsspec.get_filesystem_class(protocol)
    except ImportError as error:
        package = known_implementations.get(protocol, {}).get("class", "").partition(".")[0]
        extra = f"'gristmill[{_EXTRAS[protocol]}]'" if protocol in _EXTRAS else package
        install = f"pip install {extra}" if extra != "fsspec" else str(error)
        raise ConfigError(f"{path}: what reads {protocol}:// is not installed: {install}") from error
    except ValueError as error:
        raise ConfigError(f"{path}: no kind of store is named {protocol}://{near_miss(protocol, _names())}") from error


def _names() -> list[str]:
    return sorted({"file", *known_implementations})


def _make(kind: Any, options: dict[str, Any], protocol: str, path: str) -> Any:
    try:
        return kind(**options)
    except (ImportError, OSError) as error:
        if "hdfs" not in protocol:
            raise
        reason = str(error).partition("\n")[0]
        raise ConfigError(
            f"{path}: hdfs:// needs Hadoop's native client libhdfs.so, which does not start here ({reason}): set "
            "JAVA_HOME, HADOOP_HOME (or ARROW_LIBHDFS_DIR), and CLASSPATH to what `hadoop classpath --glob` prints"
        ) from error
