"""What the mix costs, by number of documents: `python -m tests.benchmarks.mix_scaling [--documents 5000000]`.

Documents are made up: keys, cells and tokens, a text of one sign, 50 topics by 20 quality buckets. The run is the
shipped job with `ingest`, `mix` and `anneal` alone. Seconds are those that the stage itself prints; peaks are the
kernel's own high-water marks of resident memory. A small run goes first, which is not shown.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.cells.parts import BatchStream
from pipeline.classification.tokens import COUNTED_BY
from pipeline.engine.fitting import FitContext
from pipeline.engine.stage import Params, stage
from pipeline.engine.tables import FittedTables
from pipeline.heuristics.token_counts import named_tokenizer_digest
from pipeline.spark.driver_frames import frame_of
from pipeline.stages.anneal import anneal
from pipeline.stages.ingest import IngestParams
from pipeline.stages.mix import mix
from schemas.columns import (
    CATEGORY,
    DOC_ID,
    FETCH_TIME,
    HOST,
    IDENTITY,
    LANGUAGE,
    QUALITY_BUCKET,
    TEXT,
    TEXT_BYTES,
    TOKENS,
    TOPIC,
    WARC_FILE,
)
from tests.benchmarks.dedup_scaling import role_of, watch
from tests.benchmarks.profile_run import DRIVER, JVM, MIB, ROOT, SUBMIT, WORKERS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_FILES: Final = 8
_TOPICS: Final = 50
_BATCH: Final = 100_000
_LANGUAGES: Final = 40


def read_documents(_: BatchStream, __: IngestParams, fitted: FittedTables) -> BatchStream:
    """Yield the rows of a part's file."""
    with pq.ParquetFile(fitted.part.uri) as file:
        for batch in file.iter_batches(_BATCH):
            fitted.report(responses=file.metadata.num_rows)
            yield batch.append_column(WARC_FILE.name, pa.array([fitted.part.source] * batch.num_rows, pa.string()))


@stage(
    adds=(*IDENTITY, TEXT, HOST, LANGUAGE, CATEGORY, TOPIC, QUALITY_BUCKET, TOKENS, TEXT_BYTES),
    measure=read_documents,
    rereads_source=True,
    decides=False,
)
def ingest(docs: "DataFrame", params: IngestParams) -> "DataFrame":
    """Read made-up documents, which have all that the mix asks of earlier stages."""
    return docs


def leave_tokenizer(context: FitContext, _: Params) -> None:
    """Say that the tokens of the input are those of the shipped tokenizer."""
    known_by = named_tokenizer_digest("quality.tokenizer", "tekken")
    context.save_small(COUNTED_BY.table, frame_of(context.spark, [(known_by,)], "tokenizer string"), decides=False)


@stage(needs=(DOC_ID,), fit=leave_tokenizer, decides=False)
def quality(docs: "DataFrame", params: Params) -> "DataFrame":
    """Stand for the stage that counts tokens: the input brings them."""
    return docs


STAGES: Final = (ingest, quality, mix, anneal)


def made_up(documents: int, seed: int) -> Iterator[pa.RecordBatch]:
    """Yield documents: keys, cells and tokens."""
    random = np.random.default_rng(seed)
    topics = pa.array([f"topic {number:02}" for number in range(_TOPICS)])
    languages = pa.array([f"l{number:02}" for number in range(_LANGUAGES)])
    categories = pa.array(["general", "math", "code", "multilingual"])
    for start in range(0, documents, _BATCH):
        count = min(_BATCH, documents - start)
        tokens = np.minimum(random.lognormal(6.5, 1.0, count), 100_000).astype(np.int32) + 1
        numbers = range(start, start + count)
        hosts = [f"www.site{random.zipf(1.3) % 40_007}.example" for _ in numbers]
        urls = pa.array([f"https://{host}/{seed}/{number}" for host, number in zip(hosts, numbers, strict=True)])
        ids = pa.array([random.bytes(16).hex() for _ in numbers])
        yield pa.record_batch(
            {
                "record_id": ids,
                "doc_id": ids,
                "url": urls,
                "source_url": urls,
                "fetch_time": pa.nulls(count, FETCH_TIME.type),
                "warc_offset": pa.array(numbers, pa.int64()),
                "text": pa.array(["x"] * count),
                "host": pa.array(hosts),
                "language": languages.take(pa.array(random.integers(0, _LANGUAGES, count))),
                "category": categories.take(pa.array(random.choice(4, count, p=[0.8, 0.06, 0.06, 0.08]))),
                "topic": topics.take(pa.array(random.integers(0, _TOPICS, count))),
                "quality_bucket": pa.array(random.integers(0, 20, count).astype(np.int32)),
                "tokens": pa.array(tokens),
                "text_bytes": pa.array(tokens.astype(np.int64) * 4),
            }
        )


def write_documents(folder: Path, documents: int) -> None:
    """Write made-up documents as Parquet files."""
    folder.mkdir(parents=True)
    for number in range(_FILES):
        count = documents // _FILES + (number < documents % _FILES)
        batches = list(made_up(count, number))
        pq.write_table(pa.Table.from_batches(batches), folder / f"documents-{number}.parquet")


def measure(documents: int, folder: Path, settings: list[str]) -> None:
    """Mix documents, and print what that cost."""
    write_documents(folder / "input", documents)
    command = [
        str(SUBMIT),
        str(ROOT / "jobs" / "curate.py"),
        "--input",
        str(folder / "input"),
        "--output",
        str(folder / "run"),
    ]
    command += [
        "--stages",
        "tests.benchmarks.mix_scaling:STAGES",
        *(word for value in settings for word in ("--set", value)),
    ]
    watched = watch(command, ROOT, role_of, folder / "log")
    peaks = ", ".join(f"{role} {watched.peaks[role] / MIB:,.0f} MiB" for role in (DRIVER, WORKERS, JVM))
    seconds = watched.seconds.get("mix", 0.0)
    print(f"{documents:>10,} documents: mix {seconds:.1f} s, all {watched.wall:.1f} s; peaks: {peaks}")


def main() -> None:
    """Parse arguments and measure."""
    os.environ["PYTHONPATH"] = str(ROOT)  # Spark's workers import this module
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, nargs="+", default=[5_000_000])
    parser.add_argument("--set", action="append", default=[], dest="settings", help="as of jobs/curate.py")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for number, documents in enumerate([2_000, *asked.documents]):
            measure(documents, Path(folder) / str(number), asked.settings)


if __name__ == "__main__":
    main()
