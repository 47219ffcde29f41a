"""The limits that stages compare stored columns with: how near to one a document came that was kept."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from pipeline.classification.scoring import column_of
from pipeline.heuristics.rule import Rule
from pipeline.heuristics.rules import rules_of
from pipeline.inspection.stored_signals import params_of
from pipeline.inspection.verdicts import Facts, StoredRules
from pipeline.pii.redaction import VALUES
from pipeline.runs.table import Table
from schemas.columns import (
    CATEGORY,
    LANGUAGE,
    PAGE_TYPE,
    PII_PER_1000_WORDS,
    QUALITY_PERCENTILE,
    TOXICITY_SCORE,
    URL_SOFT_WORDS,
    Column,
)

Array = np.ndarray[Any, np.dtype[Any]]
_SETTINGS = {
    "near_duplicate": "threshold",
    "dense_site": "site_min_share",
    "unsafe_site": "site_min_share",
    "too_little_text_left": "min_chars_left",
    "too_many_cuts": "max_cuts",
    "body_too_large": "max_body_bytes",
}
"""Reason → the parameter that is its limit, of stages whose rules are not in `stored_rules`."""
_AT_LIMIT = ("near_duplicate", "exact_duplicate", "dense_site", "unsafe_site")


def stored_rules(table: Table) -> StoredRules:
    """Return what a stage compares stored columns with; nothing where that is not stored.

    Raises:
        ConfigError: The stage is of another version.
    """
    have = {VALUES.name, *(column.name for column in table.columns)}
    rules: Iterable[Rule] = ()
    by_language: Mapping[str, Mapping[str, float | None]] = {}
    if table.stage == "heuristics":
        made = params_of(table)
        if made.definition == "gristmill":
            rules, by_language = rules_of(made), made.by_language()
    elif table.stage in _OTHERS:
        rules = _OTHERS[table.stage](table.manifest.params)
    asked = [rule for rule in rules if have.issuperset((rule.signal, (rule.also or rule).signal))]
    return StoredRules(tuple(asked), by_language)


def _rule(
    name: str, column: Column, fails: Literal["<", ">"], limit: float | None, parameter: str, also: Rule | None = None
) -> Iterator[Rule]:
    """Yield a rule, where its limit is not off."""
    if limit is not None:
        yield Rule(name, column.name, fails, float(limit), parameter, also=also)


def _of_url_screen(params: Mapping[str, Any]) -> Iterator[Rule]:
    yield from _rule("soft_words", URL_SOFT_WORDS, ">", params.get("max_soft_words"), "max_soft_words")


def _of_safety(params: Mapping[str, Any]) -> Iterator[Rule]:
    yield from _rule("toxic_page", TOXICITY_SCORE, ">", params.get("max_toxicity"), "max_toxicity")


def _of_pii(params: Mapping[str, Any]) -> Iterator[Rule]:
    many = Rule("dense_page", VALUES.name, ">", params.get("min_values", 0) - 1, "min_values")
    limit = params.get("max_per_1000_words")
    yield from _rule("dense_page", PII_PER_1000_WORDS, ">", limit, "max_per_1000_words", many)


def _of_quality(params: Mapping[str, Any]) -> Iterator[Rule]:
    for model, least in (params.get("min_score") or {}).items():
        yield from _rule("low_score", column_of(model), "<", least, f"min_score.{model}")
    yield from _rule("low_percentile", QUALITY_PERCENTILE, "<", params.get("min_percentile"), "min_percentile")


_OTHERS = {"url_screen": _of_url_screen, "safety": _of_safety, "pii": _of_pii, "quality": _of_quality}


def drops_at_limit(reason: str) -> bool:
    """Tell whether a reason drops a document whose value equals the limit."""
    return reason in _AT_LIMIT or reason.startswith("contamination.")


def setting_of(stage: str, stored: StoredRules, reason: str, language: str | None, limit: float | None) -> str:
    """Return the parameter that a decision's limit is, as `--set` takes it; "" where it is none."""
    rules = [rule for rule in stored.rules if rule.name == reason]
    if len(rules) > 1:
        rules = [rule for rule in rules if rule.limit == limit]
    if len(rules) == 1:
        parameter = rules[0].parameter
        own = stored.by_language.get(language or "", {})
        return f"{stage}.languages.{language}.{parameter}" if parameter in own else f"{stage}.{parameter}"
    return f"{stage}.{_SETTINGS[reason]}" if reason in _SETTINGS else ""


def columns_of(rules: Sequence[Rule]) -> list[str]:
    """Return the names of the columns that rules are asked of."""
    return [*StoredRules(rules).signals, LANGUAGE.name, CATEGORY.name, PAGE_TYPE.name]


def narrowest(batch: pa.RecordBatch, stored: StoredRules) -> tuple[Array, Array, Array, Array]:
    """Return for each document the rule that it escaped most narrowly: its number, value, limit and distance.

    Args:
        batch: With `columns_of` the rules.
        stored: The rules.

    Returns:
        int64, -1 for none; float64; float64; float64, infinite for none.
    """
    facts = Facts(batch)
    number, value, limit = (np.full(batch.num_rows, nothing) for nothing in (-1, np.nan, np.nan))
    distance = np.full(batch.num_rows, np.inf)
    for at, rule in enumerate(stored.rules):
        values, limits = facts.signal(rule.signal), stored.limits(rule, facts)
        far = distances(values, limits)
        escaped = stored.applies(rule, facts) & ~stored.is_beyond(rule, facts) & (far < distance)
        number[escaped], value[escaped], limit[escaped] = at, values[escaped], limits[escaped]
        distance[escaped] = far[escaped]
    return number, value, limit, distance


def distances(values: Array, limits: Array) -> Array:
    """Return how far values are from their limits, in shares of these; of a limit 0, in units.

    Where both are 0 there is nothing to be near to: the distance is infinite, as it is where either is not a number.

    >>> distances(np.array([45.0, 2, 0, np.nan]), np.array([50.0, 0, 0, 1])).tolist()
    [0.1, 2.0, inf, inf]
    """
    with np.errstate(invalid="ignore"):
        far: Array = np.abs(values - limits) / np.where(limits == 0, 1.0, np.abs(limits))
    far[((values == 0) & (limits == 0)) | ~np.isfinite(far)] = np.inf
    return far
