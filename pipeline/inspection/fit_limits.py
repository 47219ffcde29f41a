"""Limits of a language from its own documents: quantiles of the signals that a run has stored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import ConfigError, near_miss
from pipeline.heuristics.measuring import ENGLISH, SIGNAL_COLUMNS
from pipeline.heuristics.params import HeuristicsParams
from pipeline.heuristics.rule import PROSE, Rule, counted_category
from pipeline.heuristics.rules import RULES
from pipeline.inspection.stored_signals import params_of, stored_documents
from pipeline.runs.run import Run
from schemas.columns import CATEGORY, LANGUAGE, PAGE_TYPE

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

BINS = 1000
"""Bins of a signal to one: limits have three decimals."""
_COUNTS = frozenset(rule.parameter for rule in RULES if rule.signal in {"n_words", "stop_words", "n_sentences"})
_OF_ALL_LANGUAGES = ("c4.", "llama3.", "gristmill.mixed_dirty_words")
FITTED = tuple(
    rule
    for rule in (*RULES, *(rule.also for rule in RULES if rule.also is not None))
    if rule.parameter not in _COUNTS and not rule.name.startswith(_OF_ALL_LANGUAGES) and not rule.languages
    and (not rule.categories or PROSE[1] in rule.categories)
)  # fmt: skip
"""Rules whose limits depend on how a language is written."""
_READ = (LANGUAGE, CATEGORY, PAGE_TYPE, *SIGNAL_COLUMNS)


@dataclass(frozen=True)
class Fit:
    """Limits of languages, and of how many documents each is made.

    Attributes:
        limits: language → parameter → limit.
        documents: language → documents.
        drops: parameter → share of the documents that it may drop.
        too_few: language → documents, of those that have too few of them.
    """

    limits: Mapping[str, Mapping[str, float]]
    documents: Mapping[str, int]
    drops: Mapping[str, float]
    too_few: Mapping[str, int] = field(default_factory=dict)


def fit_limits(
    session: "Callable[[], SparkSession]",
    run: str,
    languages: Sequence[str],
    drop: float,
    own_drops: Mapping[str, float],
    min_documents: int,
) -> Fit:
    """Return limits such that each, taken alone, drops no more than a share of a language's documents.

    Args:
        session: Gives the session; not asked where the question is wrong.
        run: The run directory.
        languages: Labels; empty for all but English, whose limits are those of the literature.
        drop: The share, of prose that is no documentation and has words enough.
        own_drops: Parameters with a share of their own.
        min_documents: Documents that a language needs.

    Raises:
        ConfigError: A parameter or share does not exist, or a language that was named has too few documents.
    """
    names = sorted({rule.parameter for rule in FITTED})
    for name, share in {**own_drops, "--drop": drop}.items():
        if name not in (*names, "--drop"):
            raise ConfigError(f"no limit '{name}' is fitted (there are: {', '.join(names)}){near_miss(name, names)}")
        if not 0 <= share < 1:
            raise ConfigError(f"{name}: a share is at least 0 and less than 1, not {share}")
    drops = {name: own_drops.get(name, drop) for name in names}
    table = Run(run).table("heuristics")
    docs = _judged(stored_documents(session(), table, _READ), params_of(table), languages)
    sizes = {row[0]: row[1] for row in docs.groupBy(LANGUAGE.name).count().collect()}
    if few := [name for name in languages if sizes.get(name, 0) < min_documents]:
        raise ConfigError(f"{run} has {sizes.get(few[0], 0)} documents in '{few[0]}': fewer than {min_documents}")
    chosen = {name: size for name, size in sorted(sizes.items()) if size >= min_documents}
    limits: dict[str, dict[str, float]] = {name: {} for name in chosen}
    for rule in FITTED:
        for language, bins in _histograms(docs, rule).items():
            if language in limits:
                limits[language][rule.parameter] = limit_of(bins, drops[rule.parameter], least=rule.fails == "<")
    return Fit(limits, chosen, drops, {name: size for name, size in sorted(sizes.items()) if name not in chosen})


def _judged(docs: "DataFrame", params: HeuristicsParams, languages: Sequence[str]) -> "DataFrame":
    """Return the documents that teach: prose with words enough, measured by our definitions."""
    from pyspark.sql import functions as F  # noqa: N812

    docs = docs.where(counted_category().isin(*PROSE)).where(F.col("n_words") >= (params.min_words or 0))
    if params.definition == "datatrove":
        docs = docs.where(~F.col(LANGUAGE.name).isin(*ENGLISH))
    return docs.where(F.col(LANGUAGE.name).isin(*languages) if languages else F.col(LANGUAGE.name) != "en")


def _histograms(docs: "DataFrame", rule: Rule) -> dict[str, dict[int, int]]:
    """Return language → bin of a signal → documents."""
    from pyspark.sql import functions as F  # noqa: N812

    cell = F.floor(F.col(rule.signal) * BINS).cast("long").alias("cell")
    histograms: dict[str, dict[int, int]] = {}
    for language, number, count in docs.groupBy(LANGUAGE.name, cell).count().collect():
        if number is not None:
            histograms.setdefault(language, {})[number] = count
    return histograms


def limit_of(bins: Mapping[int, int], drop: float, *, least: bool) -> float:
    """Return the limit that at most a share of some documents fails.

    Args:
        bins: Bin of a signal, `BINS` to one → documents.
        drop: The share.
        least: Whether what is less fails; else what is more.

    >>> limit_of({100: 98, 900: 2}, 0.02, least=False), limit_of({100: 98, 900: 2}, 0.01, least=False)
    (0.101, 0.901)
    >>> limit_of({0: 1, 500: 99}, 0.02, least=True)
    0.5
    """
    numbers = np.array(sorted(bins, reverse=not least))
    failing = np.cumsum([bins[number] for number in numbers.tolist()])
    first = int(np.searchsorted(failing, drop * failing[-1], side="right"))
    return round(int(numbers[first] + (not least)) / BINS, 3)


def fit_yaml(run: str, fit: Fit) -> str:
    """Return limits as a file that `heuristics.thresholds` names."""
    lines = [
        f"# Limits by language, made by gristmill fit-limits from {run}.",
        "# Share of a language's documents that each drops at most, taken alone:",
        *(f"#   {name}: {share}" for name, share in sorted(fit.drops.items())),
    ]
    for language, limits in fit.limits.items():
        lines += [f"# {fit.documents[language]:,} documents", f'"{language}":']
        lines += [f"  {name}: {limit}" for name, limit in sorted(limits.items())]
    return "\n".join(lines) + "\n"
