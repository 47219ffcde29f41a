from typing import Any

import numpy as np
import pytest

from pipeline.errors import EvidenceError
from pipeline.experiments.document_losses import bits_by_ngrams, losses_with_intervals
from pipeline.experiments.mixture_loss import Objective, Repeats, ScoredTargets
from pipeline.experiments.ngram_model import Stream, fit_ngrams
from pipeline.experiments.prior import dealt_at_random, find_prior
from pipeline.experiments.space import Space, space_of
from tests.planted_mixture import BEST, NAMES, WORDS, chain_texts, dealt, encode, planted


def _space(corpus: Any) -> Any:
    return space_of(NAMES, [cell.tokens for cell in corpus.cells], corpus.target_tokens, corpus.max_epochs)


@pytest.mark.parametrize("millions", [(1, 1, 1, 1), (8, 1, 0.5, 0.5)])
def test_a_planted_mix_is_found_whatever_the_natural_one_is(millions: Any) -> None:
    corpus = planted(millions, documents=200)
    prior = find_prior(corpus, _space(corpus), encode, WORDS, 0)
    assert np.abs(prior.mix - BEST).max() < 0.05
    assert prior.answer.gain.low > (prior.answer.floor or 0)
    for name, share in zip(NAMES, BEST, strict=True):
        interval = prior.answer.weights[name]
        assert interval.low - 0.03 < share < interval.high + 0.03


@pytest.mark.parametrize("millions", [(1, 1, 1, 1), (8, 1, 0.5, 0.5)])
def test_cells_of_one_kind_are_not_told_apart(millions: Any) -> None:
    corpus = dealt(millions, documents=100)
    with pytest.raises(EvidenceError, match="do not tell these mixes apart from the natural one"):
        find_prior(corpus, _space(corpus), encode, WORDS, 0)


def test_two_searches_give_the_same_bits() -> None:
    corpus = planted((2, 1, 1, 1), documents=30)
    first, second = (find_prior(corpus, _space(corpus), encode, WORDS, 3) for _ in range(2))
    assert first.mix.tobytes() == second.mix.tobytes()
    assert first.answer == second.answer


def test_probabilities_of_all_words_sum_to_one_after_contexts_that_were_seen_and_not() -> None:
    model = fit_ngrams(encode(chain_texts(0, 50, 60, 0)), WORDS)
    seen = chain_texts(0, 1, 60, 0)[0].split()
    for context in ([int(seen[3]), int(seen[4])], [WORDS - 1, int(seen[4])], [WORDS - 1, WORDS - 2]):
        ids = np.array([[*context, word] for word in range(WORDS)]).ravel()
        scores = model.log_probabilities(Stream(ids, np.arange(0, 3 * WORDS + 1, 3))).reshape(WORDS, 3)
        assert np.exp(scores[:, 2]).sum() == pytest.approx(1)


def test_no_document_looks_into_the_one_before_it() -> None:
    model = fit_ngrams(encode(chain_texts(0, 50, 60, 0)), WORDS)
    texts = chain_texts(1, 3, 10, 5)
    together = model.log_probabilities(encode(texts))
    assert together.tolist() == [v for text in texts for v in model.log_probabilities(encode([text])).tolist()]


def _objective(pull: float, caps: Any = None, repeats: Any = None) -> Objective:
    rng = np.random.default_rng(0)
    log_p = np.log(rng.dirichlet(np.ones(3), 300))
    scored = ScoredTargets(log_p, np.arange(300) // 10, np.zeros(30, int), np.full(30, 40.0), np.ones(1))
    space = space_of(["a", "b", "c"], [5, 3, 2], 10, 100)
    if caps is not None:
        space = Space(space.names, space.cells, space.natural, np.array(caps), space.members)
    return Objective(scored, space, pull, repeats)


@pytest.mark.parametrize("caps", [None, (0.2, 1.0, 0.5)])
@pytest.mark.parametrize("pull", [0.0, 0.01])
def test_no_mix_around_the_best_one_is_better(caps: Any, pull: Any) -> None:
    objective = _objective(pull, caps)
    scaled, _ = objective.prepared()
    rows = objective.targets.row_weights() / np.log(2)
    best = objective.best()
    least = objective._value(scaled, rows, best)
    for other in objective.space.inside(best + np.random.default_rng(1).normal(0, 0.05, (500, 3))):
        assert objective._value(scaled, rows, other) >= least - 1e-9


def test_repeats_have_a_price_that_grows_and_is_convex() -> None:
    repeats = Repeats(np.array([10.0, 1.0]), np.array([0.1, 0.1]))
    prices = [repeats.price(np.array([share, 1 - share]))[0] for share in np.linspace(0, 1, 101)]
    assert prices[10] == pytest.approx(0)  # once
    assert prices[100] > prices[50] > prices[20] > 0
    assert (np.diff(prices, 2) > -1e-12).all()
    step = 1e-6
    gradient = repeats.price(np.array([0.7, 0.3]))[1]
    assert (repeats.price(np.array([0.7 + step, 0.3]))[0] - repeats.price(np.array([0.7, 0.3]))[0]) / step == (
        pytest.approx(gradient[0], rel=1e-3)
    )


def test_repeats_move_the_best_mix() -> None:
    free = _objective(0.0).best()
    dear = _objective(0.0, repeats=Repeats(np.array([50.0, 1.0, 1.0]), np.array([1.0, 0.0, 0.0]))).best()
    assert dear[0] < free[0] - 0.01


def test_documents_that_are_dealt_at_random_are_all_there() -> None:
    samples = [encode(chain_texts(chain, 20, 30, 0)) for chain in range(3)]
    dealt_ones = dealt_at_random(samples, 0)
    assert sum(len(sample.offsets) - 1 for sample in dealt_ones) == 60
    before, after = (np.sort(np.concatenate([s.ids for s in some])) for some in (samples, dealt_ones))
    assert before.tolist() == after.tolist()


def test_texts_of_the_same_kind_teach_more_than_others_and_the_interval_says_how_sure_that_is() -> None:
    corpus = planted((1, 1, 1, 1), documents=100)
    targets = corpus.targets
    losses = {
        chain: losses_with_intervals(
            bits_by_ngrams(chain_texts(chain, 100, 120, 7), targets, encode, WORDS), targets, 0
        )["planted"]
        for chain in (0, 1)
    }
    assert losses[1].high < losses[0].low  # half of the target is chain b
    assert losses[0].low < losses[0].value < losses[0].high
