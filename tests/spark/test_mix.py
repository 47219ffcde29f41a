"""The mix on a small corpus: shares to within a document, supersets, the same bytes, and splits that do not meet."""

import json
from pathlib import Path

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from pipeline.curation import Request, curate
from pipeline.errors import ConfigError
from pipeline.release.tokens import documents_in
from tests.e2e.reading import decisions
from tests.spark.mixes import DOCUMENTS, copies, manifest, released, run, shards


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(tmp_path_factory.mktemp("mixed"), "mix.curve.power=1", "anneal.tokens=300", "anneal.min_bucket=15")


def test_every_category_meets_its_budget_to_within_one_document(mixed: Path) -> None:
    read = manifest(mixed)
    rows = released(mixed)
    for category in read["mix"]["categories"]:
        of_category = [row["tokens"] for row in rows if row["category"] == category["category"]]
        assert abs(sum(of_category) - category["budget"]) <= max(of_category)
    budgets = {category["category"]: category["budget"] for category in read["mix"]["categories"]}
    total = sum(budgets.values())
    for name, weight in read["mix"]["weights"].items():
        assert budgets[name] / total == pytest.approx(weight, abs=2 / total)
    assert read["mix"]["limited_by"] in budgets


def test_nothing_is_lost_and_every_document_has_one_place(mixed: Path) -> None:
    train, held_out = ({url for url, _ in copies(mixed, split)} for split in ("data", "validation"))
    gone = {row["url"]: row["reason"] for row in decisions(mixed).values() if not row["kept"]}
    assert len(train) + len(held_out) + len(gone) == len(DOCUMENTS)
    assert not train & held_out
    assert gone.pop("https://x.org/none") == "no_category"
    assert set(gone.values()) == {"over_budget"}


def test_no_site_of_the_validation_split_is_in_the_mix(mixed: Path) -> None:
    site = {split: {url.split("/")[2] for url, _ in copies(mixed, split)} for split in ("data", "validation", "anneal")}
    assert site["validation"]
    assert not site["validation"] & (site["data"] | site["anneal"])


def test_the_annealing_set_is_the_best_of_the_mix_and_of_the_size_asked_for(mixed: Path) -> None:
    rows = released(mixed, "anneal")
    assert {row["url"] for row in rows} <= {url for url, _ in copies(mixed)}
    assert min(row["quality_percentile"] for row in rows) >= 15 / 20
    for category, share in {"general": 0.4, "math": 0.35, "code": 0.25}.items():
        tokens = [row["tokens"] for row in rows if row["category"] == category]
        assert abs(sum(tokens) - 300 * share) <= 60  # to within a document, of which none has more tokens
    assert {row["epoch"] for row in rows} == {0}


def test_better_documents_stand_in_the_mix_more_often(mixed: Path) -> None:
    rows = [row for row in released(mixed) if row["category"] == "general"]
    best, worst = ([row for row in rows if low <= row["quality_percentile"] < low + 0.25] for low in (0.75, 0.0))
    assert len(best) > 2 * len(worst)


def test_cells_tell_natural_target_and_reached_shares(mixed: Path) -> None:
    cells = manifest(mixed)["cells"]
    for name in ("natural_share", "target_share", "reached_share"):
        assert sum(cell[name] for cell in cells) == pytest.approx(1)
    rows = released(mixed)
    for cell in cells:
        of_cell = [
            row
            for row in rows
            if (row["category"], row["language" if row["category"] == "multilingual" else "topic"] or "")
            == (cell["category"], cell["group"])
            and int(row["quality_percentile"] * 20) == cell["bucket"]
        ]
        assert (cell["rows"], cell["tokens"]) == (len(of_cell), sum(row["tokens"] for row in of_cell))
        assert cell["epochs"] == pytest.approx(len(of_cell) / cell["natural_documents"])


