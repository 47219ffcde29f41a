"""Files of robots and of text and data mining that a run is given: found, and read into the sites they speak for."""

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import urlsplit

from pipeline.cells.parts import digest
from pipeline.errors import ConfigError, InputError
from pipeline.inputs.files import expand, part_of
from pipeline.inputs.streams import RetryingStream
from pipeline.kernels.opt_out.robots_txt import MOST_BYTES
from pipeline.kernels.opt_out.sites import ROBOTS_PATH, TDM_PATH, site_named, site_of
from pipeline.kernels.warc.encodings import BodyTooLargeError, UndecodableBodyError
from pipeline.kernels.warc.http import decode_body, parse_head
from pipeline.kernels.warc.records import Response, ScanReport, read_responses
from pipeline.stores import storage

ROBOTS, TDM = range(2)
"""Kinds of files: `robots.txt` and `tdmrep.json`."""
_PATHS = (ROBOTS_PATH, TDM_PATH)
_SUFFIXES = (".txt", ".json")
_WARCS = (".warc", ".warc.gz", ".warc.lz4", ".warc.zst")
# A longer file is read up to its bound; one that is far longer than that is none.
_MOST_DECODED = 8 << 20
LATEST = (1 << 63) - 1
"""The time of what has none: a file in a folder is how things stand now."""


class GivenFile(NamedTuple):
    """A file that the user gave.

    Attributes:
        uri: By a path that every worker understands.
        bytes: Its size; -1 where it is not known.
        kind: `ROBOTS` or `TDM`.
        site: Of which it is the file; None for a WARC, which has those of many.
    """

    uri: str
    bytes: int
    kind: int
    site: str | None


class SiteFile(NamedTuple):
    """A file of one site.

    Attributes:
        site: Whose it is.
        time: When it was captured, in microseconds since the epoch; `LATEST` for a file of a folder.
        content: Its bytes; empty where the site had none.
    """

    site: str
    time: int
    content: bytes


def given_files(parameter: str, specs: Sequence[str], kind: int) -> tuple[list[GivenFile], str | None]:
    """Return the files that some words name, and a hash by which they are known; None where there is no word.

    Args:
        parameter: Its name, for errors.
        specs: Folders of files that are named after their sites, WARC files, globs, or listings behind `@`.
        kind: `ROBOTS` or `TDM`.

    Raises:
        ConfigError: One is not there, or holds no such file.
    """
    files: dict[str, GivenFile] = {}
    known_by: list[str] = []
    for spec in specs:
        before = len(files)
        try:
            for path, site in _files_at(spec):
                part = part_of(path)
                known_by.append(part.digest)
                files[part.uri] = GivenFile(part.uri, part.bytes, kind, site)
        except (InputError, OSError) as error:
            raise ConfigError(f"{parameter}: {error}") from error
        if len(files) == before:
            raise ConfigError(
                f"{parameter}: no file in '{spec}' that is named after its site (mill.example,"
                f" mill.example{_SUFFIXES[kind]}, mill.example/{PurePosixPath(_PATHS[kind]).name}), and no WARC file"
            )
    return [files[uri] for uri in sorted(files)], digest(sorted(known_by)) if specs else None


def _files_at(spec: str) -> Iterator[tuple[str, str | None]]:
    """Yield the files that one word names, with the sites they are named after, None for WARC files."""
    root = spec.rstrip("/")
    if storage.is_remote(spec) and not any(mark in spec for mark in "*?["):
        store, inner = storage.filesystem(root)
        if store.isdir(inner):
            paths = [store.unstrip_protocol(path) for path in store.find(inner)]
            yield from _of_folder(store.unstrip_protocol(inner), paths)
            return
    elif not spec.startswith("@") and Path(storage.local(root)).is_dir():
        folder = Path(storage.local(root))
        yield from _of_folder(str(folder), [str(path) for path in folder.rglob("*") if path.is_file()])
        return
    for path in expand(spec):
        yield path, None


def _of_folder(folder: str, paths: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    for path in sorted(paths):
        if path.lower().endswith(_WARCS):
            yield path, None
        elif (site := site_of_path(path.removeprefix(folder))) is not None:
            yield path, site


def site_of_path(path: str) -> str | None:
    """Return the site that a file of a folder is named after; None for a file that is named after none.

    >>> site_of_path("/mill.example.txt"), site_of_path("a/mill.example_8080/robots.txt"), site_of_path("/robots.txt")
    ('mill.example', 'mill.example:8080', None)
    >>> site_of_path("mill.example/.well-known/tdmrep.json"), site_of_path("mill.example"), site_of_path(".DS_Store")
    ('mill.example', 'mill.example', None)
    """
    *folders, name = [piece for piece in path.split("/") if piece and piece != ".well-known"]
    if name in [PurePosixPath(file_path).name for file_path in _PATHS]:
        return site_named(folders[-1]) if folders else None
    suffix = next((suffix for suffix in _SUFFIXES if name.endswith(suffix)), "")
    return None if name.startswith(".") else site_named(name.removesuffix(suffix))


def site_files(file: GivenFile) -> Iterator[SiteFile]:
    """Yield the files of sites that a given file holds; a damaged WARC gives what can be read of it."""
    if file.site is not None:
        with storage.open_for_reading(file.uri) as single:
            yield SiteFile(file.site, LATEST, single.read(MOST_BYTES + 1))
        return
    stream = RetryingStream(file.uri)
    try:
        for response in read_responses(stream, _MOST_DECODED, ScanReport()):
            site_file = _of_response(response, _PATHS[file.kind])
            if site_file is not None:
                yield site_file
    finally:
        stream.close()


def _of_response(response: Response, path: str) -> SiteFile | None:
    """Return what a response says of a site's file, None where it says nothing.

    A client's error says that there is none, and so no rule. A server's error says nothing of the rules, nor does a
    redirect: what it leads to is another response, which speaks for its own site.
    """
    site = site_of(response.url or "")
    head = parse_head(response.payload)
    if site is None or head is None or response.url is None or urlsplit(response.url.strip()).path != path:
        return None
    time = int(response.date.timestamp() * 1_000_000) if response.date else 0
    if 400 <= head.status < 500:
        return SiteFile(site, time, b"")
    if head.status != 200 or not response.payload_is_whole:
        return None
    try:
        body = decode_body(response.payload[head.body_start :], head.headers, _MOST_DECODED)
    except (BodyTooLargeError, UndecodableBodyError):
        return None
    return SiteFile(site, time, body[: MOST_BYTES + 1])


def packed(content: bytes) -> bytes:
    """Return the bytes of a file for the way to its pages.

    >>> unpacked(packed(b"User-agent: *"))
    b'User-agent: *'
    """
    return zlib.compress(content, 1)


def unpacked(content: bytes) -> bytes:
    """Return the bytes of a file that were `packed`."""
    return zlib.decompress(content)
