"""The mix of a run, by the command that a user calls: read, refused, written, collected, and taken by the main job."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from pipeline.cli.experiments import FIT_MIXTURE
from pipeline.cli.process import main
from pipeline.engine.config import load_settings, make_params
from pipeline.experiments.run_cells import Wanted, read_cells_of
from pipeline.experiments.run_corpus import read_corpus
from pipeline.stages.mix import mix

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SMALL = ("--min-cell-tokens", "1000", "--sample-tokens", "20000", "--dev-bytes", "20000")


def _fit(run: Path, *arguments: Any) -> int:
    return main(FIT_MIXTURE, [str(run), *map(str, arguments), *SMALL])


@pytest.mark.slow
def test_cells_samples_and_held_out_texts_of_a_run(spark: "SparkSession", finished: Path) -> None:
    wanted = Wanted(by=("category", "topic", "quality"), least_tokens=1000, sample_tokens=3000, dev_bytes=20_000)
    corpus = read_corpus(spark, str(finished), wanted)
    again, _ = read_cells_of(spark, str(finished), wanted)
    assert corpus.cells == again
    names = [cell.name for cell in corpus.cells]
    assert all(name.partition("/")[0] in ("general", "math", "code", "multilingual") for name in names)
    assert any(name.endswith("/*") for name in names)
    whole, _ = read_cells_of(spark, str(finished), Wanted())
    for unit in ("tokens", "bytes", "documents"):
        assert sum(getattr(cell, unit) for cell in corpus.cells) == sum(getattr(cell, unit) for cell in whole)
    held = {text for target in corpus.targets for text in target.texts}
    assert held
    for name, sample in corpus.samples.items():
        assert held.isdisjoint(sample.texts)
        assert sum(sample.tokens[:-1]) < 3000, name
    small = read_corpus(spark, str(finished), Wanted(**{**vars(wanted), "sample_tokens": 1000}))
    for name, sample in small.samples.items():  # nested: a smaller sample is the beginning of a larger one
        assert corpus.samples[name].doc_ids[: len(sample.doc_ids)] == sample.doc_ids


@pytest.mark.slow
def test_a_run_whose_texts_speak_for_one_category_gets_a_mix_that_the_main_job_takes(
    spark: "SparkSession", finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = read_corpus(spark, str(finished), Wanted(least_tokens=1000))
    lines = [json.dumps({"text": text}) for text in corpus.samples["code"].texts[::2]]
    (tmp_path / "code.jsonl").write_text("\n".join(lines))
    (tmp_path / "dev.yaml").write_text("code: code.jsonl\n")
    output = tmp_path / "mixture.yaml"
    assert _fit(finished, "--output", output, "--targets", tmp_path / "dev.yaml") == 0
    assert "prior" in capsys.readouterr().out
    settings = load_settings([str(output)], [])
    weights = settings["mix"]["weights"]
    assert max(weights, key=weights.__getitem__) == "code"
    assert sum(weights.values()) == pytest.approx(1)
    make_params(mix, settings["mix"])
    first = output.read_bytes(), (tmp_path / "mixture.provenance.json").read_bytes()
    assert _fit(finished, "--output", output, "--targets", tmp_path / "dev.yaml") == 0
    assert (output.read_bytes(), (tmp_path / "mixture.provenance.json").read_bytes()) == first


@pytest.mark.slow
def test_a_swarm_goes_out_and_its_losses_come_back_or_are_refused(
    spark: "SparkSession", finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = read_corpus(spark, str(finished), Wanted(least_tokens=1000))
    lines = [json.dumps({"text": text}) for text in corpus.samples["math"].texts[::3]]
    (tmp_path / "texts.jsonl").write_text("\n".join(lines))
    (tmp_path / "dev.yaml").write_text("texts: texts.jsonl\n")
    swarm = tmp_path / "swarm"
    emit = ("--emit-only", swarm, "--targets", tmp_path / "dev.yaml", "--proxy-tokens", 5000)
    assert _fit(finished, *emit) == 0
    index = json.loads((swarm / "index.json").read_text())
    assert all(pq.read_table(path).num_rows for path in (swarm / "pools").iterdir())
    rng = np.random.default_rng(0)
    rows = [f"{run},texts,{3 - value['weights']['math'] ** 0.5}" for run, value in index["runs"].items()]
    (swarm / "losses.csv").write_text("\n".join(["run,target,loss", *rows]))
    output = tmp_path / "mixture.yaml"
    assert _fit(finished, "--collect", swarm / "losses.csv", "--output", output) == 0
    natural = {name: cell["tokens"] for name, cell in index["cells"].items()}
    weights = load_settings([str(output)], [])["mix"]["weights"]
    assert weights["math"] > natural["math"] / sum(natural.values()) + 0.05
    noise = [f"{run},texts,{rng.normal(3, 0.01)}" for run in index["runs"]]
    (swarm / "losses.csv").write_text("\n".join(["run,target,loss", *noise]))
    output.unlink()
    capsys.readouterr()
    assert _fit(finished, "--collect", swarm / "losses.csv", "--output", output) == 3
    assert "do not tell these mixes apart" in capsys.readouterr().err
    assert not output.exists()
    index["cells"]["math"]["digest"] = "other"
    (swarm / "index.json").write_text(json.dumps(index))
    assert _fit(finished, "--collect", swarm / "losses.csv", "--output", output) == 2
    assert "cell 'math' has other documents" in capsys.readouterr().err


def test_arguments_that_do_not_go_together_are_refused_without_spark(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(FIT_MIXTURE, [str(tmp_path), "--cells", "topic"]) == 2
    assert "expected category" in capsys.readouterr().err
    assert main(FIT_MIXTURE, [str(tmp_path), "--quality-from", "5,10"]) == 2
    with pytest.raises(SystemExit):
        main(FIT_MIXTURE, [str(tmp_path), "--reuse", "old.yaml"])
    with pytest.raises(SystemExit):
        main(FIT_MIXTURE, [str(tmp_path), "--predict-compute", "1e20"])
