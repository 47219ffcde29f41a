"""A run, opened by a program: its funnel, the story of a page, what other limits would do, its tables and release."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any
from warnings import warn

import pyarrow as pa
import pyarrow.dataset as ds

from pipeline.cells.reader import read_cells
from pipeline.errors import ManifestError, near_miss
from pipeline.inspection.whatif import Answer, what_if
from pipeline.release.layout import FOLDERS
from pipeline.results.explain import explain
from pipeline.results.locations import locate, open_table
from pipeline.runs import run as runs
from pipeline.runs.funnel import funnel
from pipeline.runs.ledger import read_ledger
from pipeline.runs.table import Table
from pipeline.spark.cells import cells_frame
from pipeline.spark.session import left_as_found, start_session
from pipeline.spark.types import arrow_schema
from pipeline.stores import storage
from pipeline.terminal import safe
from schemas.columns import Column
from schemas.renamed import COLUMNS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class Story(str):
    """A text of several lines that a notebook shows as such; of commands to a terminal in it, the letters."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return the text itself."""
        return str(self)


class Run:
    """A run directory. Nothing in it is changed; what is asked for is read when it is asked for."""

    def __init__(self, path: str) -> None:
        """Open a run.

        Args:
            path: The run directory, local or fsspec URL.

        Raises:
            ManifestError: It holds no committed run, or one of a former format.
        """
        self.path = str(path).rstrip("/")
        self._run = runs.Run(self.path)
        self._run.tables()

    def __repr__(self) -> str:
        """Return where it is, and how many rows reached its end."""
        last = self._run.tables()[-1]
        return f"Run({self.path!r}): {last.rows:,} rows after '{last.stage}'"

    @property
    def stages(self) -> list[str]:
        """Names of the committed stages, in order."""
        return self._run.stages

    def funnel(self) -> pa.Table:
        """Return a row per stage: rows in, kept and dropped, and a struct list of how many were dropped for what."""
        reasons = pa.list_(pa.struct([("reason", pa.string()), ("rows", pa.int64())]))
        rows = [
            {
                "stage": stage,
                "rows_in": before,
                "kept": kept,
                "dropped": before - kept,
                "reasons": [{"reason": name, "rows": n} for name, n in sorted(dropped.items(), key=lambda x: -x[1])],
            }
            for stage, before, kept, dropped in funnel(self._run.tables())
        ]
        counts = [(name, pa.int64()) for name in ("rows_in", "kept", "dropped")]
        return pa.Table.from_pylist(rows, schema=pa.schema([("stage", pa.string()), *counts, ("reasons", reasons)]))

    def explain(self, page: str) -> Story:
        """Return the whole story of a page: what each stage measured, the rule, the value, the limit.

        Args:
            page: URL as crawled or canonical, WARC-Record-ID, or doc_id.

        Raises:
            ManifestError: No record of the run answers to it.
        """
        return Story("\n".join(map(safe, explain(self.path, page))))

    def what_if(self, settings: Mapping[str, Any], sample: int = 5) -> Answer:
        """Return what other limits of `heuristics` would do, from the stored signals; nothing is measured or written.

        Args:
            settings: Limits, `{"heuristics.min_words": 200}`.
            sample: Documents of each side to return.

        Raises:
            ConfigError: There is no such limit, with the near miss; or the value is none.
        """
        words = [f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in settings.items()]
        with left_as_found():
            return what_if(start_session, self.path, (), words, sample)

    def table(self, stage: str, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
        """Return the rows that passed a stage, as they left it, batch by batch: without Spark, once through.

        Before stage `pii` texts hold personal data as it stood on the pages.

        Args:
            stage: A committed stage.
            columns: Names of columns; None for all.

        Raises:
            ManifestError: There is no such stage or column, with the near miss.
        """
        table = self._run.table(stage)
        read = self._columns(table, columns)

        def batches() -> Iterator[pa.RecordBatch]:
            for cells in table.cells([column.name for column in read]):
                for batch in read_cells(cells, read):
                    yield batch.select([column.name for column in read])

        return pa.RecordBatchReader.from_batches(arrow_schema(read), batches())

    def spark(self, stage: str, columns: Sequence[str] | None = None) -> "DataFrame":
        """Return the rows that passed a stage as a DataFrame, read by Spark's tasks.

        A SparkSession that is running is used, and left as it was.

        Args:
            stage: A committed stage.
            columns: Names of columns; None for all.

        Raises:
            ManifestError: There is no such stage or column, with the near miss.
        """
        table = self._run.table(stage)
        read = self._columns(table, columns)
        cells = table.cells([column.name for column in read])
        with left_as_found():
            return cells_frame(start_session(), cells, read).select([column.name for column in read])

    @staticmethod
    def _columns(table: Table, names: Sequence[str] | None) -> list[Column]:
        have = {column.name: replace(column, default=None) for column in table.columns}
        asked = list(have) if names is None else [name if name in have else COLUMNS.get(name, name) for name in names]
        for name in asked:
            if name not in have:
                raise ManifestError(f"'{table.stage}' has no column '{name}'{near_miss(name, have)}")
        for name in {*(names or ())} - {*asked}:
            warn(f"the column '{name}' is called '{COLUMNS[name]}' now", FutureWarning, stacklevel=3)
        return [have[name] for name in asked]

    def decisions(self) -> ds.Dataset:
        """Return the decisions: a row for each record, with stage, reason, value, limit and survivor."""
        return open_table(locate(self.path, "decisions"))

    def release(self, split: str = "train") -> ds.Dataset:
        """Return a split of the release as a dataset, whose rows are the documents.

        Args:
            split: `train`, `validation` or `anneal`.

        Raises:
            ManifestError: The run has no release, or the release has no such split.
        """
        if split not in FOLDERS:
            raise ManifestError(f"no split '{split}' (there are: {', '.join(FOLDERS)}){near_miss(split, FOLDERS)}")
        folder = storage.join(locate(self.path, "release"), FOLDERS[split])
        if not storage.exists(folder):
            raise ManifestError(f"{self.path}: the release has no split '{split}'")
        return open_table(folder)

    def costs(self) -> pa.Table:
        """Return the ledger: what each stage cost each time it ran (`pipeline.runs.ledger.StageCost`)."""
        return pa.Table.from_pylist([asdict(cost) for cost in read_ledger(self.path)])
