"""Tokenised shards in the layout of Megatron-LM's indexed datasets: a sequence per document, with an end-of-text.

`.bin` holds the ids, one after the other. `.idx` holds, little-endian: 9 bytes of magic, the version (uint64), a code
of the ids' type (uint8), the numbers of sequences and of document bounds (uint64), the sequences' lengths (int32) and
byte offsets (int64), and the bounds (int64): Megatron-LM, `megatron/core/datasets/indexed_dataset.py`.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import IO, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.cells.checked_file import opened_parquet
from pipeline.errors import ManifestError
from pipeline.release.mixture_file import tokens_path
from pipeline.stores import storage
from schemas.columns import TEXT, TOKENS

Array = npt.NDArray[Any]
_MAGIC: Final = b"MMIDIDX\x00\x00"
_VERSION: Final = 1
_CODES: Final = {"uint16": 8, "int32": 4}
_BATCH: Final = 256
_PIECE: Final = 1 << 20


class TokenFile(NamedTuple):
    """A file of tokens.

    Attributes:
        path: Below the release.
        documents: Sequences in it.
        tokens: Of them, ends of texts not counted.
        bytes: Of the file.
        sha256: Of the file.
    """

    path: str
    documents: int
    tokens: int
    bytes: int
    sha256: str


class Ids(NamedTuple):
    """What tokens are written as.

    Attributes:
        end: Id of the end of a text: the first that the tokenizer does not use.
        kind: Name of the ids' type.
    """

    end: int
    kind: str


def ids_of(vocabulary: int) -> Ids:
    """Return how tokens of a vocabulary are written.

    >>> ids_of(32_000), ids_of(131_072).kind
    (Ids(end=32000, kind='uint16'), 'int32')
    """
    return Ids(vocabulary, "uint16" if vocabulary < 1 << 16 else "int32")


def write_tokens(release: str, shard: str, tokenizer: str, digest: str | None) -> list[TokenFile]:
    """Write the tokens of a shard; return the two files.

    Args:
        release: Where the release is made.
        shard: Path of its Parquet file below it.
        tokenizer: By which the mix has counted.
        digest: Of its file.

    Raises:
        ManifestError: A text has another number of tokens than its row says.
    """
    from classifiers.tokenizers import load_encoder

    encoder = load_encoder(tokenizer, digest)
    ids = ids_of(encoder.vocabulary)
    base = tokens_path(shard)
    lengths: list[Array] = []
    with storage.create(storage.join(release, f"{base}.bin")) as stream:
        hashed = _Hashed(stream)
        for batch in _documents(storage.join(release, shard)):
            encoded = encoder.tokens(batch.column(TEXT.name).to_pylist())
            counts = np.diff(encoded.offsets)
            if (counts != batch.column(TOKENS.name).to_numpy()).any():
                raise ManifestError(f"{shard}: the tokenizer gives other numbers of tokens than the mix has counted")
            hashed.write(np.insert(encoded.ids, encoded.offsets[1:], ids.end).astype(f"<{np.dtype(ids.kind).str[1:]}"))
            lengths.append(counts + 1)
    sizes = np.concatenate(lengths) if lengths else np.zeros(0, np.int64)
    tokens = int(sizes.sum()) - len(sizes)
    index = index_of(sizes, ids.kind)
    storage.write(storage.join(release, f"{base}.idx"), index)
    described = TokenFile(f"{base}.idx", len(sizes), tokens, len(index), hashlib.sha256(index).hexdigest())
    return [TokenFile(f"{base}.bin", len(sizes), tokens, hashed.bytes, hashed.sha256), described]


def _documents(path: str) -> Iterator[pa.RecordBatch]:
    with opened_parquet(path) as file:
        yield from file.iter_batches(_BATCH, columns=[TEXT.name, TOKENS.name])


class _Hashed:
    """Writes arrays, and hashes what it writes."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._hash, self.bytes = stream, hashlib.sha256(), 0

    def write(self, values: Array) -> None:
        content = values.tobytes()
        self._hash.update(content)
        self.bytes += len(content)
        self._stream.write(content)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


