"""The fit of `decontaminate`: items read by tasks, grams counted over the corpus, and matches with their report."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from xxhash import xxh3_128

from pipeline.cells.parts import digest
from pipeline.decontamination.items import ITEM_SCHEMA, MIN_WORDS, item_batches
from pipeline.decontamination.measuring import (
    COMMON,
    GRAM,
    ITEMS,
    SEEN,
    MatchParams,
    count_item_grams,
    match_documents,
)
from pipeline.decontamination.params import DecontaminateParams
from pipeline.decontamination.reporting import note_matches
from pipeline.decontamination.suite_files import SuiteFile, declared_suites, suite_files
from pipeline.engine.fitting import FitContext
from pipeline.spark.tasks import run_tasks
from pipeline.stores import storage
from schemas.columns import CONTAMINATION, TEXT

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def fit_decontaminate(context: FitContext, params: DecontaminateParams) -> None:
    """Read the suites, count their grams in the documents, and match what is not common."""
    from pyspark.sql import functions as F  # noqa: N812

    files = suite_files(params.suites, params.train_suites, declared_suites(params.suite_list))
    read = [file for file in files if file.fields is None or not file.fields.left_out]
    context.save_small(ITEMS, _read_items(context.spark, read), decides=False)
    known_by = _hash_of(context.files(ITEMS))
    counting = MatchParams(known_by=known_by)
    context.measure("gram_counts", count_item_grams, (GRAM, SEEN), (TEXT,), counting, by_row=False, tables=(ITEMS,))
    counted = context.set_frame("gram_counts", (GRAM, SEEN)).groupBy(GRAM.name).agg(F.sum(SEEN.name).alias(SEEN.name))
    most = max(params.common_documents, params.common_share * context.rows)
    common = context.save_small(COMMON, counted.where(F.col(SEEN.name) > most), decides=False)
    matching = MatchParams(known_by=digest(known_by, _hash_of(context.files(COMMON))))
    context.measure("matches", match_documents, (CONTAMINATION,), (TEXT,), matching, tables=(ITEMS, COMMON))
    _note_suites(context, files, common.frame(GRAM.name).count())
    note_matches(context, params)


def _read_items(spark: "SparkSession", files: Sequence[SuiteFile]) -> "DataFrame":
    def read(file: SuiteFile) -> Iterator[pa.RecordBatch]:
        yield from item_batches(file)

    return run_tasks(spark, list(files), read, ITEM_SCHEMA)


def _note_suites(context: FitContext, files: Sequence[SuiteFile], common: int) -> None:
    """Say in the report what was read."""
    table = context.table(ITEMS)
    grouped = table.select(["suite", "is_training", "words"]).to_pandas()
    grouped["too_short"] = grouped["words"] < MIN_WORDS
    counts = grouped.groupby(["suite", "is_training"])["too_short"].agg(["size", "sum"])
    suites = [
        {"suite": suite, "is_training": bool(is_training), "items": int(row["size"]), "too_short": int(row["sum"])}
        for (suite, is_training), row in counts.iterrows()
    ]
    left_out = {file.suite: file.fields.left_out for file in files if file.fields and file.fields.left_out}
    guessed = sorted({file.suite for file in files if file.fields is None})
    context.note(suites=suites, left_out=left_out, guessed=guessed, common_grams=common)


def report_contamination(notes: Mapping[str, Any]) -> Iterator[str]:
    """Yield what suites were read, and what of them the corpus holds."""
    if "suites" not in notes:
        return
    items = sum(suite["items"] for suite in notes["suites"])
    short = sum(suite["too_short"] for suite in notes["suites"])
    few = f"{short:,} of fewer than {MIN_WORDS} words are not looked for"
    yield f"{items:,} items of {len(notes['suites']):,} suites; {few}"
    for suite, why in notes["left_out"].items():
        yield f"suite {suite} is left out: {why}"
    if notes["guessed"]:
        yield f"which fields are what was guessed by their names in: {', '.join(notes['guessed'])}"
    yield f"{notes['common_grams']:,} runs of words of items are common in the corpus and count for nothing"
    if absent := [row["suite"] for row in notes["contaminated"] if not any(row["shares"].values())]:
        yield f"nothing was found of: {', '.join(absent)}"
    for row in notes["contaminated"]:
        if not any(row["shares"].values()):
            continue
        kind = "training set " if row["is_training"] else ""
        shares = ", ".join(f"{at} {share:.1%}" for at, share in row["shares"].items())
        covered = f"items found at a coverage of {shares}"
        yield f"{kind}{row['suite']}: {row['documents']:,} documents contaminated; {covered}"
    for miss in notes["nearest_misses"]:
        yield (
            f"near miss: {miss['coverage']:.2f} of {miss['limit']:.2f} of item {miss['item']} of {miss['suite']}"
            f" in {miss['url']}"
        )
    for host in notes["hosts"]:
        yield f"{host['documents']:,} contaminated documents at {host['host']}"


def _hash_of(files: Sequence[str]) -> str:
    hasher = xxh3_128()
    for file in files:
        with storage.open_for_reading(file) as stream:
            storage.hash_of(stream, lambda: hasher)
    return hasher.hexdigest()
