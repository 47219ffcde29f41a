"""Files of URL lists: which files a word of the user names, of which category, and by which hash they are known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import IO

from xxhash import xxh3_128

from pipeline.cells.parts import digest
from pipeline.errors import ConfigError, near_miss
from pipeline.stores import storage

BUNDLED = "bundled"
_SHIPPED: Traversable = files(__package__) / "lists"
_IN_CATEGORY = ("domains", "urls", "domains.gz", "urls.gz")
_ARCHIVES = (".tar.gz", ".tgz", ".tar")
_KEY = "url_screen.lists"


@dataclass(frozen=True)
class ListFile:
    """A file of URL lists.

    Attributes:
        path: Path or URL; below `bundled/` for one that ships.
        category: Of its entries; "" for an archive, whose folders name them.
        content_hash: Hash of its bytes.
    """

    path: str
    category: str
    content_hash: str = ""

    @property
    def is_archive(self) -> bool:
        """Whether it holds the lists of many categories."""
        return self.path.lower().endswith(_ARCHIVES)

    def open(self) -> IO[bytes]:
        """Open it for reading its bytes as they are stored.

        Raises:
            ConfigError: They are others than the driver saw.
        """
        if self.content_hash and _hash_of(self.path) != self.content_hash:
            raise ConfigError(f"{_KEY}: '{self.path}' holds something else here than where the job was started")
        return _open(self.path)


def _open(path: str) -> IO[bytes]:
    if path.startswith(f"{BUNDLED}/"):
        return _SHIPPED.joinpath(*path.split("/")[1:]).open("rb")
    return storage.open_for_reading(path)


def _hash_of(path: str) -> str:
    with _open(path) as stream:
        return storage.hash_of(stream, xxh3_128)


def list_files(sources: Sequence[str]) -> list[ListFile]:
    """Return the files that some words stand for, each with its hash, in order of category and path.

    Args:
        sources: `bundled`, a folder as UT1 has it (`<category>/domains`), an archive of one, or `category=path`.

    Raises:
        ConfigError: One of them is not there, or holds no list.
    """
    lists: dict[tuple[str, str], ListFile] = {}
    for source in sources:
        files_there = list(_files_of(source))
        if not files_there:
            raise ConfigError(f"{_KEY}: no list in '{source}': a folder holds <category>/domains or <category>/urls")
        lists |= {(file.category, file.path): file for file in files_there}
    return [ListFile(path, name, _hash_of(path)) for name, path in sorted(lists)]


def lists_digest(lists: Sequence[ListFile]) -> str:
    """Return a hash of some files' categories and bytes, wherever they lie."""
    return digest(
        sorted((file.category, file.is_archive, file.path.endswith(".gz"), file.content_hash) for file in lists)
    )


def _files_of(source: str) -> Iterator[ListFile]:
    if source == BUNDLED:
        for shipped in _SHIPPED.iterdir():
            inside = [file.name for file in shipped.iterdir()] if shipped.is_dir() else []
            yield from (ListFile(f"{BUNDLED}/{shipped.name}/{name}", shipped.name) for name in inside)
        return
    category, path = _named(source)
    if not storage.exists(path):
        above = path.rstrip("/").rpartition("/")[0]
        beside = [storage.join(above, name) if above else name for name in storage.names(above or ".")]
        near = near_miss(path, [BUNDLED, *beside])
        raise ConfigError(f"{_KEY}: there is no '{path}'{near}")
    path = storage.absolute(path)
    if not (names := _visible(path)):
        if not _is_folder(path):
            yield ListFile(path, "" if path.lower().endswith(_ARCHIVES) else category or _stem(path))
        return
    if category:
        yield from (ListFile(storage.join(path, name), category) for name in names if _is_list(path, name))
        return
    for folder in names:
        if not _is_alias(path, folder):
            lists = [name for name in _visible(storage.join(path, folder)) if name in _IN_CATEGORY]
            yield from (ListFile(storage.join(path, folder, name), _checked(folder)) for name in lists)


def _named(source: str) -> tuple[str, str]:
    """Split `category=path`; a path may hold an equals sign, a category no slash."""
    category, equals, path = source.partition("=")
    if not equals or "/" in category:
        return "", source
    return _checked(category), path


def _checked(category: str) -> str:
    if not category or "," in category or category != category.strip():
        raise ConfigError(f"{_KEY}: '{category}' is no name of a category: no comma, no space around it")
    return category


def _stem(path: str) -> str:
    name = path.rstrip("/").rpartition("/")[2].removesuffix(".gz")
    return _checked(name.rpartition(".")[0] or name)


def _visible(folder: str) -> list[str]:
    return [name for name in storage.names(folder) if not name.startswith(".")]


def _is_folder(path: str) -> bool:
    return not storage.is_remote(path) and Path(storage.local(path)).is_dir()


def _is_list(folder: str, name: str) -> bool:
    return not _is_folder(storage.join(folder, name)) and not name.lower().endswith((".md", *_ARCHIVES))


def _is_alias(folder: str, name: str) -> bool:
    """Tell whether a folder is a second name of one beside it: UT1 has `porn` for `adult`."""
    path = Path(storage.local(storage.join(folder, name)))
    return not storage.is_remote(folder) and path.is_symlink() and path.resolve().parent == path.parent.resolve()
