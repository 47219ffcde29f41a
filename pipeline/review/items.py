"""The decisions of a stage that a reviewer is shown: those closest to a limit, or a random sample of the drops."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import pyarrow.compute as pc

from pipeline.cells.stretch_reader import read_stretch
from pipeline.errors import ConfigError, near_miss
from pipeline.inspection.verdicts import StoredRules
from pipeline.inspection.word_differences import word_differences
from pipeline.results.decisions import chain_digest
from pipeline.results.redaction import CHARS, ShownText, shown_texts
from pipeline.review.candidates import dropped_candidates, kept_candidates, nearest
from pipeline.review.near_misses import near_misses
from pipeline.review.others import Other, others_of
from pipeline.review.stored_rules import drops_at_limit, setting_of, stored_rules
from pipeline.review.verdicts import Side
from pipeline.runs.run import Run
from pipeline.runs.table import Table
from pipeline.terminal import safe_text
from schemas.columns import DOC_ID, DROP, SOURCE_URL

_COMPARED_CHARS = 100_000
"""Code points of two texts that are compared."""
_DUPLICATES = "dedup_document"


@dataclass(frozen=True)
class ReviewItem:
    """A decision to be judged. Of commands to a terminal in what comes from pages, the letters stand here.

    Attributes:
        id: `stage/reason/doc_id`.
        doc_id: Of the document.
        stage: Whose decision it is.
        reason: Drop reason; of a kept document the one that it escaped most narrowly.
        decision: dropped or kept.
        value: What was measured; None where nothing was.
        limit: What it was compared with; None where there is none.
        worse_if: On which side of the limit documents are dropped.
        drops_at_limit: Whether one at the limit is dropped.
        setting: Parameter that the limit is, `stage.parameter`; "" where it is none.
        url: As crawled.
        title: As it left the stage that redacts; None where it has none or none may be shown.
        text: Likewise, its beginning.
        other_url: URL of the document that it is like; None but for duplicates.
        other_text: Beginning of that one's text; None where it may not be shown or is not there.
        similarity: Of both, estimated, 0 to 1.
        differences: What differs between both texts, as (op, text): same, removed, added, or left_out for what is not
            shown; of this document as `removed`, of the other one as `added`.
    """

    id: str
    doc_id: str
    stage: str
    reason: str
    decision: Literal["dropped", "kept"]
    value: float | None
    limit: float | None
    worse_if: Side
    drops_at_limit: bool
    setting: str
    url: str
    title: str | None = None
    text: str | None = None
    other_url: str | None = None
    other_text: str | None = None
    similarity: float | None = None
    differences: tuple[tuple[str, str], ...] = ()

    def as_value(self) -> dict[str, Any]:
        """Return this as a JSON value."""
        return asdict(self)


@dataclass(frozen=True)
class Selection:
    """The decisions that are judged.

    Attributes:
        run: Hash by which the run's decisions up to the stage are known.
        items: In the order in which they are judged.
        sample: Which they are, in words.
        notes: What is to be known of them.
    """

    run: str
    items: Sequence[ReviewItem]
    sample: str
    notes: Sequence[str] = ()


def borderline(run: str, stage: str, most: int) -> list[ReviewItem]:
    """Return the decisions of a stage that were closest to a limit, dropped and kept ones, the closest first.

    Half of them are drops, where there are as many of both. How close a decision was is the distance of the value from
    its limit as a share of the limit; equally close ones go by doc_id. All is read batch by batch, without Spark.

    Args:
        run: The run directory.
        stage: A committed stage.
        most: How many to return at the most.

    Raises:
        ManifestError: The run has no such stage.
        ConfigError: The stage compares nothing with a limit.
    """
    return list(select_borderline(run, stage, most).items)


def select_borderline(run: str, stage: str, most: int) -> Selection:
    """Return what `borderline` returns, and what is to be known of it; see there."""
    opened = Run(run)
    table = opened.table(stage)
    if not _is_reviewable(table):
        have = reviewable_stages(run)
        named = ", ".join(have) or "none"
        raise ConfigError(f"{run}: {stage} compares nothing with a limit (these do: {named}){near_miss(stage, have)}")
    stored, notes = stored_rules(table), []
    dropped = nearest(dropped_candidates(table), most)
    if table.stage != _DUPLICATES:
        kept = nearest(kept_candidates(table, stored), most)
    elif opened.head.against:
        kept = nearest([], 0)
        notes.append("pairs that were kept are not looked for: the run has earlier runs")
    else:
        kept = nearest(near_misses(table), most)
    if not stored.rules and table.stage != _DUPLICATES:
        notes.append("what kept documents were compared by is not stored: all of these were dropped")
    drops = min(dropped.num_rows, max(most - most // 2, most - kept.num_rows))
    chosen = nearest([dropped.slice(0, drops), kept.slice(0, most - drops)], most)
    items = _items(table, stored, chosen.to_pylist())
    return Selection(_known_by(table), items, f"the {len(items):,} closest decisions", notes)


def select_random(run: str, stage: str, most: int, seed: int = 0) -> Selection:
    """Return a uniformly random sample of what a stage dropped, the same each time, in random order.

    Args:
        run: The run directory.
        stage: A committed stage.
        most: How many to return at the most.
        seed: Of the sample.

    Raises:
        ManifestError: The run has no such stage.
    """
    table = Run(run).table(stage)
    chosen = nearest(dropped_candidates(table, seed), most)
    items = _items(table, stored_rules(table), chosen.to_pylist())
    return Selection(_known_by(table), items, f"a random sample of {table.stage}'s drops")


def reviewable_stages(run: str) -> list[str]:
    """Return the stages of a run that compared something with a limit, in order.

    Raises:
        ManifestError: Nothing is committed.
    """
    return [table.stage for table in Run(run).tables() if _is_reviewable(table)]


def _is_reviewable(table: Table) -> bool:
    try:
        has_rules = bool(stored_rules(table).rules)
    except ConfigError:  # of another version: what it dropped can still be judged
        has_rules = False
    return has_rules or any(_have_limits(table))


def _have_limits(table: Table) -> Iterator[bool]:
    """Yield for some drops at a time whether any has a limit."""
    for record in table.manifest.drops.values():
        if record.rows is not None:
            for batch in read_stretch(table.root, record.rows, (DROP.name,)):
                yield bool(pc.any(pc.is_valid(pc.struct_field(batch.column(DROP.name), "limit"))).as_py())


def _known_by(table: Table) -> str:
    return chain_digest([Table(table.root, table.chain[: number + 1]) for number in range(len(table.chain))])


def _items(table: Table, stored: StoredRules, rows: Sequence[Mapping[str, Any]]) -> list[ReviewItem]:
    """Return items of `CANDIDATES`, with their texts."""
    names = [part.name for part in table.parts]
    has_others = any(row["survivor_url"] is not None for row in rows)
    wanted: dict[str, list[int]] = {}
    for row in rows:
        wanted.setdefault(names[row["part"]], []).append(row["row"])
        if row["other_part"] is not None:
            wanted.setdefault(names[row["other_part"]], []).append(row["other_row"])
    texts = shown_texts(table, wanted, _COMPARED_CHARS if has_others else CHARS)
    others = others_of(table, [row for row in rows if row["other_part"] is None], _COMPARED_CHARS)
    items = []
    for row in rows:
        text = texts.get((names[row["part"]], row["row"]), ShownText())
        other = others.get((row["survivor_run"], row["survivor_record_id"], row["survivor_url"]))
        if row["other_part"] is not None:
            near = texts.get((names[row["other_part"]], row["other_row"]), ShownText())
            other = Other(row["survivor_url"], near.text)
        items.append(_item(table.stage, stored, row, text, other))
    return items


def _item(stage: str, stored: StoredRules, row: Mapping[str, Any], text: ShownText, other: Other | None) -> ReviewItem:
    reason, limit, doc_id = row["reason"], row["limit"], row[DOC_ID.name]
    differences: tuple[tuple[str, str], ...] = ()
    if other is not None and text.text is not None and other.text is not None:
        differences = word_differences(text.text, other.text)
    other_url = row["survivor_url"] if other is None else other.url
    return ReviewItem(
        id=f"{stage}/{safe_text(reason)}/{doc_id}",
        doc_id=doc_id,
        stage=stage,
        reason=safe_text(reason),
        decision="kept" if row["kept"] else "dropped",
        value=row["value"],
        limit=limit,
        worse_if="above" if row["is_above"] else "below",
        drops_at_limit=drops_at_limit(reason),
        setting="" if limit is None else setting_of(stage, stored, reason, row["language"], limit),
        url=safe_text(row[SOURCE_URL.name]),
        title=text.title,
        text=_short(text.text),
        other_url=None if other_url is None else safe_text(other_url),
        other_text=None if other is None else _short(other.text),
        similarity=row["similarity"],
        differences=differences,
    )


def _short(text: str | None) -> str | None:
    return text if text is None or len(text) <= CHARS + 1 else text[:CHARS] + "…"
