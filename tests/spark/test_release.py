"""A release is read by what people use, its card says what its rows do, and it is checked without Spark."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import mlcroissant
import polars
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import yaml
from datasets import interleave_datasets, load_dataset

from pipeline.release.layout import MANIFEST
from pipeline.release.metadata_files import metadata_files_of
from pipeline.release.published import sha256_of
from pipeline.release.verify import verify
from pipeline.stores import storage
from tests.e2e.reading import decisions
from tests.spark.mixes import manifest, run_with_all_splits

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?%?")


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_with_all_splits(tmp_path_factory.mktemp("release"))


@pytest.fixture
def release(output: Path, tmp_path: Path) -> Path:
    shutil.copytree(output / "release", tmp_path / "release")
    return tmp_path / "release"


def wrong(release: Path) -> list[str]:
    lines: list[str] = []
    count = verify(str(release), lines.append)
    said = [line.removeprefix("wrong: ") for line in lines if line.startswith("wrong: ")]
    assert len(said) == count
    return said


def rewritten(release: Path, **entries: Any) -> None:
    """Write other entries into a manifest."""
    path = str(release / MANIFEST)
    before = storage.read_json(path)
    assert before is not None
    before.pop("checksum", None)
    storage.write_json(path, {**before, **entries})


def test_every_reader_of_parquet_reads_it(output: Path) -> None:
    files = str(output / "release" / "data" / "*" / "*.parquet")
    sizes = {total["category"]: total["rows"] for total in manifest(output)["totals"] if total["split"] == "train"}
    by_duckdb = asked(f"select category, count(*) from read_parquet('{files}') group by 1")
    assert dict(by_duckdb) == sizes
    assert polars.scan_parquet(files).select(polars.len()).collect().item() == sum(sizes.values())
    assert ds.dataset(output / "release" / "data").count_rows() == sum(sizes.values())


def test_datasets_loads_its_splits_and_categories(output: Path, tmp_path: Path) -> None:
    sizes = {(total["split"], total["category"]): total["rows"] for total in manifest(output)["totals"]}
    whole = load_dataset(str(output / "release"), cache_dir=str(tmp_path))
    for split in ("train", "validation", "anneal"):
        assert whole[split].num_rows == sum(rows for (name, _), rows in sizes.items() if name == split)
    code = load_dataset(str(output / "release"), "code", cache_dir=str(tmp_path))
    assert code["train"].num_rows == sizes["train", "code"]
    streamed = load_dataset(str(output / "release"), split="train", streaming=True)
    assert next(iter(streamed))["text"]


def test_croissant_says_what_columns_there_are(output: Path) -> None:
    described = mlcroissant.Dataset(jsonld=str(output / "release" / "croissant.json"))
    names = {record_set.id: [field.id for field in record_set.fields] for record_set in described.metadata.record_sets}
    columns = pq.read_schema(next((output / "release" / "data").rglob("*.parquet"))).names
    assert set(names) == {"train", "validation", "anneal"}
    assert [name.removeprefix("train/") for name in names["train"]] == columns


def tables_in(text: str) -> dict[str, list[list[str]]]:
    """Return heading → rows of the table below it."""
    tables: dict[str, list[list[str]]] = {}
    heading = ""
    for line in text.splitlines():
        if line.startswith("## "):
            heading = line[3:]
        elif line.startswith("| "):
            tables.setdefault(heading, []).append([cell.strip() for cell in line.strip("|").split("|")])
    return {name: rows[1:] for name, rows in tables.items()}


def asked(query: str) -> list[tuple[Any, ...]]:
    """Return the rows that a query gives."""
    relation = duckdb.sql(query)
    assert relation is not None
    return list(relation.fetchall())


def as_text(rows: list[tuple[Any, ...]]) -> list[list[str]]:
    return [[f"{value:,}" if isinstance(value, int) else str(value) for value in row] for row in rows]


def test_every_number_of_the_card_is_that_of_a_query(output: Path) -> None:
    folder = output / "release"
    _, header, body = (folder / "README.md").read_text().split("---\n", 2)
    tables = tables_in(body)
    by = {name: f"read_parquet('{folder}/{name}/*/*.parquet')" for name in ("data", "validation", "anneal")}
    sums = "count(distinct doc_id), count(*), sum(tokens)::bigint, sum(octet_length(encode(text)))::bigint"
    expected = []
    for split, name in (("train", "data"), ("validation", "validation"), ("anneal", "anneal")):
        query = f"select '{split}', category, {sums} from {by[name]} group by category order by category"
        expected += as_text(asked(query))
    assert [row[:6] for row in tables["Splits and categories"]] == expected
    shares = asked(
        f"select printf('%.2f%%', 100 * sum(tokens) / (select sum(tokens) from {by['data']})) from {by['data']}"
        " group by category order by category"
    )
    assert [row[6] for row in tables["Splits and categories"][:4]] == [share for (share,) in shares]

    languages = f"select language, count(distinct doc_id), sum(tokens)::bigint t from {by['data']} group by 1"
    assert tables["Languages"] == as_text(asked(f"{languages} order by t desc, language"))
    licences = (
        "select coalesce(declared_license, '(none declared)'), count(distinct doc_id), sum(tokens)::bigint t"
        f" from {by['data']} group by 1 order by t desc"
    )
    assert tables["Licences"] == as_text(asked(licences))

    group = "case when category = 'multilingual' then language else coalesce(topic, '(none)') end"
    reached = (
        f"select category, {group}, printf('%.2f%%', 100 * sum(tokens) / (select sum(tokens) from {by['data']}))"
        f" from {by['data']} group by 1, 2 order by 1, 2"
    )
    topics = tables["Topics and languages of the training split"]
    assert sorted([row[0], row[1], row[5]] for row in topics) == [list(row) for row in asked(reached)]

    gone = [row for row in decisions(output).values() if not row["kept"]]
    making = {row[0]: row for row in tables["How it was made"]}
    for stage, row in making.items():
        assert row[3] == f"{sum(drop['stage'] == stage for drop in gone):,}"
    held_out = asked(f"select category, sum(tokens)::bigint from {by['validation']} group by 1")
    assert {row[0]: row[3] for row in tables["Validation split"] if row[3] != "0"} == {
        name: f"{tokens:,}" for name, tokens in held_out
    }
    params = manifest(output)["config"]
    prose = "\n".join(line for line in body.splitlines() if not line.startswith("|"))
    said = {
        *("{:,}".format(*row) for row in asked(f"select sum(tokens)::bigint from {by['data']}")),
        *("{:,}".format(*row) for row in asked(f"select count(*) from {by['data']}")),
        *("{:,}".format(*row) for row in asked(f"select sum(tokens)::bigint from {by['anneal']}")),
        f"{len(manifest(output)['inputs'])}",
        f"{params['mix']['validation']['share']:.2%}",
        f"{params['mix']['validation']['max_site_share']:.0%}",
        f"{params['mix']['validation']['min_sites']}",
        f"{params['mix']['max_epochs']:g}",
        f"{params['anneal']['min_bucket']}",
    }
    assert {number.strip(",") for number in NUMBER.findall(prose)} <= said
    assert yaml.safe_load(header)["size_categories"] == ["1K<n<10K" if len(copies_of(output)) >= 1000 else "n<1K"]


def copies_of(output: Path) -> list[Any]:
    folders = [f"'{output}/release/{name}/*/*.parquet'" for name in ("data", "validation", "anneal")]
    return asked(f"select doc_id from read_parquet([{', '.join(folders)}])")


def test_metadata_files_follow_from_the_manifest_alone(output: Path) -> None:
    for path, text in metadata_files_of(manifest(output)).items():
        assert (output / "release" / path).read_text() == text


def test_a_whole_release_is_right_by_any_of_its_names(release: Path) -> None:
    assert wrong(release) == wrong(release / "data") == wrong(release.parent) == []


@pytest.mark.parametrize("kind", ["parquet", "bin", "idx", "README.md", "mixture.json"])
def test_one_flipped_byte_is_noticed_and_its_file_named(release: Path, kind: str) -> None:
    file = sorted(release.rglob(f"*{kind}"))[0]
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert wrong(release) == [f"{file.relative_to(release)}: its bytes are not what was written"]


def test_a_file_that_is_gone_and_one_that_nobody_named_are_noticed(release: Path) -> None:
    shard, *_ = sorted((release / "data" / "code").iterdir())
    shard.rename(release / "data" / "code" / "other.parquet")
    name = str(shard.relative_to(release))
    assert wrong(release) == [
        f"{name}: there is no such file",
        "data/code/other.parquet: the manifest does not name it",
    ]


def test_a_shard_with_a_document_too_many_is_noticed_even_with_its_hash(release: Path) -> None:
    entries = manifest(release.parent)["shards"]
    first = entries[0]
    path = release / first["path"]
    table = pq.read_table(path)
    pq.write_table(pa.concat_tables([table.slice(0, 1), table]), path)
    first["sha256"] = sha256_of(str(path))
    rewritten(release, shards=entries)
    said = wrong(release)
    assert any("twice in one epoch" in line and first["path"] in line for line in said)
    assert any(f"{first['rows'] + 1} rows, and the manifest says {first['rows']}" in line for line in said)


def test_a_page_of_a_validation_site_in_the_training_split_is_noticed(release: Path) -> None:
    read = manifest(release.parent)
    train = next(shard for shard in read["shards"] if shard["split"] == "train")
    held_out = next(shard for shard in read["shards"] if shard["split"] == "validation")
    for shard in read["shards"]:
        if shard["path"] == held_out["path"]:
            shard["split"] = "train"
        elif shard["path"] == train["path"]:
            shard["split"] = "validation"
    rewritten(release, shards=read["shards"])
    assert any("sites of the validation split" in line for line in wrong(release))


def test_totals_that_do_not_add_up_are_noticed(release: Path) -> None:
    totals = manifest(release.parent)["totals"]
    totals[0]["tokens"] += 1
    rewritten(release, totals=totals)
    assert any(line.startswith(f"{MANIFEST}: ") and "its shards have" in line for line in wrong(release))


def test_megatron_reads_the_tokens(output: Path) -> None:
    indexed = pytest.importorskip(
        "megatron.core.datasets.indexed_dataset", reason="megatron-core, which needs torch, is not installed"
    )
    for shard in manifest(output)["shards"]:
        base = output / "release" / "tokens" / shard["path"].removesuffix(".parquet")
        read = indexed.IndexedDataset(str(base))
        assert len(read) == shard["rows"]
        assert int(read.sequence_lengths.sum()) - len(read) == shard["tokens"]


def test_the_mixture_names_files_that_are_there_and_is_what_datasets_draws_by(output: Path, tmp_path: Path) -> None:
    mixture = json.loads((output / "release" / "mixture.json").read_text())
    for path in mixture["megatron"]["data_path"][1::2]:
        assert (output / "release" / f"{path}.idx").exists()
    for stream in mixture["mosaicml_streams"]:
        assert (output / "release" / stream["local"]).is_dir()
    asked = mixture["interleave_datasets"]
    parts = [
        load_dataset(str(output / "release"), name, split=asked["split"], cache_dir=str(tmp_path))
        for name in asked["configs"]
    ]
    both = interleave_datasets(parts, probabilities=asked["probabilities"], seed=1, stopping_strategy="all_exhausted")
    tokens: dict[str, int] = {}
    for row in both.select_columns(["category", "tokens"]):
        tokens[row["category"]] = tokens.get(row["category"], 0) + row["tokens"]
    shares = {name: count / sum(tokens.values()) for name, count in tokens.items()}
    assert shares == pytest.approx(mixture["share_of_tokens"], abs=0.05)
