"""What other limits would do: answered from the signals that a run has stored, without measuring anything."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.engine.config import load_settings, make_params
from pipeline.errors import ConfigError
from pipeline.heuristics.measuring import SIGNAL_COLUMNS
from pipeline.heuristics.params import HeuristicsParams
from pipeline.inspection.stored_signals import params_of, stored_documents
from pipeline.results.redaction import ShownText, texts_at
from pipeline.runs.run import Run
from pipeline.runs.table import Table
from pipeline.spark.types import spark_type
from pipeline.stages.heuristics import heuristics
from schemas.columns import (
    CATEGORY,
    DOC_ID,
    DROP,
    DROP_TYPE,
    LANGUAGE,
    PAGE_TYPE,
    SOURCE_URL,
    WARC_FILE,
    WARC_OFFSET,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

COUNTS = ("documents", "bytes", "words")
_SIDES, _BEFORE = ("before", "after"), "__before"
_NEEDED = (DOC_ID, WARC_FILE, WARC_OFFSET, LANGUAGE, CATEGORY, PAGE_TYPE, *SIGNAL_COLUMNS)
_NESTED = ("datatrove", "languages")
"""Parameters of parameters: what is asked about is laid over what the run had."""


@dataclass(frozen=True)
class Cell:
    """Documents of one language and category, and how many of them, of their bytes and words pass before and after."""

    language: str
    category: str
    before: Mapping[str, int]
    after: Mapping[str, int]


@dataclass(frozen=True)
class Change:
    """A document that changes side.

    Attributes:
        url: As crawled.
        language: Its label.
        category: Its category.
        before: The drop before, None where it passed: reason, value, limit.
        after: The same after.
        text: Its beginning as it left the stage that redacts texts; None where no stage had.
    """

    url: str
    language: str
    category: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    text: str | None


@dataclass(frozen=True)
class Answer:
    """What other limits would do.

    Attributes:
        changed: Parameter → its value before and after.
        cells: By language and category.
        reasons: Reason → documents that it drops before and after.
        lost: Documents that would no longer pass: how many, and a sample.
        won: Documents that would pass: how many, and a sample.
    """

    changed: Mapping[str, tuple[Any, Any]]
    cells: Sequence[Cell]
    reasons: Mapping[str, tuple[int, int]]
    lost: tuple[int, Sequence[Change]]
    won: tuple[int, Sequence[Change]]


def what_if(
    session: "Callable[[], SparkSession]",
    run: str,
    configs: Sequence[str],
    assignments: Sequence[str],
    sample: int = 5,
) -> Answer:
    """Return what other limits of `heuristics` would do to a run.

    Args:
        session: Gives the session; not asked where the question is wrong.
        run: The run directory.
        configs: YAML files.
        assignments: `heuristics.key=value`, after the files.
        sample: Documents to show that are lost, and that are won: the same each time.

    Raises:
        ConfigError: A parameter is no limit of `heuristics`, or does not exist.
        ManifestError: The run has no committed `heuristics`.
    """
    table = Run(run).table("heuristics")
    before, after = both_params(table, load_settings(configs, assignments))
    spark = session()
    current, asked = before.model_dump(mode="json"), after.model_dump(mode="json")
    changed = {key: (current[key], asked[key]) for key in current if current[key] != asked[key]}
    if "thresholds" in changed:
        del changed["thresholds_digest"]
    docs = _decided(stored_documents(spark, table, _NEEDED), after).cache()
    lost, won = (_side(spark, table, docs, here, there, sample) for here, there in (_SIDES, _SIDES[::-1]))
    answer = Answer(changed, _cells(docs), _reasons(docs), lost, won)
    docs.unpersist()
    return answer


def both_params(table: Table, settings: Mapping[str, Mapping[str, Any]]) -> tuple[HeuristicsParams, HeuristicsParams]:
    """Return the parameters that a run was decided with, and those that are asked about."""
    if others := sorted(set(settings) - {"heuristics"}):
        raise ConfigError(f"what-if knows the limits of heuristics alone, not {', '.join(others)}")
    before = params_of(table)
    current, asked = before.model_dump(mode="json"), settings.get("heuristics", {})
    inner = {key: {**current[key], **asked[key]} for key in _NESTED if isinstance(asked.get(key), Mapping)}
    made = make_params(heuristics, {**current, **asked, **inner})
    assert isinstance(made, HeuristicsParams)
    after = made.resolved()
    measured, new = before.content_settings(), after.content_settings()
    for key in (*measured, *new):
        if measured.get(key) != new.get(key):
            what = key.removesuffix("_digest")
            changed = "names another file than when the run was made, which" if what != key else ""
            raise ConfigError(
                f"heuristics.{what} {changed} changes what is measured: run the job with it".replace("  ", " ")
            )
    return before, after


def _decided(docs: "DataFrame", after: HeuristicsParams) -> "DataFrame":
    """Return what became of the documents, and what other limits make of them."""
    from pyspark.sql import functions as F  # noqa: N812

    docs = docs.select(*(column.name for column in _NEEDED), F.col(DROP.name).alias(_BEFORE))
    undecided = docs.withColumn(DROP.name, F.lit(None).cast(spark_type(DROP_TYPE)))
    assert heuristics.decide is not None
    docs = heuristics.decide(undecided, after)
    before = F.when(F.col(f"{_BEFORE}.stage") == "heuristics", F.col(_BEFORE))
    language, category = (F.coalesce(column.name, F.lit("none")).alias(column.name) for column in (LANGUAGE, CATEGORY))
    counted = (F.lit(1).alias("documents"), F.col("n_bytes").alias("bytes"), F.col("n_words").alias("words"))
    sides = (before.alias(_SIDES[0]), F.col(DROP.name).alias(_SIDES[1]))
    return docs.select(DOC_ID.name, WARC_FILE.name, WARC_OFFSET.name, language, category, *counted, *sides)


def _cells(docs: "DataFrame") -> list[Cell]:
    from pyspark.sql import functions as F  # noqa: N812

    sums = [
        F.coalesce(F.sum(F.when(F.col(side).isNull(), F.col(count))), F.lit(0)).alias(f"{side} {count}")
        for side in _SIDES
        for count in COUNTS
    ]
    rows = docs.groupBy(LANGUAGE.name, CATEGORY.name).agg(*sums).collect()
    cells = [
        Cell(
            row[LANGUAGE.name],
            row[CATEGORY.name],
            *({unit: row[f"{side} {unit}"] for unit in COUNTS} for side in _SIDES),
        )
        for row in rows
    ]
    return sorted(cells, key=lambda cell: (cell.category, -cell.before["documents"], cell.language))


def _reasons(docs: "DataFrame") -> dict[str, tuple[int, int]]:
    """Return reason → documents that it drops before and after, of all reasons that drop any."""
    counts: dict[str, list[int]] = {}
    for number, side in enumerate(_SIDES):
        for reason, count in docs.where(f"{side} is not null").groupBy(f"{side}.reason").count().collect():
            counts.setdefault(reason, [0, 0])[number] = count
    return {reason: (pair[0], pair[1]) for reason, pair in sorted(counts.items())}


def _side(
    spark: "SparkSession", table: Table, docs: "DataFrame", here: str, there: str, sample: int
) -> tuple[int, list[Change]]:
    """Return how many documents pass here and not there, and those of the lowest doc_ids with their texts."""
    order = (DOC_ID.name, WARC_FILE.name, WARC_OFFSET.name)
    differing = docs.where(f"{here} is null and {there} is not null")
    first = differing.orderBy(*order).limit(sample).collect()
    files = {row[WARC_FILE.name] for row in first}
    ids = [row[DOC_ID.name] for row in first]
    named = stored_documents(spark, table, (DOC_ID, WARC_FILE, WARC_OFFSET, SOURCE_URL), files)
    named = named.where(named[DOC_ID.name].isin(ids)).select(*order, SOURCE_URL.name)
    by_key = {tuple(row[name] for name in order): row for row in (named.collect() if first else [])}
    texts = texts_at(table, [(row[WARC_FILE.name], row[WARC_OFFSET.name]) for row in first])
    changes = []
    for row in first:
        document = by_key[tuple(row[name] for name in order)]
        before, after = (_drop(row[side]) for side in _SIDES)
        where = str(document[SOURCE_URL.name]), row[LANGUAGE.name], row[CATEGORY.name]
        text = texts.get((row[WARC_FILE.name], row[WARC_OFFSET.name]), ShownText()).text
        changes.append(Change(*where, before, after, text))
    return differing.count(), changes


def _drop(drop: Any) -> dict[str, Any] | None:
    return drop and {key: drop[key] for key in ("reason", "value", "limit")}


def answer_lines(answer: Answer, chars: int = 300) -> Iterator[str]:
    """Yield an answer in words.

    Args:
        answer: What other limits would do.
        chars: Code points to show of each text.
    """
    for key, (before, after) in answer.changed.items():
        yield f"heuristics.{key}: {before} → {after}"
    if not answer.changed:
        yield "nothing is changed"
    yield ""
    yield f"{'category':<14}{'language':<10}" + "".join(f"{f'{unit} kept':>26}" for unit in COUNTS)
    total = Cell(
        "", "all", *({unit: sum(getattr(c, s)[unit] for c in answer.cells) for unit in COUNTS} for s in _SIDES)
    )
    for cell in (*answer.cells, total):
        yield f"{cell.category:<14}{cell.language:<10}" + "".join(_count(cell, unit) for unit in COUNTS)
    yield ""
    yield f"{'reason':<36}{'dropped before':>16}{'after':>12}"
    for reason, (before, after) in answer.reasons.items():
        yield f"{reason:<36}{before:>16,}{after:>12,}{f'{after - before:+,}' if after != before else '':>12}"
    for side, word, (count, changes) in (
        ("kept", "would be dropped", answer.lost),
        ("dropped", "would be kept", answer.won),
    ):
        yield ""
        yield f"{count:,} {side} documents {word}" + (", these among them:" if changes else "")
        for change in changes:
            yield from _change_lines(change, chars)


def _count(cell: Cell, unit: str) -> str:
    before, after = cell.before[unit], cell.after[unit]
    return f"{f'{before:,} → {after:,}' if before != after else f'{before:,}':>26}"


def _change_lines(change: Change, chars: int) -> Iterator[str]:
    drop = change.after or change.before or {}
    yield f"  {change.url}"
    rule = f"{drop['reason']}: {drop['value']:.4g}, limit {drop['limit']:.4g}"
    yield f"      {change.language}, {change.category}; {rule}"
    if change.text is None:
        yield "      its text is not shown: no stage before heuristics takes personal data out"
        return
    shown = " ⏎ ".join(line for line in change.text[:chars].splitlines() if line.strip())
    yield f"      {shown}{'…' if len(change.text) > chars else ''}"
