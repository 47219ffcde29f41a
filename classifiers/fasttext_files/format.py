"""fastText's binary file: where its parts are, and which row of the input matrix a word has.

The layout is that of fastText 0.9 (version 12 of the file): a header, the arguments, the dictionary, the input and the
output matrix. The dictionary is not read into Python objects: what is kept of it are three arrays, sorted by hash.
"""

import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from classifiers.model_folder import ModelError
from pipeline.kernels.array_types import Bytes, Counts, Int
from pipeline.kernels.compiled import compiled

MAGIC: Final = 793712314
VERSION: Final = 12
SUPERVISED: Final = 3
LOSSES: Final = {1: "hierarchical softmax", 2: "negative sampling", 3: "softmax", 4: "one-vs-all"}
_ARGUMENTS: Final = (
    *("dim", "ws", "epoch", "min_count", "neg", "word_ngrams"),
    *("loss", "model", "bucket", "minn", "maxn", "lr_update_rate"),
)


class FormatError(Exception):
    """The file is none of fastText's, or one that only fastText itself reads."""


class Header(NamedTuple):
    """What a file says before its dictionary.

    Attributes:
        arguments: Of the training, by name.
        entries: Words and labels of the dictionary.
        words: Words, which come first.
        start: Where the dictionary's entries begin, in bytes.
    """

    arguments: dict[str, int]
    entries: int
    words: int
    start: int


class Index(NamedTuple):
    """The words of a dictionary, sorted by hash, and by number where hashes are the same.

    Attributes:
        hashes: FNV-1a as fastText counts it, uint32 (entries,).
        numbers: Which entry has the hash, int32 (entries,).
        starts: Where entry `i` is in the file, int64 (entries,): not sorted, but by `i`.
        end: Where the dictionary ends in the file, int64 (1,).
    """

    hashes: npt.NDArray[np.uint32]
    numbers: npt.NDArray[np.int32]
    starts: Counts
    end: Counts


def read_header(path: Path) -> Header:
    """Read what a file says before its dictionary.

    Raises:
        FormatError: It is no model of fastText, of another version, or pruned.
    """
    with path.open("rb") as file:
        head = file.read(92)
    numbers = np.frombuffer(head[:56], "<i4")
    if len(head) < 92 or numbers[0] != MAGIC:
        raise FormatError(f"{path} is no model of fastText's: it does not begin with {MAGIC}")
    if numbers[1] != VERSION:
        raise FormatError(f"{path} has version {numbers[1]} of fastText's format, not {VERSION}")
    entries, words, _ = np.frombuffer(head, "<i4", 3, 64).tolist()
    _, pruned = np.frombuffer(head, "<i8", 2, 76).tolist()
    if pruned >= 0:
        raise FormatError(f"{path} is pruned, so quantised: fastText itself reads it")
    return Header(dict(zip(_ARGUMENTS, numbers[2:].tolist(), strict=True)), entries, words, 92)


def loss_of(path: Path) -> str:
    """Return how the outputs of a supervised model become probabilities: a value of `LOSSES`.

    Args:
        path: The file, quantised or not.

    Raises:
        FormatError: It is no model of fastText.
    """
    with path.open("rb") as file:
        head = file.read(56)
    numbers = np.frombuffer(head[: len(head) // 4 * 4], "<i4")
    loss = int(numbers[2 + _ARGUMENTS.index("loss")]) if len(numbers) == 14 and numbers[0] == MAGIC else 0
    if loss not in LOSSES:
        raise FormatError(f"{path} is no model of fastText's")
    return LOSSES[loss]


def index_of(path: Path, header: Header, cache: Path | None = None) -> Index:
    """Return the index of a file's dictionary, memory-mapped, so that the processes of a machine share it.

    The first process to ask writes it into the cache.

    Args:
        path: The file.
        header: Its header.
        cache: Where indices are; by itself `$XDG_CACHE_HOME/gristmill/fasttext` or the same under `~/.cache`, and where
            nothing can be written there, a folder of the user's own among the temporary files.

    Raises:
        ModelError: The index can be written nowhere.
    """
    status = path.stat()
    key = f"{path.resolve()}\n{status.st_size}\n{status.st_mtime_ns}\n{header}"
    name = hashlib.sha256(key.encode()).hexdigest()[:32]
    index, problems = None, []
    for make in (_home_cache, _temporary_cache) if cache is None else (lambda: cache,):
        try:
            folder = make() / name
            if not folder.is_dir():
                index = _indexed(np.memmap(path, np.uint8, "r"), header) if index is None else index
                _write(folder, index)
        except (OSError, RuntimeError) as error:  # a user without a home is a RuntimeError
            problems.append(str(error))
            continue
        return Index(*(np.load(folder / f"{field}.npy", mmap_mode="r", allow_pickle=False) for field in Index._fields))
    raise ModelError(
        f"the index of {path} can be written nowhere: {'; '.join(problems)}. Set XDG_CACHE_HOME to a folder for it"
    )


def _home_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gristmill" / "fasttext"


def _temporary_cache() -> Path:
    """Return a folder among the temporary files into which this user alone can write: an index is believed."""
    folder = Path(tempfile.gettempdir()) / f"gristmill-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise PermissionError(f"{folder} is not this user's alone")
    return folder / "fasttext"


def _write(folder: Path, index: Index) -> None:
    """Write an index; where another process was quicker, its one stays."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        new = Path(temporary) / "index"
        new.mkdir()
        for name, values in index._asdict().items():
            np.save(new / f"{name}.npy", values)
        try:
            new.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise


def _indexed(file: Bytes, header: Header) -> Index:
    hashes, starts = np.empty(header.entries, np.uint32), np.empty(header.entries, np.int64)
    end = scan_entries(file, header.start, hashes, starts)
    numbers = np.argsort(hashes, kind="stable").astype(np.int32)
    return Index(hashes[numbers], numbers, starts, np.array([end]))


def words_at(file: Bytes, starts: Counts) -> list[str]:
    """Return the words that begin at some offsets."""
    spans = (file[start : start + 4096].tobytes() for start in starts)
    return [span.partition(b"\0")[0].decode("utf-8", "replace") for span in spans]


@compiled
def hash_of(data: Bytes, start: Int, end: Int) -> Int:
    """Return FNV-1a of some bytes, which count as signed ones: what fastText has always done."""
    value = 2166136261
    for at in range(start, end):
        byte = int(data[at])
        value = ((value ^ (byte if byte < 128 else byte | 0xFFFFFF00)) * 16777619) & 0xFFFFFFFF
    return value


@compiled
def scan_entries(file: Bytes, start: Int, hashes: npt.NDArray[np.uint32], starts: Counts) -> Int:
    """Write hash and offset of every entry of a dictionary; return where it ends.

    An entry is a word, a zero byte, its count (8 bytes) and its type (1).
    """
    at = start
    for number in range(len(hashes)):
        end = at
        while file[end] != 0:
            end += 1
        hashes[number] = hash_of(file, at, end)
        starts[number] = at
        at = end + 10
    return at
