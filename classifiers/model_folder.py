"""A model as a folder: its weights, what it is, and hashes of all its files, which are checked when it is loaded.

`model.json` holds a `ModelInfo`, `card.md` what people want to know of it; the weights are as its kind wants them.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

INFO: Final = "model.json"
CARD: Final = "card.md"
Kind = Literal["linear", "fasttext", "encoder", "embedding+head", "table", "letters"]


class ModelError(Exception):
    """A model's folder is not what it says it is, or not what this code reads."""


class Threshold(BaseModel):
    """From which score on a text is taken for one of a label's.

    Attributes:
        value: The score.
        how: How it was chosen, in a sentence.
    """

    model_config = ConfigDict(extra="forbid")

    value: float
    how: str


class ModelInfo(BaseModel):
    """What a model is.

    Attributes:
        name: As configurations call it.
        kind: What reads its weights.
        labels: What its scores are of, in their order.
        good: The label whose high score speaks for a text; None where none does, as with topics.
        max_chars: Code points of a text that it is shown, from the start.
        languages: ISO 639-1; empty for any.
        licence: Of the weights, as an SPDX identifier or words.
        trained_on: What it was fitted on, in words.
        training_digest: The sha256 of those data.
        thresholds: Label → from where on it counts.
        settings: What its kind needs to know beside the weights.
        files: The other files of the folder → their sha256.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    kind: Kind
    labels: list[str] = Field(min_length=1)
    good: str | None = None
    max_chars: int = Field(20_000, ge=1)
    languages: list[str] = []
    licence: str
    trained_on: str
    training_digest: str
    thresholds: dict[str, Threshold] = {}
    settings: dict[str, Any] = {}
    files: dict[str, str] = {}


def read_info(folder: Path) -> ModelInfo:
    """Read what a model is, and check that its files are those it was saved with.

    Raises:
        ModelError: A file is missing or another one, or `model.json` is none.
    """
    try:
        info = ModelInfo.model_validate_json((folder / INFO).read_bytes())
    except FileNotFoundError:
        raise ModelError(f"{folder} is no model: it holds no {INFO}") from None
    except ValidationError as error:
        raise ModelError(f"{folder / INFO} is no description of a model: {error}") from None
    for name, digest in info.files.items():
        try:
            actual = digest_of(folder / name)
        except FileNotFoundError:
            raise ModelError(f"{folder} lacks {name}") from None
        if actual != digest:
            raise ModelError(f"{folder / name} has sha256 {actual}, not {digest}: its scores would be others")
    return info


def write_info(folder: Path, info: ModelInfo) -> None:
    """Write the description of a model whose other files, the card apart, are in its folder; it takes their hashes."""
    paths = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    names = sorted(set(paths) - {INFO, CARD})
    described = info.model_copy(update={"files": {name: sha256_of(folder / name) for name in names}})
    (folder / INFO).write_text(described.model_dump_json(indent=1) + "\n", encoding="utf-8")


def digest_of(path: Path) -> str:
    """The hash of a file, taken once a process as long as its size and its time stay: weights have gigabytes."""
    path = path.resolve()
    status = path.stat()
    return _digest_of(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=4096)
def _digest_of(path: Path, _size: int, _changed: int) -> str:
    return sha256_of(path)


def sha256_of(path: Path) -> str:
    """The hash of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
