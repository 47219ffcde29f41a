"""Chains of manifests: columns follow from them, and what a killed writer left is passed over."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.cells.parts import Part
from pipeline.engine.recipes import Step
from pipeline.errors import ContractError
from pipeline.inputs.files import Inputs
from pipeline.inputs.table_columns import table_columns
from pipeline.runs.earlier import earlier_manifests, prune
from pipeline.runs.manifest import Manifest, encode_schema
from pipeline.runs.run import Head, manifest_path, manifests_of
from pipeline.runs.table import Table
from pipeline.spark.types import arrow_schema
from pipeline.stages.ingest import IngestParams, ingest
from pipeline.stages.route import RouteParams, route
from pipeline.stores import storage
from schemas.columns import LANGUAGE, TEXT, TITLE, Column

QUALITY = Column("quality", pa.float32(), "how good it is", None)


def manifest(stage: str, *adds: Column, leaves_out: tuple[str, ...] = ()) -> Manifest:
    names = [column.name for column in adds]
    return Manifest(stage, 1, {}, stage, names, list(leaves_out), encode_schema(arrow_schema(adds)))


def test_a_table_has_the_columns_of_the_stages_before_it_as_they_are_now() -> None:
    first, last = manifest("first", TEXT, TITLE), manifest("last", LANGUAGE, leaves_out=("title",))
    assert [column.name for column in Table("", (first, last)).columns] == ["text", "language"]
    between = manifest("between", QUALITY)
    assert [column.name for column in Table("", (first, between, last)).columns] == ["text", "quality", "language"]


def test_what_a_killed_writer_left_is_no_manifest_and_no_unit(tmp_path: Path) -> None:
    run = str(tmp_path)
    manifest("s", TEXT).save(manifest_path(run, "s", "k"))
    Head({"s": "k"}).save(run)
    (tmp_path / "stages" / "s" / "units").mkdir()
    for place in ("stages/s/_tmp-0f-k.json", "stages/s/units/_tmp-0f-unit.json"):
        (tmp_path / place).write_text('{"format": ')
    assert list(manifests_of(run, "s")) == ["k"]
    assert [one.stage for one in earlier_manifests(run, "s")] == ["s"]
    prune(run)
    storage.sweep(storage.join(run, "stages"))
    assert not list(tmp_path.rglob("_tmp-*"))


def test_a_recipe_holds_the_names_and_types_of_the_columns_that_a_stage_adds() -> None:
    wider = replace(ingest, adds=(*ingest.adds, QUALITY))
    assert Step(ingest, IngestParams()).recipe != Step(wider, IngestParams()).recipe
    assert Step(ingest, IngestParams()).content_recipe != Step(wider, IngestParams()).content_recipe
    double = replace(route, adds=tuple(replace(column, type=pa.float64()) for column in route.adds))
    assert Step(route, RouteParams()).recipe != Step(double, RouteParams()).recipe


def test_columns_that_begin_as_our_own_do_are_refused() -> None:
    part = Part("p", "texts.parquet", "/texts.parquet", 1, "d")
    fields = tuple(pa.field(name, pa.string()) for name in ("url", "text", "__row"))
    with pytest.raises(ContractError, match="rename the column '__row'"):
        table_columns(Inputs("parquet", (part,), fields), "url", "text", None)
