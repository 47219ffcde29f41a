"""Rules asked of stored columns in numpy: which of them each document fails, under any limits.

It answers as `pipeline.heuristics.rule.failed` does in Spark: signals are doubles, a null passes, NaN is above all
numbers, a language's own limit comes before that of all.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.heuristics.datatrove import datatrove_rules
from pipeline.heuristics.measuring import ENGLISH, SIGNAL_COLUMNS
from pipeline.heuristics.params import HeuristicsParams
from pipeline.heuristics.rule import DOCUMENTATION, PROSE, Rule
from pipeline.heuristics.rules import rules_of
from schemas.columns import CATEGORY, LANGUAGE, PAGE_TYPE, Column

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]
_UNKNOWN = "und"


class Drops(NamedTuple):
    """What becomes of documents.

    Attributes:
        rule: Number of the first rule that each fails, -1 where it passes all; int64 (documents,).
        value: What was measured, NaN where it passes; float64 (documents,).
        limit: What it was compared with, likewise.
    """

    rule: npt.NDArray[np.int64]
    value: Numbers
    limit: Numbers


class StoredRules:
    """Rules that a stage asks of stored columns, in order, with languages' own limits."""

    def __init__(
        self, rules: Sequence[Rule] = (), by_language: Mapping[str, Mapping[str, float | None]] | None = None
    ) -> None:
        """Take the rules; their parameters are named without their stage.

        Args:
            rules: In the order in which they are asked.
            by_language: Language → parameter → its own limit; None is off.
        """
        self.rules = tuple(rules)
        self.by_language = by_language or {}

    @property
    def signals(self) -> tuple[str, ...]:
        """Names of the columns that are compared."""
        asked = [*self.rules, *(rule.also for rule in self.rules if rule.also is not None)]
        return tuple(dict.fromkeys(rule.signal for rule in asked))

    def limit_of(self, rule: Rule, language: str | None) -> float:
        """Return a rule's limit in a language; one that is off is infinite."""
        own = self.by_language.get(language or "", {})
        if rule.parameter not in own:
            return rule.limit
        limit = own[rule.parameter]
        if limit is None:
            return float("-inf") if rule.fails == "<" else float("inf")
        return float(limit)

    def languages_with_own_limits(self, rule: Rule) -> dict[str, float]:
        """Return language → its own limit of a rule."""
        return {
            name: self.limit_of(rule, name) for name, limits in self.by_language.items() if rule.parameter in limits
        }

    def limits(self, rule: Rule, facts: "Facts") -> Numbers:
        """Return what each document's value is compared with: float64 (documents,)."""
        limits = np.array([self.limit_of(rule, name) for name in facts.languages] or [0.0])
        of_rows: Numbers = limits[facts.codes]
        return of_rows

    def applies(self, rule: Rule, facts: "Facts") -> Flags:
        """Return of which documents a rule is asked: by category, language, and its second rule if it has one."""
        asked = np.ones(len(facts.codes), np.bool_)
        if rule.categories:
            asked &= facts.is_of(rule.categories)
        if rule.languages:
            asked &= np.isin(facts.codes, [n for n, name in enumerate(facts.languages) if name in rule.languages])
        if rule.also is not None:
            asked &= self.applies(rule.also, facts) & self.is_beyond(rule.also, facts)
        return asked

    def is_beyond(self, rule: Rule, facts: "Facts", scale: float = 1.0) -> Flags:
        """Return which documents' values are beyond a rule's limit, wherever it applies.

        Args:
            rule: The rule.
            facts: The documents.
            scale: What the limit is multiplied by.
        """
        values, limits = facts.signal(rule.signal), self.limits(rule, facts) * scale
        beyond: Flags = values < limits if rule.fails == "<" else (values > limits) | np.isnan(values)
        return beyond & facts.has(rule.signal)


