from typing import Any

import numpy as np
import pytest

from pipeline.errors import ConfigError, EvidenceError
from pipeline.experiments.corpus import Target
from pipeline.experiments.document_losses import bits_by_transformer, losses_with_intervals
from pipeline.experiments.proposal import Swarm, propose
from pipeline.experiments.space import space_of
from pipeline.experiments.swarm import swarm
from pipeline.experiments.transformer import Trainer, make_pools, run_tokens, shape_of, train_bytepairs
from tests.planted_mixture import NAMES, chain_texts, corpus_of

SIZE, TOKENS = "tiny", 20_000


@pytest.fixture
def torch() -> Any:
    module = pytest.importorskip("torch")
    module.set_num_threads(1)  # matrices this small gain nothing from more
    return module


@pytest.fixture(scope="module")
def corpus() -> Any:
    """Four chains, the second of which the target is made of; a run repeats none of them."""
    cells = [chain_texts(chain, 300, 120, 0) for chain in range(4)]
    targets = [Target("second", 1.0, chain_texts(1, 40, 80, 1)), Target("third", 0.2, chain_texts(2, 40, 80, 1))]
    return corpus_of(cells, targets, (0.05, 0.03, 0.03, 0.03), max_epochs=10)


def _space(corpus: Any) -> Any:
    return space_of(NAMES, [cell.tokens for cell in corpus.cells], corpus.target_tokens, corpus.max_epochs)


def _trained(corpus: Any, space: Any, folder: Any, runs: Any) -> Any:
    pools = make_pools(corpus, 512)
    return Trainer(corpus, pools, space, str(folder), lambda _: None).losses(runs, SIZE, TOKENS)


@pytest.mark.slow
def test_twelve_tiny_transformers_on_four_cells_end_in_a_mix(torch: Any, corpus: Any, tmp_path: Any) -> None:
    space = _space(corpus)
    runs = swarm(space, 12, 3, 0)
    losses = _trained(corpus, space, tmp_path, runs)
    made = Swarm(np.stack([run.mix for run in runs]), losses, ("second", "third"), np.array([5, 1]) / 6)
    proposal = propose(space, made, 0, proxy="transformer", bootstraps=30)
    weights = {name: share.value for name, share in proposal.answer.weights.items()}
    assert max(weights, key=weights.__getitem__) == "b"
    assert weights["b"] > 0.45
    noise, _ = made.noise()
    assert noise is not None
    assert 0 < noise < proposal.answer.gain.value
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert (_trained(corpus, space, tmp_path, runs) == losses).all()  # nothing is trained again
    assert before == {path: path.read_bytes() for path in tmp_path.iterdir()}


@pytest.mark.slow
def test_transformers_on_cells_of_one_kind_are_refused(torch: Any, tmp_path: Any) -> None:
    cells = [chain_texts(0, 150, 120, seed) for seed in range(4)]
    same = corpus_of(cells, [Target("noise", 1.0, chain_texts(0, 40, 80, 9))], (0.05, 0.03, 0.03, 0.03))
    space = _space(same)
    runs = swarm(space, 12, 3, 0)
    losses = _trained(same, space, tmp_path, runs)
    with pytest.raises(EvidenceError):
        propose(space, Swarm(np.stack([r.mix for r in runs]), losses, ("noise",), np.ones(1)), 0, bootstraps=10)


def test_a_run_is_the_same_each_time_and_its_document_bits_add_up(torch: Any) -> None:
    targets = [Target("x", 1.0, ("1 2 3 4 5", "6 7", "8 9 10 11"))]
    texts = chain_texts(0, 20, 60, 0)
    pairs = train_bytepairs([texts], 300)
    first, second = (bits_by_transformer(texts, targets, SIZE, pairs, 0)["x"] for _ in range(2))
    assert first.tolist() == second.tolist()
    loss = losses_with_intervals({"x": first}, targets, 0)["x"]
    assert loss.value == pytest.approx(first.sum() / sum(len(text) for text in targets[0].texts))
    assert 0 < loss.value < 10


def test_windows_do_not_change_what_a_long_document_costs_by_much(torch: Any) -> None:
    texts = chain_texts(0, 60, 200, 0)
    pairs = train_bytepairs([texts], 300)
    long, short = (" ".join(texts[:4]), *texts[:1])
    bits = bits_by_transformer(texts, [Target("x", 1.0, (long, short))], SIZE, pairs, 0)["x"]
    assert bits[0] / len(long) == pytest.approx(bits[1] / len(short), rel=0.2)


def test_a_run_takes_prefixes_of_pools_and_repeats_them_like_the_corpus(corpus: Any) -> None:
    pools = make_pools(corpus, 512)
    ratio, sizes = pools.ratio, [cell.tokens for cell in corpus.cells]
    once = round(round(sizes[1] / corpus.target_tokens * TOKENS) * ratio[1])
    ids = run_tokens(corpus, pools, np.array([0.0, 1.0, 0.0, 0.0]), TOKENS)
    assert len(ids) == round(TOKENS * ratio[1])
    assert ids[:once].tolist() == ids[once : 2 * once].tolist() == pools.ids[1][:once].tolist()
    assert len(ids) / once == pytest.approx(corpus.target_tokens / sizes[1], rel=0.01)


def test_a_tokenizer_of_a_sample_writes_every_text() -> None:
    pairs = train_bytepairs([["plain words only"] * 5], 300)
    again = train_bytepairs([["plain words only"] * 5], 300)
    assert pairs.digest == again.digest
    assert max(int(ids.max()) for ids in pairs.encode(["ÅÄÖ 数学 \x00 ∑"])) < pairs.vocabulary


def test_a_size_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigError, match="did you mean '30m'"):
        shape_of("30mm")


def test_without_torch_the_extra_is_named(monkeypatch: Any) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(ConfigError, match="needs the extra `train`"):
        shape_of("tiny")
