import json
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from pipeline.engine.config import load_settings
from pipeline.errors import ConfigError, InputError
from pipeline.experiments.corpus import Target, without_leaks
from pipeline.experiments.evidence import Answer, Interval
from pipeline.experiments.mixture_file import earlier_weights, provenance_path, report, write_mixture
from pipeline.experiments.mixture_loss import ScoredTargets
from pipeline.experiments.run_files import collect, emit, read_experts, read_index, require_same_cells
from pipeline.experiments.space import frozen, space_of, tied
from pipeline.experiments.swarm import swarm
from pipeline.experiments.target_files import read_targets
from tests.planted_mixture import NAMES, planted

SCORED = ScoredTargets(np.log(np.full((4, 4), 0.25)), np.arange(4), np.zeros(4, int), np.full(4, 9.0), np.ones(1))


@pytest.fixture
def emitted(tmp_path: Any) -> Any:
    corpus = planted((4, 3, 2, 1), documents=20)
    space = space_of(NAMES, [cell.tokens for cell in corpus.cells], corpus.target_tokens, 4)
    runs = swarm(space, 3, 2, 0)
    return corpus, runs, emit(str(tmp_path / "swarm"), corpus, space, runs, 5000, SCORED)


def test_a_swarm_is_written_for_any_trainer(emitted: Any, tmp_path: Any) -> None:
    corpus, runs, path = emitted
    index = read_index(path)
    assert list(index["runs"]) == [run.name for run in runs]
    config = json.loads((tmp_path / "swarm/runs/natural-1.json").read_text())
    assert config["seed"] == 1
    assert config["cells"]["a"]["share"] == pytest.approx(0.4)
    assert sum(cell["tokens"] for cell in config["cells"].values()) == pytest.approx(5000, abs=3)
    pool = pq.read_table(tmp_path / "swarm" / config["cells"]["a"]["pool"])
    assert pool["text"].to_pylist() == list(corpus.samples["a"].texts[: pool.num_rows])
    tokens = pool["tokens"].to_pylist()
    assert sum(tokens[:-1]) < config["cells"]["a"]["pool_tokens"] == 2000 <= sum(tokens)
    experts = read_experts(str(tmp_path / "swarm/experts.npz"))
    assert experts is not None
    assert experts.bits_per_byte(np.full(4, 0.25)) == pytest.approx(2 / 9)


def test_the_same_swarm_has_the_same_bytes(emitted: Any, tmp_path: Any) -> None:
    corpus, runs, _ = emitted
    space = space_of(NAMES, [cell.tokens for cell in corpus.cells], corpus.target_tokens, 4)
    emit(str(tmp_path / "again"), corpus, space, runs, 5000, SCORED)
    first, second = (
        {str(p.relative_to(tmp_path / name)): p.read_bytes() for p in (tmp_path / name).rglob("*") if p.is_file()}
        for name in ("swarm", "again")
    )
    assert first == second


def _rows(runs: Any, *more: str) -> str:
    return (
        "run,target,loss\n"
        + "".join(f"{run.name},planted,{2 + n / 10}\n" for n, run in enumerate(runs))
        + "".join(more)
    )


def test_losses_come_back(emitted: Any, tmp_path: Any) -> None:
    _, runs, path = emitted
    file = tmp_path / "losses.csv"
    file.write_text(_rows(runs))
    losses = collect(str(file), read_index(path), NAMES)
    assert losses.losses.shape == (len(runs), 1)
    mixes = {run.name: run.mix for run in runs}
    assert losses.weights == pytest.approx(np.stack([mixes[name] for name in losses.runs]), abs=1e-5)
    assert losses.sizes is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("run,loss\nmix-000,2\n", "no column 'target'"),
        ("run,target,loss\nmix-00,planted,2\n", "did you mean 'mix-00"),
        ("run,target,loss\nmix-000,plantd,2\n", "did you mean 'planted'"),
        ("run,target,loss\nmix-000,planted,nan\n", "line 2: 'nan' is no number"),
        ("run,target,loss\nmix-000,planted,2\nmix-000,planted,3\n", "line 3: run 'mix-000' has a loss"),
        ("", "no column 'run'"),
    ],
)
def test_losses_that_are_not_of_the_swarm_are_refused(emitted: Any, tmp_path: Any, text: Any, message: Any) -> None:
    file = tmp_path / "losses.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=message):
        collect(str(file), read_index(emitted[2]), NAMES)


def test_losses_of_other_documents_are_refused(emitted: Any) -> None:
    index = read_index(emitted[2])
    digests = {name: cell["digest"] for name, cell in index["cells"].items()}
    require_same_cells(index, digests, "index.json")
    with pytest.raises(ConfigError, match="cell 'b' has other documents"):
        require_same_cells(index, digests | {"b": "other"}, "index.json")
    with pytest.raises(ConfigError, match="no cell 'd'"):
        require_same_cells(index, {name: digests[name] for name in "abc"}, "index.json")
    with pytest.raises(ConfigError, match="knows no cell 'e'"):
        require_same_cells(index, digests | {"e": "new"}, "index.json")


def _answer() -> Answer:
    shares = {"a": 0.4, "b": 0.3, "c": 0.2, "d": 0.1}
    return Answer(
        "ngram", {n: Interval(s, s - 0.1, s + 0.1) for n, s in shares.items()}, dict.fromkeys(shares, 0.25),
        {"planted": (2.0, 1.5)}, Interval(0.5, 0.4, 0.6), 0.1,
    )  # fmt: skip


