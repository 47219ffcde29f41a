"""Limits of languages: those that ship, those that `gristmill fit-limits` wrote, and the user's own."""

import math
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from pipeline.errors import ConfigError, near_miss
from pipeline.heuristics.rule import Rule, limit_column
from pipeline.spark.driver_frames import frame_of
from pipeline.stores import storage
from schemas.columns import LANGUAGE

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

FINEWEB2 = "fineweb2"
"""The limits that ship: see `pipeline.heuristics.fineweb2`."""
_BUNDLED = files(__package__) / "fineweb2.yaml"
Limits = Mapping[str, Mapping[str, float | None]]
"""language → parameter → its limit there; null is off."""


def limits_text(name: str) -> str:
    """Return the file of limits that a name stands for, as text.

    Raises:
        ConfigError: There is no such file, or it is no text.
    """
    if name == FINEWEB2:
        return _BUNDLED.read_text(encoding="utf-8")
    try:
        with storage.open_for_reading(name) as stream:
            content: bytes = stream.read()
    except (FileNotFoundError, IsADirectoryError):
        raise ConfigError(
            f"heuristics.thresholds: there is no '{name}': name a file of gristmill fit-limits, 'fineweb2' or null"
        ) from None
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ConfigError(f"heuristics.thresholds: {name} is no YAML: {error}") from error


def read_limits(name: str, parameters: frozenset[str]) -> Limits:
    """Return the limits that a file holds.

    Args:
        name: `fineweb2`, or the path of a file that `gristmill fit-limits` wrote.
        parameters: Names of the parameters that may stand in it.

    Raises:
        ConfigError: It is not such a file.
    """
    return _parsed(limits_text(name), parameters, name)


@lru_cache(maxsize=8)
def _parsed(text: str, parameters: frozenset[str], name: str) -> Limits:
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"heuristics.thresholds: {name} is no YAML: {error}") from error
    return check_limits({} if values is None else values, parameters, name)


def check_limits(values: Any, parameters: frozenset[str], where: str) -> Limits:
    """Return limits by language, or say what is wrong with them.

    Raises:
        ConfigError: They are no mapping of languages to numbers by the names of parameters.
    """
    if not isinstance(values, Mapping):
        raise ConfigError(f"{where}: expected limits by language, found {type(values).__name__}")
    for language, limits in values.items():
        if not isinstance(language, str):  # YAML reads the label of Norwegian as a truth value
            raise ConfigError(f"{where}: expected a label, found the language {language!r}: write it in quotes")
        if not isinstance(limits, Mapping):
            raise ConfigError(f"{where}: {language}: expected limits by parameter, found {limits!r}")
        for parameter, limit in limits.items():
            if parameter not in parameters:
                raise ConfigError(
                    f"{where}: {language}: no such limit '{parameter}'{near_miss(str(parameter), parameters)}"
                )
            if limit is not None and not _is_number(limit):
                raise ConfigError(f"{where}: {language}.{parameter}: expected a number or null, found {limit!r}")
    return values


def _is_number(limit: Any) -> bool:
    return isinstance(limit, int | float) and not isinstance(limit, bool) and math.isfinite(limit)


def with_limits(docs: "DataFrame", rules: list[Rule], limits: Limits) -> "tuple[DataFrame, frozenset[str]]":
    """Return the documents with a scratch column for each parameter that some language has its own limit of.

    Args:
        docs: The documents.
        rules: Whose parameters are asked for; a limit that is off is one that nothing fails.
        limits: By language.

    Returns:
        The documents, and the names of these parameters.
    """
    from pyspark.sql import functions as F  # noqa: N812

    asking = [*rules, *(rule.also for rule in rules if rule.also is not None)]
    off = {rule.parameter: float("-inf") if rule.fails == "<" else float("inf") for rule in asking}
    asked = sorted({name for language_limits in limits.values() for name in language_limits if name in off})
    if not asked:
        return docs, frozenset()
    lines = [
        (language, *(_number(language_limits, name, off[name]) for name in asked))
        for language, language_limits in sorted(limits.items())
    ]
    schema = ", ".join([f"{LANGUAGE.name} string", *(f"{limit_column(name)} double" for name in asked)])
    table = frame_of(docs.sparkSession, lines, schema)
    return docs.join(F.broadcast(table), on=LANGUAGE.name, how="left"), frozenset(asked)


def _number(limits: Mapping[str, float | None], name: str, off: float) -> float | None:
    if name not in limits:
        return None
    limit = limits[name]
    return off if limit is None else float(limit)
