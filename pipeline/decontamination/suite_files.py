"""Files of suites: which files some places hold, what each is called, and which of its fields are what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator
from xxhash import xxh3_128

from pipeline.cells.parts import digest
from pipeline.errors import ConfigError, near_miss
from pipeline.stores import storage

_KEY = "decontaminate"
_ENDS = (".jsonl", ".jsonl.gz", ".json.gz", ".ndjson", ".ndjson.gz")
_SPLITS = frozenset({"test", "train", "dev", "valid", "validation", "val", "main", "data", "default", "eval"})
_SHIPPED = files(__package__) / "suites.yaml"


class SuiteFields(BaseModel):
    """How the items of a suite are read; see `suites.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    files: tuple[str, ...] = ()
    question: tuple[str, ...] = ()
    answer: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    passage: tuple[str, ...] = ()
    answer_after: str = ""
    left_out: str = ""

    @field_validator("files", "question", "answer", "choices", "passage", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.question and not self.left_out:
            raise ValueError("it names neither 'question' nor why it is 'left_out'")
        return self


@dataclass(frozen=True)
class SuiteFile:
    """A file of items.

    Attributes:
        path: Path or URL.
        suite: What its items are reported under.
        is_training: Whether it is a training set of a benchmark.
        fields: What its fields are; None where that is guessed.
        content_hash: Hash of its bytes.
    """

    path: str
    suite: str
    is_training: bool
    fields: SuiteFields | None
    content_hash: str


def declared_suites(own: str | None) -> dict[str, SuiteFields]:
    """Return the suites that a list of the user's declares, and behind them those that ship.

    Raises:
        ConfigError: The list is not there, or not of the form of `suites.yaml`.
    """
    declared = {} if own is None else _read_list(own)
    return declared | {name: fields for name, fields in _shipped().items() if name not in declared}


@cache
def _shipped() -> dict[str, SuiteFields]:
    return _parsed(_SHIPPED.read_text(encoding="utf-8"), "suites.yaml")


def _read_list(path: str) -> dict[str, SuiteFields]:
    if not storage.exists(path):
        raise ConfigError(f"{_KEY}.suite_list: there is no '{path}'")
    with storage.open_for_reading(path) as stream:
        return _parsed(stream.read().decode(), path)


def _parsed(text: str, path: str) -> dict[str, SuiteFields]:
    try:
        loaded = yaml.safe_load(text) or {}
        return {str(name): SuiteFields.model_validate(fields) for name, fields in loaded.items()}
    except (yaml.YAMLError, ValidationError, AttributeError) as error:
        raise ConfigError(f"{_KEY}.suite_list: '{path}' is no list of suites: {error}") from error


def suite_files(
    places: Sequence[str], training: Sequence[str], declared: Mapping[str, SuiteFields]
) -> tuple[SuiteFile, ...]:
    """Return the files of suites in some places, in order of suite and path.

    Args:
        places: Folders and files of JSON lines, gz or not, with test sets.
        training: Likewise, with training sets.
        declared: Suites whose fields are known.

    Raises:
        ConfigError: A place is not there, or holds no file of JSON lines.
    """
    listed = []
    for name, sources, is_training in (("suites", places, False), ("train_suites", training, True)):
        for source in sources:
            paths = list(_files_below(source, name))
            if not paths:
                raise ConfigError(f"{_KEY}.{name}: no file in '{source}' ends in {', '.join(_ENDS)}")
            listed += [_suite_file(path, storage.absolute(source), declared, is_training) for path in paths]
    return tuple(sorted(listed, key=lambda file: (file.suite, file.is_training, file.path)))


def files_digest(suites: Sequence[SuiteFile]) -> str:
    """Return a hash of what some files hold and of how they are read, wherever they lie."""
    return digest(
        sorted(
            (file.suite, file.is_training, file.fields.model_dump_json() if file.fields else "", file.content_hash)
            for file in suites
        )
    )


def _files_below(directory: str, name: str) -> Iterator[str]:
    if not storage.exists(directory):
        above = directory.rstrip("/").rpartition("/")[0]
        beside = [storage.join(above, each) if above else each for each in storage.names(above or ".")]
        raise ConfigError(f"{_KEY}.{name}: there is no '{directory}'{near_miss(directory, beside)}")
    path = storage.absolute(directory)
    if path.lower().endswith(_ENDS):
        yield path
        return
    folders = [path]
    while folders:
        folder = folders.pop()
        for each in storage.names(folder):
            inner = storage.join(folder, each)
            if each.startswith("."):
                continue
            if each.lower().endswith(_ENDS):
                yield inner
            elif storage.is_remote(inner) or Path(storage.local(inner)).is_dir():
                folders += [inner] if storage.names(inner) else []


def _suite_file(path: str, directory: str, declared: Mapping[str, SuiteFields], is_training: bool) -> SuiteFile:  # noqa: FBT001
    stem = _stem(path)
    above = path.removesuffix(path.rpartition("/")[2]).rstrip("/")
    folder = above.rpartition("/")[2] if above != directory.rstrip("/") and path != directory else ""
    suite = folder if folder and stem.lower() in _SPLITS else stem
    fields = next((kind for kind in declared.values() if _fits(kind, stem, folder)), None)
    with storage.open_for_reading(path) as stream:
        return SuiteFile(path, suite, is_training, fields, storage.hash_of(stream, xxh3_128))


def _stem(path: str) -> str:
    name = path.rpartition("/")[2]
    end = max((end for end in _ENDS if name.lower().endswith(end)), key=len)
    return name[: -len(end)]


def _fits(fields: SuiteFields, stem: str, folder: str) -> bool:
    names = [name for name in (stem.lower(), folder.lower()) if name]
    return any(fnmatchcase(name, pattern.lower()) for pattern in fields.files for name in names)
