"""A segment: neighbouring stages without a shuffle between them, as one read, one hop, one write, one commit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pipeline.engine.batches import PART_NUMBER, Hop
from pipeline.engine.partwise import run_partwise
from pipeline.engine.quarantine import Quarantine, quarantine_of
from pipeline.engine.recipes import Source, Step, contents, fingerprints, heeded
from pipeline.engine.reuse import PartwiseJob, Wanted
from pipeline.engine.side_tables import NO_SIDES, SideReader
from pipeline.engine.side_writer import SparkSides
from pipeline.engine.stage import Measure, SideTables
from pipeline.errors import ContractError, ManifestError, QuarantineError
from pipeline.runs import storage
from pipeline.runs.manifest import Manifest, Member, directories, encode_schema, versions
from pipeline.runs.parts import Part, digest, page_keys, read_part
from pipeline.spark.types import arrow_schema, spark_type
from schemas.columns import DOC_ID, DROP, WARC_OFFSET, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


Columns = dict[str, list[Column]]
"""stage → columns of its table."""


@dataclass(frozen=True)
class Outcome:
    """A committed segment and how much of it was computed now."""

    manifest: Manifest
    directory: str
    computed: int


def run_segment(
    spark: "SparkSession", run: str, steps: Sequence[Step], source: Source, stages: Mapping[str, str] | None = None
) -> Outcome:
    """Fit, measure, decide, write and commit a segment; parts that are unchanged are linked.

    A table is known by the quarantine list that it heeds. If a page goes on the list while tasks run, and Spark's
    retry leaves it out, then what was written is linked under the name that says so before it is committed.

    Args:
        spark: The session.
        run: The run directory.
        steps: The segment's stages in order.
        source: What the first of them reads.
        stages: stage → version directory, of those that ran before in the chain.

    Raises:
        ManifestError: Rows were lost or invented.
        QuarantineError: Pages hung, more often than Spark tries a task.
    """
    quarantine = quarantine_of(run, steps[0].stage)
    computed = 0
    while True:
        listed = quarantine.names()
        try:
            written = _write(spark, run, steps, source, quarantine, stages or {})
        except Exception as error:
            if hung := [name for name in quarantine.names() if name not in listed]:
                raise QuarantineError(f"{steps[0].stage.name}: {quarantine.what_happened(hung)}") from error
            raise
        computed += written.computed
        if quarantine.names() == listed:
            break
    written.manifest.save(written.directory)
    return replace(written, computed=min(computed, len(written.manifest.parts)))


def _write(
    spark: "SparkSession",
    run: str,
    steps: Sequence[Step],
    source: Source,
    quarantine: Quarantine,
    stages: Mapping[str, str],
) -> Outcome:
    """Write what is to be committed."""
    names = [step.stage.name for step in steps]
    prints = fingerprints(steps, heeded(source.digest, quarantine))
    directory = storage.join(run, "stages", names[0], prints[names[-1]])
    earlier = [version for version in reversed(versions(run, names[0])) if version != directory]
    first = steps[0]
    sides, notes, reader = {}, {}, SideReader("", {}, quarantine)
    side_prints = dict.fromkeys((part.name for part in source.parts), "")
    if first.stage.fit is not None:
        writer = SparkSides(spark, directory, earlier, first.stage.name, first.stage.version, source, stages)
        first.stage.fit(writer.docs(), first.params, writer)
        reader, sides, notes = writer.reader(), writer.committed, writer.notes
        side_prints = {part.name: writer.digest_for(part) for part in source.parts}
    job, columns = _job(directory, steps, source, reader)
    records, computed = run_partwise(spark, job, _wanted(steps, source, side_prints, quarantine), earlier)
    written = sum(sum(record.fates.values()) for record in records)
    if source.rows is not None and written != source.rows:
        raise ManifestError(f"{'+'.join(names)}: {source.rows} rows went in, {written} came out in {directory}")
    if first.stage.name == "ingest" and any(record.input is None for record in records):
        raise ManifestError(f"ingest: a file was not reported on in {directory}")
    storage.sweep(directory)
    manifest = Manifest(
        members=[Member(s.stage.name, s.stage.version, s.settings, prints[s.stage.name]) for s in steps],
        source=source.digest,
        columns={name: [column.name for column in table] for name, table in columns.items()},
        schema=encode_schema(arrow_schema(columns[names[-1]])),
        parts=records,
        sides=sides,
        notes=notes,
    )
    return Outcome(manifest, directory, computed)


def _wanted(
    steps: Sequence[Step], source: Source, side_prints: Mapping[str, str], quarantine: Quarantine
) -> list[Wanted]:
    """Return the parts with what they will be known by."""
    listed = quarantine.pages()
    return [
        Wanted(
            part,
            fingerprints(steps, digest(part.digest, part.source, side_prints[part.name])),
            fingerprints(steps, digest("rows", part.origin, part.source, side_prints[part.name])),
            contents(steps, digest(part.origin, part.source), side_prints[part.name]),
            may_thin=steps[0].stage.fit is None and bool(part.files),
            quarantined=_standing(part, listed.get(part.name, set())),
        )
        for part in source.parts
    ]


def _standing(part: Part, listed: set[str]) -> tuple[str, ...]:
    """Return the keys of a quarantine list that are pages of the part: an older capture of one may be gone."""
    if not listed:
        return ()
    keys = (key for batch in read_part(part, [WARC_OFFSET.name, DOC_ID.name]) for key in page_keys(batch))
    return tuple(sorted(listed.intersection(keys)))


def _job(directory: str, steps: Sequence[Step], source: Source, reader: SideReader) -> tuple[PartwiseJob, Columns]:
    """Plan a segment's one pass; return it with the columns of each stage's table."""
    readable = [column for column in source.columns if column.name != DROP.name]
    in_hop, have = list(readable), list(readable)
    measures: list[tuple[Measure, Any, SideTables]] = []
    columns: Columns = {}
    for step in steps:
        stage = step.stage
        if stage.measure is not None:
            measures.append((stage.measure, step.params, reader if step is steps[0] else NO_SIDES))
            present = {column.name for column in in_hop}
            in_hop.extend(column for column in stage.measures if column.name not in present)
        have = [column for column in stage.columns_after(have) if column.name != DROP.name]
        columns[stage.name] = [*have, DROP]
    written = columns[steps[-1].stage.name]

    def then(docs: "DataFrame") -> "DataFrame":
        for step in steps:
            docs = _decide(docs, step)
        return docs.select(*(column.name for column in written), PART_NUMBER.name)

    job = PartwiseJob(
        root=directory,
        reads=tuple(column.name for column in readable),
        hop=Hop(tuple(measures), _with_drop(in_hop)),
        then=then,
        writes=tuple(written),
        places=directories([step.stage.name for step in steps]),
    )
    return job, columns


def _with_drop(columns: Sequence[Column]) -> tuple[Column, ...]:
    return (*(column for column in columns if column.name != DROP.name), DROP)


def _decide(docs: "DataFrame", step: Step) -> "DataFrame":
    """Run a stage's Column logic and hold it to its promise."""
    before = {field.name: field.dataType for field in docs.schema}
    after = step.stage.decide(docs, step.params)
    found = {field.name: field.dataType for field in after.schema}
    promised = set(before) | {column.name for column in step.stage.adds}
    name = step.stage.name
    if missing := promised - set(found):
        raise ContractError(f"stage '{name}' lost or never added {', '.join(sorted(missing))}")
    if extra := set(found) - promised:
        raise ContractError(f"stage '{name}' added {', '.join(sorted(extra))}, which its contract does not name")
    for known, kind in before.items():
        if found[known] != kind:
            raise ContractError(f"stage '{name}' changed the type of '{known}' from {kind} to {found[known]}")
    for column in step.stage.adds:
        if found[column.name] != spark_type(column.type):
            raise ContractError(f"stage '{name}' promised '{column.name}' as {column.type}, not {found[column.name]}")
    return after
