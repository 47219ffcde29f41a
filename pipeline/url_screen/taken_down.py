"""Lists of what is taken down: addresses, hosts with all below them, documents; and which rows they mean.

A line is an entry; blank lines and those that begin with `#` are passed over. An address means one page, by its
canonical form, or as written where a table has it so. A host means itself and every host below it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream, digest
from pipeline.engine.stage import Params
from pipeline.engine.tables import FittedTables
from pipeline.errors import ConfigError
from pipeline.kernels.urls.addresses import canonical_url, host_of
from pipeline.stores import storage
from schemas.columns import DOC_ID, SOURCE_URL, URL, Column

URLS, HOSTS, DOC_IDS = "urls", "hosts", "doc_ids"
KINDS: Final = (URLS, HOSTS, DOC_IDS)
TAKEN_DOWN = Column("__taken_down", pa.bool_(), "Whether a list of what is taken down means the page", None)
"""What `url_screen` decides by."""
MATCHED_BY: Final = (DOC_ID, URL, SOURCE_URL)
_DOC_ID = re.compile(r"[0-9a-f]{32}")
_HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+")
_HOST_IN_URL: Final = r"^(?i:https?)://(?:[^/?#]*@)?(?P<host>\[[^\]]*\]|[^/?#:]*)"
_FIRST_LABEL: Final = r"^[^.]*\.?"
_MOST_LABELS: Final = 128
"""A name in DNS has 127 at most."""
_SHOWN: Final = 60


class Matched(NamedTuple):
    """What of a batch the lists mean.

    Attributes:
        rows: bool (rows,).
        entries: Kind → numbers of the entries that mean some row.
    """

    rows: npt.NDArray[np.bool_]
    entries: dict[str, set[int]]


@dataclass(frozen=True)
class Lists:
    """Entries by kind, once each, in a form that is compared.

    Attributes:
        urls: Addresses as written.
        hosts: In lower case and punycode.
        doc_ids: 32 hex digits, in lower case.
    """

    urls: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    doc_ids: tuple[str, ...] = ()

    def of(self, kind: str) -> tuple[str, ...]:
        """Return the entries of a kind."""
        entries: tuple[str, ...] = getattr(self, kind)
        return entries

    def __bool__(self) -> bool:
        """Tell whether there is any entry."""
        return any(self.of(kind) for kind in KINDS)

    def with_more(self, other: "Lists") -> "Lists":
        """Return the entries of both."""
        return Lists(*(tuple(dict.fromkeys((*self.of(kind), *other.of(kind)))) for kind in KINDS))

    @property
    def known_by(self) -> str:
        """Hash of the entries, in whatever order they stand."""
        return digest([sorted(self.of(kind)) for kind in KINDS])

    @cached_property
    def canonical(self) -> tuple[str, ...]:
        """The addresses by their canonical form."""
        return tuple(map(canonical_url, self.urls))

    @cached_property
    def _sets(self) -> dict[str, pa.Array]:
        values = {"canonical": self.canonical, **{kind: self.of(kind) for kind in KINDS}}
        return {name: pa.array(entries, pa.string()) for name, entries in values.items()}

    def match(self, rows: pa.RecordBatch | pa.Table) -> Matched:
        """Return which rows are meant, and by which entries.

        Args:
            rows: With the columns `MATCHED_BY`.
        """
        mask = np.zeros(rows.num_rows, bool)
        entries: dict[str, set[int]] = {kind: set() for kind in KINDS}

        def look(kind: str, values: pa.Array, among: str) -> npt.NDArray[np.bool_]:
            numbers = pc.index_in(values, self._sets[among])
            entries[kind].update(pc.unique(numbers).drop_null().to_pylist())
            met: npt.NDArray[np.bool_] = numbers.is_valid().to_numpy(zero_copy_only=False)
            return met

        url, source_url, doc_id = (_flat(rows.column(column.name)) for column in (URL, SOURCE_URL, DOC_ID))
        if self.urls:
            mask |= look(URLS, url, "canonical") | look(URLS, source_url, URLS)
        if self.doc_ids:
            mask |= look(DOC_IDS, doc_id, DOC_IDS)
        if self.hosts:
            hosts = hosts_of(url).dictionary_encode()
            met = np.zeros(len(hosts.dictionary) + 1, bool)  # the last stands for no host
            for names in parents_of(hosts.dictionary):
                met[:-1] |= look(HOSTS, names, HOSTS)
            mask |= met[pc.fill_null(hosts.indices, len(met) - 1).to_numpy(zero_copy_only=False)]
        return Matched(mask, entries)


def _flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    return column.cast(pa.string())


def hosts_of(urls: pa.Array) -> pa.Array:
    """Return the hosts of http(s) URLs in lower case, null for what is none.

    >>> hosts_of(pa.array(["https://me@A.Example:80/x@y", "17", "http://b.example."])).to_pylist()
    ['a.example', None, 'b.example']
    """
    names = pc.struct_field(pc.extract_regex(urls, _HOST_IN_URL), 0)
    return pc.utf8_rtrim(pc.utf8_lower(names), ".")


def parents_of(hosts: pa.Array) -> Iterable[pa.Array]:
    """Yield hosts, then the host above each, up to their last labels; "" where there is none left."""
    for _ in range(_MOST_LABELS):
        yield hosts
        hosts = pc.replace_substring_regex(hosts, _FIRST_LABEL, "", max_replacements=1)
        if not pc.any(pc.not_equal(hosts, "")).as_py():
            return


def read_lists(files: Mapping[str, str | None]) -> Lists:
    """Return the entries of files.

    Args:
        files: Kind → path or URL of a list; None for none.

    Raises:
        ConfigError: A file is not there or holds no entry, or a line is no entry of its kind.
    """
    return Lists(*(_read(kind, files[kind]) if files.get(kind) else () for kind in KINDS))


def _read(kind: str, path: str | None) -> tuple[str, ...]:
    assert path is not None
    try:
        content = storage.read(path).decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(f"no such list: {path}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is no text in UTF-8: {error}") from error
    entries = entries_in(kind, content.splitlines(), path)
    if not entries:
        raise ConfigError(f"{path} holds no entry")
    return entries


def entries_in(kind: str, lines: Sequence[str], where: str) -> tuple[str, ...]:
    """Return the entries of a list's lines, once each.

    Args:
        kind: urls, hosts or doc_ids.
        lines: Of the list.
        where: What errors call the list.

    Raises:
        ConfigError: A line is no entry.

    >>> entries_in("hosts", ["# spam", "*.Mühle.example", ""], "a list")
    ('xn--mhle-0ra.example',)
    """
    entries: dict[str, None] = {}
    for number, line in enumerate(lines, 1):
        word = line.strip()
        if not word or word.startswith("#"):
            continue
        entry = _NORMAL[kind](word)
        if entry is None:
            raise ConfigError(f"{where}:{number}: '{word[:_SHOWN]}' is {_WANTED[kind]}")
        entries[entry] = None
    return tuple(entries)


def _host(word: str) -> str | None:
    host = host_of(canonical_url(f"http://{word.removeprefix('*').strip('.')}/")) if "/" not in word else None
    return host if host and _HOST.fullmatch(host) and not set(word) & set(":@?# \t") else None


def _doc_id(word: str) -> str | None:
    return word.lower() if _DOC_ID.fullmatch(word.lower()) else None


_NORMAL: Final[Mapping[str, Callable[[str], str | None]]] = {URLS: str, HOSTS: _host, DOC_IDS: _doc_id}
_WANTED: Final = {
    HOSTS: "no name of a host with a dot in it: write www.example.org or example.org, and addresses into --urls",
    DOC_IDS: "no doc_id, which has 32 hex digits",
}


def kept_lists(folder: str) -> Lists:
    """Return the lists that a run keeps.

    Args:
        folder: With urls.txt, hosts.txt and doc_ids.txt, each of which may be lacking.
    """
    paths = {kind: storage.join(folder, f"{kind}.txt") for kind in KINDS}
    return read_lists({kind: path if storage.exists(path) else None for kind, path in paths.items()})


def keep_lists(folder: str, lists: Lists) -> None:
    """Write the lists that a run keeps; the next run of it goes by them."""
    for kind in KINDS:
        if lists.of(kind):
            storage.write(storage.join(folder, f"{kind}.txt"), "".join(f"{e}\n" for e in lists.of(kind)).encode())


class TakenDownParams(Params):
    """What is taken down depends on these."""

    folders: tuple[str, ...]
    """Where lists lie."""
    known_by: str
    """Hash of their entries."""


@lru_cache(maxsize=2)
def _lists_in(folders: tuple[str, ...], known_by: str) -> Lists:
    lists = all_lists(folders)
    if lists.known_by != known_by:
        raise ConfigError(f"url_screen.takedown: {', '.join(folders)}: the lists changed while the run was at work")
    return lists


def all_lists(folders: Sequence[str]) -> Lists:
    """Return the entries of all lists in some folders."""
    lists = Lists()
    for folder in folders:
        lists = lists.with_more(kept_lists(folder))
    return lists


def measure_taken_down(rows: BatchStream, params: TakenDownParams, _: FittedTables) -> BatchStream:
    """Add whether a page is taken down."""
    lists: Any = _lists_in(params.folders, params.known_by)
    for batch in rows:
        yield with_columns(batch, {TAKEN_DOWN: pa.array(lists.match(batch).rows)})
