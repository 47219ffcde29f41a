"""What was said of documents by a large language model that read them, by the descriptions beside its verdicts."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Final

VERDICTS: Final = files("classifiers.training_sets") / "verdicts"


def read_verdicts(name: str) -> Mapping[str, dict[str, int]]:
    """Return key of a document → what was said of it, by the names in the first line of `verdicts/NAME.tsv`."""
    header, *lines = (VERDICTS / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    names = header.split("\t")[1:]
    rows = (line.split("\t") for line in lines)
    return {key: dict(zip(names, map(int, values), strict=True)) for key, *values in rows}