def index_of(sizes: Array, kind: str) -> bytes:
    """Return the index of sequences, each a document.

    Args:
        sizes: Ids of each.
        kind: Name of the ids' type.
    """
    width = np.dtype(kind).itemsize
    offsets = np.concatenate(([0], np.cumsum(sizes)[:-1])) if len(sizes) else np.zeros(0)
    head = _MAGIC + np.uint64(_VERSION).astype("<u8").tobytes() + bytes([_CODES[kind]])
    counts = np.array([len(sizes), len(sizes) + 1], "<u8").tobytes()
    arrays = (sizes.astype("<i4"), (offsets * width).astype("<i8"), np.arange(len(sizes) + 1, dtype="<i8"))
    return bytes(head + counts + b"".join(array.tobytes() for array in arrays))


def read_index(content: bytes) -> tuple[str, Array, Array]:
    """Return the type of the ids, the lengths of the sequences, and their byte offsets.

    Args:
        content: Of an `.idx` file.

    Raises:
        ManifestError: It is none.
    """
    if content[:9] != _MAGIC:
        raise ManifestError("no index of Megatron-LM's indexed datasets")
    kind = {code: name for name, code in _CODES.items()}[content[17]]
    count = int(np.frombuffer(content, "<u8", 1, 18)[0])
    sizes = np.frombuffer(content, "<i4", count, 34)
    return kind, sizes, np.frombuffer(content, "<i8", count, 34 + 4 * count)


def filter_tokens(release: str, target: str, base: str, kept: npt.NDArray[np.bool_]) -> list[TokenFile]:
    """Write the tokens of a shard without some documents, as `write_tokens` would; return the two files.

    Args:
        release: The release.
        target: Where the new files are made.
        base: Path of the shard's tokens below either, without `.bin` and `.idx`.
        kept: Which documents stay, bool (documents,).

    Raises:
        ManifestError: The tokens are of another number of documents.
    """
    kind, sizes, offsets = read_index(storage.read(storage.join(release, f"{base}.idx")))
    if len(sizes) != len(kept):
        raise ManifestError(f"{base}.idx has {len(sizes):,} documents, and its shard {len(kept):,}")
    ends = offsets + sizes.astype(np.int64) * np.dtype(kind).itemsize
    turns = np.flatnonzero(np.diff(np.concatenate(([False], kept, [False])).astype(np.int8)))
    with (
        storage.open_for_reading(storage.join(release, f"{base}.bin")) as source,
        storage.create(storage.join(target, f"{base}.bin")) as stream,
    ):
        hashed = _Hashed(stream)
        for first, behind in turns.reshape(-1, 2).tolist():
            source.seek(int(offsets[first]))
            left = int(ends[behind - 1] - offsets[first])
            while left:
                piece = source.read(min(left, _PIECE))
                if not piece:
                    raise ManifestError(f"{base}.bin is cut")
                hashed.write(np.frombuffer(piece, np.uint8))
                left -= len(piece)
    sizes = sizes[kept].astype(np.int64)
    index = index_of(sizes, kind)
    storage.write(storage.join(target, f"{base}.idx"), index)
    tokens = int(sizes.sum()) - len(sizes)
    described = TokenFile(f"{base}.idx", len(sizes), tokens, len(index), hashlib.sha256(index).hexdigest())
    return [TokenFile(f"{base}.bin", len(sizes), tokens, hashed.bytes, hashed.sha256), described]


def documents_in(release: str, base: str) -> Sequence[Array]:
    """Return the ids of every document of a small shard, ends of texts included.

    Args:
        release: The release.
        base: Path of the shard's tokens below it, without `.bin` and `.idx`.
    """
    kind, sizes, offsets = read_index(storage.read(storage.join(release, f"{base}.idx")))
    ids = np.frombuffer(storage.read(storage.join(release, f"{base}.bin")), np.dtype(kind).newbyteorder("<"))
    starts = offsets // np.dtype(kind).itemsize
    return [ids[start : start + size] for start, size in zip(starts, sizes, strict=True)]