def test_the_same_bytes_from_other_files_and_after_a_detour(mixed: Path, tmp_path: Path) -> None:
    settings = ("mix.curve.power=1", "anneal.tokens=300", "anneal.min_bucket=15")
    other = run(tmp_path, *settings, documents=DOCUMENTS[::-1], files=2)
    columns = ["url", "epoch", "text"]
    first, second = (ds.dataset(output / "release" / "data").to_table(columns=columns) for output in (mixed, other))
    assert first.to_pylist() == second.to_pylist()
    before = shards(other)
    curate(Request(str(other), assignments=("mix.seed=9",), first="mix", last="anneal"))
    assert shards(other) != before
    curate(Request(str(other), assignments=settings, first="mix", last="anneal"))
    assert shards(other) == before


def test_a_larger_mix_has_all_that_a_smaller_one_has(tmp_path: Path) -> None:
    small = copies(run(tmp_path / "small", "mix.target_tokens=1e3", "mix.curve.power=1"))
    large = copies(run(tmp_path / "large", "mix.target_tokens=3_000", "mix.curve.power=1"))
    assert small < large
    with pytest.raises(ConfigError, match=r"mix\.target_tokens=1000000: there are [\d,]+ tokens .*'math'"):
        run(tmp_path / "large", "mix.target_tokens=1e6")


def test_who_mixes_in_a_loader_gets_every_document_once_with_its_weight(tmp_path: Path) -> None:
    output = run(
        tmp_path, "mix.write=all", "mix.curve.power=1", "mix.curve.bottom=.4", "mix.write_tokens=megatron", last="mix"
    )
    rows = released(output)
    held_out = {url for url, _ in copies(output, "validation")}
    assert {row["url"] for row in rows} | held_out == {doc["url"] for doc in DOCUMENTS if doc["category"]}
    assert {row["epoch"] for row in rows} == {0}
    assert all((row["weight"] == 0) == (row["quality_percentile"] < 0.4) for row in rows)
    mixture = json.loads((output / "release" / "mixture.json").read_text())
    blend = mixture["megatron"]["data_path"]
    by_category: dict[str, float] = {}
    for share, path in zip(blend[::2], blend[1::2], strict=True):
        name = path.split("/")[2]
        by_category[name] = by_category.get(name, 0.0) + share
    assert by_category == pytest.approx({"general": 0.5, "math": 0.25, "code": 0.17, "multilingual": 0.08})
    drawn = dict(zip(*(mixture["interleave_datasets"][name] for name in ("configs", "probabilities")), strict=True))
    mean = {name: sum(r["tokens"] for r in rows if r["category"] == name) for name in drawn}
    mean = {name: mean[name] / sum(row["category"] == name for row in rows) for name in drawn}
    tokens = {name: probability * mean[name] for name, probability in drawn.items()}
    assert {name: value / sum(tokens.values()) for name, value in tokens.items()} == pytest.approx(by_category)


def test_tokens_are_those_of_the_texts_with_an_end_behind_each(tmp_path: Path) -> None:
    output = run(tmp_path, "mix.write_tokens=megatron", "mix.shard_bytes=4000", last="mix")
    read = manifest(output)
    written = {file["path"]: file for file in read["files"] if file["path"].endswith(".bin")}
    assert len(written) == len(read["shards"]) > 4
    for shard in read["shards"]:
        base = f"tokens/{shard['path'].removesuffix('.parquet')}"
        documents = documents_in(str(output / "release"), base)
        counted = pq.read_table(output / "release" / shard["path"], columns=["tokens"])["tokens"].to_pylist()
        assert [len(ids) - 1 for ids in documents] == counted
        assert len({int(ids[-1]) for ids in documents}) <= 1
        assert written[f"{base}.bin"]["tokens"] == shard["tokens"] == sum(counted)


def test_an_annealing_set_needs_a_measure_of_quality(tmp_path: Path) -> None:
    plain = [{name: doc[name] for name in ("url", "text", "language", "category")} for doc in DOCUMENTS]
    with pytest.raises(ConfigError, match=r"anneal\.tokens: .*no stage has measured their quality"):
        run(tmp_path, "anneal.tokens=10", documents=plain)
