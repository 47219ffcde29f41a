"""Entries of URL lists: from the bytes of a file to hosts and addresses as canonical URLs have them.

Nearly all lines of long lists are plain hosts, and those never become Python strings: Arrow finds them by a pattern.
What is left is rewritten by patterns, kind by kind (hosts files, `||host^`, `*.host`), and the odd rest line by line.
"""

import gzip
import ipaddress
import re
import tarfile
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple, cast
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import ConfigError
from pipeline.kernels.urls.addresses import canonical_url
from pipeline.url_screen.list_files import ListFile

CHUNK = 16 << 20
"""Bytes of lines at a time."""
_MOST_OF_LINE = 1 << 20
_LABELS = r"[a-z0-9_-]+(\.[a-z0-9_-]+)+"
_PLAIN = rf"^{_LABELS}(/([a-zA-Z0-9_~-][a-zA-Z0-9._~-]*/?)*)?$"
_SILENT = r"^([#!;].*|\[[A-Za-z ]+.*|)$"
_REWRITES = (
    (r"[ \t]+[#;!].*$", ""),
    (r"^(?:0\.0\.0\.0|127\.0\.0\.1|::1?)[ \t]+([^ \t]+)$", r"\1"),
    (r"^\|\|([^/^$*|]+)\^$", r"\1"),
    (rf"^(?:\*\.|\.)({_LABELS})$", r"\1"),
    (rf"^({_LABELS})\.$", r"\1"),
)
# What hosts files give this machine and its networks as names: no entries, and nothing is wrong with them.
_OWN_NAMES = frozenset(
    {
        "localhost", "localhost.localdomain", "local", "broadcasthost", "ip6-localhost", "ip6-loopback", "ip6-localnet",
        "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters", "ip6-allhosts", "127.0.0.1",
        "0.0.0.0",  # noqa: S104  (nothing is bound to it)
    }
)  # fmt: skip
_PAGELESS = re.compile(r"(?:[a-z]+://)?[^/?#]*/?#.+", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")


class Entries(NamedTuple):
    """What stands in a stretch of a list.

    Attributes:
        entries: Hosts, and hosts with a path and query: without scheme, user and port.
        broken: Lines that are no entry and no comment.
    """

    entries: pa.Array
    broken: int


def lists_in(file: ListFile) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the category of every list in a file and a stream of its bytes, uncompressed; read one before the next."""
    with file.open() as stream:
        is_packed = stream.read(2) == b"\x1f\x8b"
        stream.seek(0)
        content = cast("IO[bytes]", gzip.GzipFile(fileobj=stream)) if is_packed else stream
        if file.is_archive:
            yield from _members(content)
        else:
            yield file.category, content


def _members(stream: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            *_, folder, name = ("", "", *member.name.split("/"))
            content = archive.extractfile(member) if member.isfile() and name in ("domains", "urls") else None
            if content is not None and folder:
                yield folder.replace(",", " "), content
    while stream.read(CHUNK):  # a cut file says so at its end
        pass


def entries_in(file: ListFile) -> Iterator[tuple[str, Entries]]:
    """Yield the category and the entries of every list in a file, some megabytes of lines at a time.

    Raises:
        ConfigError: It cannot be uncompressed.
    """
    try:
        for category, stream in lists_in(file):
            for entries in entries_of(stream):
                yield category, entries
    except (gzip.BadGzipFile, EOFError, zlib.error, tarfile.TarError) as error:
        raise ConfigError(f"url_screen.lists: '{file.path}' cannot be unpacked: {error}") from error


def entries_of(stream: IO[bytes]) -> Iterator[Entries]:
    r"""Yield the entries of a list, some megabytes of lines at a time; a line longer than one is broken.

    >>> import io
    >>> list_ = b"# bad ones\nbad.example\n127.0.0.1 localhost worse.example # spam\nhttp://B\xc3\xbc.example:80/x/\n?"
    >>> some = list(entries_of(io.BytesIO(list_)))
    >>> [entry for each in some for entry in each.entries.to_pylist()], sum(each.broken for each in some)
    (['bad.example', 'worse.example', 'xn--b-eha.example/x/'], 1)
    """
    rest, too_long = b"", False
    while piece := stream.read(CHUNK):
        if too_long:  # what is left of such a line
            _, ended, piece = piece.partition(b"\n")
            too_long = not ended
        begun = rest + piece
        end = begun.rfind(b"\n") + 1
        if end:
            yield _read_lines(_lines(begun[:end]))
        rest = begun[end:]
        if len(rest) > _MOST_OF_LINE:
            yield Entries(pa.array([], pa.string()), 1)
            rest, too_long = b"", True
    if rest:
        yield _read_lines(_lines(rest))


def _lines(content: bytes) -> pa.Array:
    try:
        content.decode()
    except UnicodeDecodeError:
        content = content.decode("latin-1").encode()
    ends = np.flatnonzero(np.frombuffer(content, np.uint8) == 10) + 1
    offsets = np.concatenate((np.zeros(1, np.int32), ends, np.array([len(content)]))).astype(np.int32)
    return pc.utf8_trim(
        pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(content)), " \t\r\n\ufeff"
    )


def _read_lines(lines: pa.Array) -> Entries:
    plain, odd = _apart(lines, _PLAIN)
    odd = _apart(odd, _SILENT)[1]
    for pattern, replacement in _REWRITES if len(odd) else ():
        odd = pc.replace_substring_regex(odd, pattern, replacement)
    rewritten, odd = _apart(odd, _PLAIN)
    odd_entries, broken = [], 0
    for line in odd.to_pylist():
        entries = _odd_line(line)
        broken += entries is None
        odd_entries += entries or []
    rewritten = rewritten.filter(pc.invert(pc.is_in(rewritten, pa.array(sorted(_OWN_NAMES)))))
    return Entries(pa.concat_arrays([plain, rewritten, pa.array(odd_entries, pa.string())]), broken)


def _apart(lines: pa.Array, pattern: str) -> tuple[pa.Array, pa.Array]:
    is_such = pc.match_substring_regex(lines, pattern)
    return lines.filter(is_such), lines.filter(pc.invert(is_such))


def _odd_line(line: str) -> list[str] | None:
    """Return the entries of a line of any kind, None where it is broken."""
    words = line.split()
    if not words:
        return []
    if len(words) > 1:
        if not _is_address(words[0]):
            return None
        entries = [entry for word in words[1:] if (entry := normal_entry(word)) is not None]
        return entries if all(_is_own(word) or normal_entry(word) is not None for word in words[1:]) else None
    if _is_own(line):
        return []
    entry = normal_entry(line)
    return None if entry is None else [entry]


def _is_own(word: str) -> bool:
    return word.lower() in _OWN_NAMES


def _is_address(word: str) -> bool:
    try:
        ipaddress.ip_address(word.partition("%")[0])
    except ValueError:
        return False
    return True


def normal_entry(word: str) -> str | None:
    """Return a host, or a host with path and query, as canonical URLs have it; None where it is neither.

    >>> normal_entry("*.Mühle.example"), normal_entry("HTTPS://me@Mill.example:8443/a/../b?y=1&x=2")
    ('xn--mhle-0ra.example', 'mill.example/b?x=2&y=1')
    >>> normal_entry("*.tk"), normal_entry("tk"), normal_entry("a b.example"), normal_entry("[::1]/x")
    ('tk', None, None, '[::1]/x')
    """
    if _is_own(word):
        return None
    if _PAGELESS.fullmatch(word):  # what is listed is one page, which canonical URLs do not know: not its host
        return None
    begins = re.match(r"\*?\.", word)
    address = word[begins.end() :] if begins else word
    if "://" not in address:
        address = f"http://{f'[{address}]' if address.count(':') > 1 and _is_address(address) else address}"
    url = canonical_url(address)
    try:
        split = urlsplit(url)
        host = (split.hostname or "").rstrip(".")
    except ValueError:
        return None
    if split.scheme not in ("http", "https") or not (begins or "." in host or ":" in host):
        return None
    if ":" in host:
        host = f"[{host}]"
    elif not _HOST.fullmatch(host):
        return None
    address = split.path + (f"?{split.query}" if split.query else "")
    return host if address == "/" else host + address
