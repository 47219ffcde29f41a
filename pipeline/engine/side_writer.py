"""What a stage's `fit` works with: the stage's input as a DataFrame, and a way to commit side tables."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipeline.engine.batches import Hop
from pipeline.engine.partwise import run_partwise
from pipeline.engine.quarantine import NO_QUARANTINE, Quarantine
from pipeline.engine.recipes import Source
from pipeline.engine.reuse import PartwiseJob, Wanted
from pipeline.engine.side_tables import NO_SIDES, PartFiles, SideReader, bucket_name, part_files, part_id_of
from pipeline.engine.stage import Measure, Params
from pipeline.runs import storage
from pipeline.runs.manifest import MANIFEST
from pipeline.runs.parts import PART_ID, Part, PartRecord, digest
from pipeline.runs.table_file import TableFile
from pipeline.spark.frames import empty_frame
from pipeline.spark.table_tasks import write_keyed, write_whole
from pipeline.spark.types import spark_schema
from schemas.columns import DROP, WARC_FILE, WARC_OFFSET, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


class SparkSides:
    """Commits a stage's side tables under its version directory; see `pipeline.engine.stage.SideWriter`."""

    def __init__(
        self,
        spark: "SparkSession",
        directory: str,
        earlier: Sequence[str],
        stage: str,
        version: int,
        source: Source,
        stages: Mapping[str, str],
    ) -> None:
        """Start with no side table; see `segment.run_segment` for the arguments."""
        self._spark = spark
        self._root = storage.join(directory, "_side")
        self._earlier = [storage.join(version_directory, "_side") for version_directory in earlier]
        self._recipe = (stage, version)
        self._source = source
        self._stages = stages
        self.committed: dict[str, Any] = {}
        self.notes: dict[str, Any] = {}
        self._measured: dict[str, Source] = {}

    def docs(self) -> "DataFrame":
        """Return the stage's input with `part_id`; reading is by column, so an unused text is never read."""
        from pyspark.sql import functions as F  # noqa: N812, PLC0415

        columns = [column for column in self._source.columns if column.name != DROP.name]
        files = [file for part in self._source.parts for file in part.files]
        return self._read(files, columns).withColumn(PART_ID, F.xxhash64(WARC_FILE.name))

    def _read(self, files: Sequence[str], columns: Sequence[Column]) -> "DataFrame":
        schema = spark_schema(columns)
        if not files:
            return empty_frame(self._spark, schema)
        return self._spark.read.schema(schema).parquet(*files)

    @property
    def rows(self) -> int:
        """Rows of the stage's input."""
        return sum(part.rows for part in self._source.parts)

    def measure(  # noqa: PLR0913  (what to measure, of what, and what of it is kept)
        self,
        name: str,
        measure: Measure,
        adds: Sequence[Column],
        keeps: Sequence[Column],
        settings: Params | None = None,
        *,
        by_row: bool = True,
        of: str = "",
        reads: Sequence[str] = (),
    ) -> "DataFrame":
        """Measure the input, or a side table of it, part by part into a side table.

        Args:
            name: Of the side table.
            measure: The Arrow function; `settings` are its parameters.
            adds: Columns that it adds.
            keeps: Columns of the input to keep beside them.
            settings: All parameters that the measure depends on: a part is measured again only if they change.
            by_row: Whether it yields a row a document; then `warc_file` and `warc_offset` are kept too.
            of: A side table that was measured before, which is read in the input's place.
            reads: Small side tables of this fit that the measure reads.

        Returns:
            The side table, with `part_id` where it has a row a document.
        """
        from pyspark.sql import functions as F  # noqa: N812, PLC0415

        named = {column.name: column for column in (*((WARC_FILE, WARC_OFFSET) if by_row else ()), *keeps, *adds)}
        columns = tuple(named.values())
        root = storage.join(self._root, name)
        source = self._measured[of] if of else self._source
        job = PartwiseJob(
            root=root,
            reads=tuple(column.name for column in source.columns if column.name != DROP.name),
            hop=Hop(((measure, settings, self.reader() if reads else NO_SIDES),), columns),
            then=lambda docs: docs,
            writes=columns,
            places={"": ""},
        )
        known = [self.committed[one]["files"] for one in reads]
        recipe = digest(self._recipe, name, settings and settings.model_dump(mode="json"), *([known] if known else []))
        wanted = [
            Wanted(part, {name: digest(part.digest, recipe)}, origin, origin, by_row)
            for part in source.parts
            for origin in ({name: digest(part.origin, recipe)},)
        ]
        records, _ = run_partwise(self._spark, job, wanted, [storage.join(old, name) for old in self._earlier])
        storage.write_json(storage.join(root, MANIFEST), {"parts": [record.to_json() for record in records]})
        self.committed[name] = {"parts": {r.part: [f["sha256"] for f in r.files] for r in records}}
        self._measured[name] = Source(tuple(_part_of(record, root, name) for record in records), columns, None, "")
        files = [storage.join(root, file["path"]) for record in records for file in record.files]
        table = self._read(files, columns)
        return table.withColumn(PART_ID, F.xxhash64(WARC_FILE.name)) if by_row else table

    def part_files(self, name: str = "") -> list[PartFiles]:
        """Return the files of a side table that was measured part by part; without a name, of the stage's input."""
        if not name:
            parts = sorted(self._source.parts, key=lambda part: part.name)
            return [PartFiles(part.name, part_id_of(part), part.files) for part in parts]
        manifest = storage.read_json(storage.join(self._root, name, MANIFEST)) or {"parts": []}
        return part_files(storage.join(self._root, name), manifest["parts"])

    def place(self, name: str, stage: str = "") -> str:
        """Return the directory of a side table of this stage, or of one that ran before it; "" if that did not run."""
        if not stage:
            return storage.join(self._root, name)
        return storage.join(self._stages[stage], "_side", name) if stage in self._stages else ""

    def note(self, **values: Any) -> None:
        """Remember what the run's report is to say of the fit: JSON values by name."""
        self.notes |= values

    def save(
        self,
        name: str,
        rows: "DataFrame",
        *,
        by_part: bool = False,
        scratch: bool = False,
        small: bool = False,
        buckets: int | Sequence[str] = 0,
    ) -> "DataFrame":
        """Commit rows as a side table and return them as read back.

        Args:
            name: Of the side table.
            rows: What to commit.
            by_part: One file a part, by `part_id`, in order of the column after it: workers read their part's.
            scratch: Of a table by part, or a small one: for the fit's own use, so that no part is known by it.
            small: One sorted file, which workers read whole.
            buckets: One file a bucket; those of one stand together, in one partition, by column `bucket`. How many
                there are, or the names of their files. None of the three: many files, for the fit's own use.
        """
        from pyspark.sql.pandas.types import to_arrow_schema  # noqa: PLC0415

        root = storage.join(self._root, name)
        storage.remove(root)
        schema = to_arrow_schema(rows.schema, timezone="UTC")
        if by_part:
            after = rows.columns[rows.columns.index(PART_ID) + 1]
            rows = rows.repartition(PART_ID).sortWithinPartitions(PART_ID, after)
            names = {part_id_of(part): f"{part.name}.parquet" for part in self._source.parts}
            written = write_keyed(rows, PART_ID, root, names, schema)
        elif buckets:
            known = [bucket_name(number) for number in range(buckets)] if isinstance(buckets, int) else buckets
            names = {number: f"{name}.parquet" for number, name in enumerate(known)}
            written = write_keyed(rows, "bucket", root, names, schema)
        else:
            rows = rows.repartition(1).sortWithinPartitions(*rows.columns) if small else rows
            written = write_whole(rows, root, schema)
        lines = [(file.path, file.sha256) for file in written]
        if small and not lines:  # a reader is owed the columns
            path = "part-00000.parquet"
            lines = [(path, TableFile(storage.join(root, path), schema).close()[2])]
        if by_part:
            parts = {path.removesuffix(".parquet"): [sha256] for path, sha256 in lines}
            self.committed[name] = {"parts": parts, "scratch": scratch}
        else:
            self.committed[name] = {
                "files": lines,
                "small": small,
                "scratch": scratch,
                "buckets": buckets if isinstance(buckets, int) else 0,
            }
        files = [storage.join(root, path) for path, _ in lines]
        return self._spark.read.schema(rows.schema).parquet(*files) if files else empty_frame(self._spark, rows.schema)

    def reader(self) -> SideReader:
        """Return what workers read the side tables with."""
        whole = {
            name: tuple(path for path, _ in committed["files"])
            for name, committed in self.committed.items()
            if committed.get("small")
        }
        return SideReader(self._root, whole)

    def table(self, name: str) -> pa.Table:
        """Return a small side table on the driver."""
        return self.reader().table(name)

    def files(self, name: str) -> tuple[str, ...]:
        """Return the files of a small side table."""
        return self.reader().files(name)

    def slice(self, name: str, part: Part) -> pa.Table | None:
        """Return a by-part side table's rows for one part on the driver."""
        return self.reader().slice(name, part)

    @property
    def quarantine(self) -> Quarantine:
        """No list: a fit reads no page."""
        return NO_QUARANTINE

    def digest_for(self, part: Part) -> str:
        """Return a hash of all that the side tables hold for a part: the whole ones, and its slices."""
        return digest(
            [
                (name, committed.get("files"), committed.get("parts", {}).get(part.name))
                for name, committed in sorted(self.committed.items())
                if committed.get("small", True) and not committed.get("scratch")
            ]
        )


def _part_of(record: PartRecord, root: str, name: str) -> Part:
    """Return a part as a measured side table has it."""
    known = digest([file["sha256"] for file in record.files])
    files = tuple(storage.join(root, file["path"]) for file in record.files)
    rows = sum(file["rows"] for file in record.files)
    return Part(record.part, record.source, record.uri, record.bytes, known, record.contents[name], files, rows)
