"""Labelled documents, read from the tables that people have."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, model_validator

from classifiers.training.errors import ExamplesError
from classifiers.training.example_files import read_rows

Flags = npt.NDArray[np.bool_]


class ExamplesSpec(BaseModel):
    """Where examples are, and which columns say what.

    Attributes:
        files: Parquet, JSON lines, TSV or CSV with a header, fastText's lines (`.txt`); gz or zst for all but Parquet.
        text: Column of the texts.
        url: Column of their addresses; null for none.
        target: Column of what is to be learnt; a dotted path leads into structs.
        kind: label, one of several; labels, any number of them (a list, or joined by spaces); score, a number;
            probabilities, a list of numbers, one a label.
        labels: Their order; null for those that occur, sorted. A score is known by one name.
        scale: What scores are divided by.
        weight: Column of how much an example counts; null for 1.
        group: Column of what must not be in two folds; null for the registered domain of the URL, or the text itself.
        language: Column of the language; null for none.
        measured: Column of whether an example is measured, or learnt from alone; null measures all.
        where: Column → values; rows with others are left out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: tuple[str, ...] = Field(min_length=1)
    text: str = "text"
    url: str | None = None
    target: str = "label"
    kind: Literal["label", "labels", "score", "probabilities"] = "label"
    labels: tuple[str, ...] | None = None
    scale: float = Field(1.0, gt=0)
    weight: str | None = None
    group: str | None = None
    language: str | None = None
    measured: str | None = None
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_what_has_no_name(self) -> Self:
        if self.kind == "score" and (self.labels is None or len(self.labels) != 1):
            raise ValueError("labels: a score needs one name")
        if self.kind == "probabilities" and self.labels is None:
            raise ValueError("labels: probabilities need their names")
        return self


@dataclass(frozen=True)
class Examples:
    """Labelled documents.

    Attributes:
        texts: Large strings (n,).
        urls: Likewise; None where there are none.
        targets: What a model is to say, float64 (n, labels).
        labels: Names of the columns of `targets`.
        groups: What must not be in two folds, n of them.
        weights: How much each counts, float64 (n,).
        languages: n of them; empty where nobody knows.
        measured: Whether measures are taken on it, bool (n,).
        exclusive: Whether a text has one label alone.
    """

    texts: pa.Array
    urls: pa.Array | None
    targets: npt.NDArray[np.float64]
    labels: tuple[str, ...]
    groups: list[str]
    weights: npt.NDArray[np.float64]
    languages: list[str]
    measured: Flags
    exclusive: bool

    def __len__(self) -> int:
        """How many there are."""
        return len(self.texts)

    def take(self, rows: npt.NDArray[np.intp]) -> "Examples":
        """Return some of them."""
        chosen = pa.array(rows)
        return replace(
            self,
            texts=self.texts.take(chosen),
            urls=None if self.urls is None else self.urls.take(chosen),
            targets=self.targets[rows],
            groups=[self.groups[row] for row in rows],
            weights=self.weights[rows],
            languages=[self.languages[row] for row in rows],
            measured=self.measured[rows],
        )

    def digest(self) -> str:
        """Return the sha256 of texts, URLs, targets and weights."""
        digest = hashlib.sha256()
        for strings in (self.texts, self.urls):
            for value in [] if strings is None else strings:
                digest.update(value.as_buffer() or b"")
                digest.update(b"\0")
        digest.update(self.targets.tobytes())
        digest.update(self.weights.tobytes())
        return digest.hexdigest()


def read_examples(spec: ExamplesSpec, folder: Path = Path()) -> Examples:
    """Read examples; rows without a text are left out.

    Args:
        spec: Where they are.
        folder: What relative paths are relative to.

    Raises:
        ExamplesError: A file or column is missing, a text is a number or the like, a label is none of
            `labels`, or there is nothing to tell apart.
    """
    rows = [row for file in spec.files for row in read_rows(folder / file) if _string(row, spec.text)]
    if not rows:
        raise ExamplesError(f"{', '.join(spec.files)}: no row has a '{spec.text}'")
    rows = [row for row in rows if all(_is_one_of(row, *wanted) for wanted in spec.where.items())]
    if not rows:
        raise ExamplesError(f"{', '.join(spec.files)}: no row has the values of `where`")
    values = [_value(row, spec.target) for row in rows]
    labels, targets = _targets(values, spec)
    urls = None if spec.url is None else [_string(row, spec.url) for row in rows]
    texts = [row[spec.text] for row in rows]
    examples = Examples(
        texts=pa.array(texts, pa.large_string()),
        urls=None if urls is None else pa.array(urls, pa.large_string()),
        targets=targets,
        labels=labels,
        groups=_groups(rows, texts, urls, spec.group),
        weights=np.array([1.0 if spec.weight is None else _weight(row, spec.weight) for row in rows]),
        languages=[str(row.get(spec.language) or "") if spec.language else "" for row in rows],
        measured=np.array([spec.measured is None or _flag(row, spec.measured) for row in rows]),
        exclusive=spec.kind in {"label", "probabilities"},
    )
    _require_contrast(examples)
    if not examples.weights.any():
        raise ExamplesError(f"'{spec.weight}' is 0 in all examples: nothing would be learnt")
    if not examples.measured.any():
        raise ExamplesError(f"'{spec.measured}' is true of no example: nothing would be measured")
    return examples