def test_a_mixture_is_a_config_and_says_what_it_rests_on(tmp_path: Any) -> None:
    corpus, path = planted((4, 3, 2, 1), documents=20), str(tmp_path / "mixture.yaml")
    settings = {"run": "runs/x", "target_tokens": 10_000_000, "max_epochs": 4.0, "seed": 0}
    write_mixture(path, _answer(), corpus.cells, corpus.targets, settings, ["a note"])
    weights = {"a": 0.4, "b": 0.3, "c": 0.2, "d": 0.1}
    assert load_settings([path], [])["mix"] == {"weights": weights, "target_tokens": 10_000_000}
    assert earlier_weights(path) == weights
    text = (tmp_path / "mixture.yaml").read_text()
    assert "a prior from n-gram models, never an optimum" in text
    provenance = json.loads((tmp_path / "mixture.provenance.json").read_text())
    assert provenance["cells"][3] == {
        "name": "d", "tokens": 1_000_000, "bytes": 4_000_000, "documents": 20, "digest": "digest of d", "cap": 0.4,
        "natural": 0.25, "weight": 0.1, "low": 0.0, "high": 0.2, "epochs": 1.0,
    }  # fmt: skip
    assert provenance["targets"][0]["digest"] == corpus.targets[0].digest
    before = (tmp_path / "mixture.yaml").read_bytes()
    write_mixture(path, _answer(), corpus.cells, corpus.targets, settings, ["a note"])
    assert (tmp_path / "mixture.yaml").read_bytes() == before
    assert provenance_path("s3://bucket/m.yaml") == "s3://bucket/m.provenance.json"


def test_a_prior_is_never_called_an_optimum_nor_a_proposal() -> None:
    lines = list(report(_answer(), [], "mixture.yaml"))
    assert "prior" in lines[0]
    assert not any("proposed" in line or "optimal" in line for line in lines)


def test_targets_are_read_with_their_fields_and_weights(tmp_path: Any) -> None:
    (tmp_path / "dev.jsonl").write_text('{"body": "one text"}\n{"body": "another"}\n')
    (tmp_path / "dev.yaml").write_text("mine: {file: dev.jsonl, field: body, weight: 2}\n")
    (target,) = read_targets(str(tmp_path / "dev.yaml"), 1000)
    assert (target.name, target.weight, target.texts) == ("mine", 2.0, ("one text", "another"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("mine: {file: gsm8k_test.jsonl}", "looks like a benchmark's test set"),
        ("mmlu: {file: all.jsonl}", "looks like a benchmark's test set"),
        ("mine: {file: dev.jsonl, feild: body}", "did you mean 'field'"),
        ("mine: {file: dev.jsonl, weight: 0}", "a weight is a positive number"),
        ("mine: {file: dev.jsonl}", "has no text in 'text'"),
        ("mine: {file: gone.jsonl}", "does not exist"),
        ("- a", "expected name"),
        ("a: [", "is no YAML"),
    ],
)
def test_targets_that_are_none_are_refused(tmp_path: Any, content: Any, message: Any) -> None:
    (tmp_path / "dev.jsonl").write_text('{"body": "one text"}\n')
    (tmp_path / "dev.yaml").write_text(content)
    with pytest.raises((ConfigError, InputError), match=message):
        read_targets(str(tmp_path / "dev.yaml"), 1000)


def test_what_shares_a_long_line_with_a_target_is_not_learnt_from() -> None:
    corpus = planted((1, 1, 1, 1), documents=20)
    leak = "\n".join(["something else", corpus.samples["b"].texts[3]])
    clean = without_leaks(corpus.__class__(**{**vars(corpus), "targets": (Target("leak", 1.0, (leak,)),)}))
    assert len(clean.samples["b"].texts) == 19
    assert corpus.samples["b"].texts[3] not in clean.samples["b"].texts
    assert "1 documents of the samples share a line" in clean.notes[-1]


def test_a_corpus_that_there_are_not_enough_tokens_for_is_refused() -> None:
    with pytest.raises(ConfigError, match="--target-tokens"):
        space_of(["a", "b"], [10, 10], 100, 4)


def test_an_earlier_mix_keeps_its_ratios() -> None:
    space = tied(space_of(["math", "code", "x", "y"], [25, 25, 25, 25], 100, 4), {"x": 0.3, "y": 0.1}, ["math", "code"])
    weights = space.weights(np.array([0.2, 0.4, 0.4]))
    assert weights.tolist() == pytest.approx([0.2, 0.4, 0.3, 0.1])
    with pytest.raises(ConfigError, match="--free maths"):
        tied(space_of(["math", "x"], [1, 1], 2, 4), {"x": 1.0}, ["maths"])


def test_cells_that_nothing_speaks_for_keep_their_shares() -> None:
    space = frozen(space_of(["a", "b", "c"], [50, 30, 20], 100, 4), ["c"])
    assert space.weights(space.natural).tolist() == pytest.approx([0.5, 0.3, 0.2])
    for run in swarm(space, 5, 1, 0):
        assert space.weights(run.mix)[2] == pytest.approx(0.2)
    with pytest.raises(ConfigError, match="targets stand for a alone"):
        frozen(space_of(["a", "b"], [1, 1], 2, 4), ["b"])