class Judge(StoredRules):
    """The rules of `heuristics` under some parameters."""

    def __init__(self, params: HeuristicsParams) -> None:
        """Take the limits of parameters; what the parameters measure by is not asked."""
        ours = rules_of(params)
        theirs = datatrove_rules(params.datatrove) if params.definition == "datatrove" else []
        super().__init__([*ours, *theirs], params.by_language())
        self._ours, self._has_theirs = len(ours), bool(theirs)

    @property
    def columns(self) -> tuple[Column, ...]:
        """What a document is judged by: its language, category, type of page, and the signals that are compared."""
        by_name = {column.name: column for column in SIGNAL_COLUMNS}
        return (LANGUAGE, CATEGORY, PAGE_TYPE, *(by_name[name] for name in self.signals))

    def fails(self, batch: pa.RecordBatch, scale: float = 1.0) -> Flags:
        """Return which rules each document fails, whatever those before them say: bool (documents, rules).

        Args:
            batch: `language`, `category`, `page_type` and the signals.
            scale: What the limit of each rule is multiplied by, but for the second rule of a pair.
        """
        facts = Facts(batch)
        flags = [
            self._is_asked(number, facts) & self.applies(rule, facts) & self.is_beyond(rule, facts, scale)
            for number, rule in enumerate(self.rules)
        ]
        return np.stack(flags, axis=1)

    def drops(self, batch: pa.RecordBatch) -> Drops:
        """Return the first rule that each document fails."""
        flags, facts = self.fails(batch), Facts(batch)
        first = np.where(flags.any(axis=1), flags.argmax(axis=1), -1)
        value, limit = np.full(batch.num_rows, np.nan), np.full(batch.num_rows, np.nan)
        for number in np.unique(first[first >= 0]).tolist():
            rule, rows = self.rules[number], first == number
            value[rows] = facts.signal(rule.signal)[rows]
            limit[rows] = self.limits(rule, facts)[rows]
        return Drops(first, value, limit)

    def _is_asked(self, number: int, facts: "Facts") -> Flags:
        """Return of which documents a rule is asked: English ones are datatrove's where that is the definition."""
        if not self._has_theirs:
            return np.ones(len(facts.codes), np.bool_)
        return ~facts.is_english if number < self._ours else facts.is_english


class Facts:
    """A batch as the rules read it: `language`, `category`, `page_type` and what they compare."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        """Read who the documents are."""
        self._batch = batch
        self._values: dict[str, Numbers] = {}
        encoded = batch.column(LANGUAGE.name).dictionary_encode(null_encoding="encode")
        self.languages: list[str | None] = encoded.dictionary.to_pylist()
        self.codes = encoded.indices.to_numpy(zero_copy_only=False)
        english = [number for number, name in enumerate(self.languages) if (name or _UNKNOWN) in ENGLISH]
        self.is_english = np.isin(self.codes, english)
        category = pc.fill_null(batch.column(CATEGORY.name), PROSE[0])
        is_reference = pc.and_(
            pc.is_in(category, pa.array(PROSE)),
            pc.fill_null(pc.equal(batch.column(PAGE_TYPE.name), DOCUMENTATION), False),  # noqa: FBT003
        )
        self._category = pc.if_else(is_reference, DOCUMENTATION, category)

    def signal(self, name: str) -> Numbers:
        """Return a column as float64 (documents,), NaN where it is null."""
        if name not in self._values:
            values = self._batch.column(name).cast(pa.float64())
            self._values[name] = values.to_numpy(zero_copy_only=False)
        return self._values[name]

    def has(self, name: str) -> Flags:
        """Return of which documents a column is not null."""
        flags: Flags = pc.is_valid(self._batch.column(name)).to_numpy(zero_copy_only=False)
        return flags

    def is_of(self, categories: tuple[str, ...]) -> Flags:
        """Return which documents rules know by some categories: see `heuristics.rule.counted_category`."""
        flags: Flags = pc.is_in(self._category, pa.array(categories)).to_numpy(zero_copy_only=False)
        return flags