def _require_contrast(examples: Examples) -> None:
    """Refuse what all examples say alike."""
    constant = [label for label, column in zip(examples.labels, examples.targets.T, strict=True) if np.ptp(column) == 0]
    if constant:
        raise ExamplesError(f"all {len(examples)} examples have the same value for {', '.join(constant)}")


def _targets(values: Sequence[Any], spec: ExamplesSpec) -> tuple[tuple[str, ...], npt.NDArray[np.float64]]:
    """Return the labels and what each example says of them."""
    if spec.kind in {"score", "probabilities"}:
        assert spec.labels is not None
        numbers = [_numbers(value, spec.target) for value in values]
        for row in numbers:
            if len(row) != len(spec.labels):
                raise ExamplesError(f"'{spec.target}' holds {len(row)} numbers for {len(spec.labels)} labels")
        return spec.labels, np.stack(numbers) / spec.scale
    listed = [[str(value)] if spec.kind == "label" else _several(value) for value in values]
    labels = spec.labels or tuple(sorted({label for row in listed for label in row}))
    column = {label: number for number, label in enumerate(labels)}
    targets = np.zeros((len(values), len(labels)))
    for number, names in enumerate(listed):
        for name in names:
            if name not in column:
                raise ExamplesError(f"'{spec.target}' holds '{name}', which is none of {', '.join(labels)}")
            targets[number, column[name]] = 1.0
    return labels, targets


def _numbers(value: Any, column: str) -> npt.NDArray[np.float64]:
    try:
        numbers = np.atleast_1d(np.asarray(value, np.float64))
    except (TypeError, ValueError):
        raise ExamplesError(f"'{column}' holds no number: {value!r}") from None
    if not np.isfinite(numbers).all():
        raise ExamplesError(f"'{column}' holds no number: {value!r}")
    return numbers


def _several(value: Any) -> list[str]:
    if not isinstance(value, str | list | tuple):
        raise ExamplesError(f"labels are a list, or words with spaces between them, not {value!r}")
    return value.split() if isinstance(value, str) else [str(item) for item in value]


def _string(row: Mapping[str, Any], column: str) -> str:
    """Return a text or URL, an empty one where there is none."""
    value = row.get(column)
    if value is not None and not isinstance(value, str):
        raise ExamplesError(f"'{column}' holds no text: {value!r}")
    return value or ""


def _value(row: Mapping[str, Any], path: str) -> Any:
    value: Any = row
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            raise ExamplesError(f"no column '{path}'; there are {', '.join(row)}")
        value = value[name]
    if value is None:
        raise ExamplesError(f"'{path}' is null in a row that has a text")
    return value


def _is_one_of(row: Mapping[str, Any], column: str, values: tuple[str, ...]) -> bool:
    return row.get(column, "") is not None and str(_value(row, column)) in values


def _weight(row: Mapping[str, Any], column: str) -> float:
    weight = float(_numbers(_value(row, column), column)[0])
    if weight < 0:
        raise ExamplesError(f"'{column}' holds a negative weight: {weight:g}")
    return weight


def _flag(row: Mapping[str, Any], column: str) -> bool:
    value = _value(row, column)
    flag = {"true": True, "1": True, "false": False, "0": False}.get(str(value).casefold())
    if flag is None:
        raise ExamplesError(f"'{column}' holds neither true nor false: {value!r}")
    return flag


def _groups(
    rows: Sequence[Mapping[str, Any]], texts: list[str], urls: list[str] | None, group: str | None
) -> list[str]:
    if group is not None:
        return [str(_value(row, group)) for row in rows]
    if urls is None:
        return texts
    return [registered_domain(url) or text for url, text in zip(urls, texts, strict=True)]


def registered_domain(url: str) -> str:
    """Return the registered domain of a URL, its host where there is none, an empty string for what is no URL.

    >>> [registered_domain(url) for url in ("https://docs.python.org/3/", "http://a.intranet/x", "no address")]
    ['python.org', 'a.intranet', '']
    """
    if "//" not in url:
        return ""
    parts = _suffixes()(url)
    host = ".".join(part for part in (parts.subdomain, parts.domain, parts.suffix) if part)
    return str(parts.top_domain_under_public_suffix or host)


@cache
def _suffixes() -> Any:
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=())
