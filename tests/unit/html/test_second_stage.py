"""The second stage is fitted on what pages outside a fold look like to models that have not seen them."""

from typing import Any

import numpy as np
import pytest

from classifiers.main_content.examples import Example, read_example
from classifiers.main_content.fit import outside
from classifiers.main_content.gold import FOLDS, Body, GoldPage
from classifiers.main_content.second_stage import read_context
from pipeline.kernels.html.main_content import stages
from pipeline.kernels.html.main_content.model import shipped_model
from pipeline.kernels.html.reading import read_page

POST = "<div class=card><h2>Rye of {0}</h2><p>The mill ground {1} sacks of it, some wet.</p><a href=/{0}>More</a></div>"
POSTS = "".join(POST.format(number, number + 3) for number in range(30))
PAGE = f"<nav><a href=/>Home</a></nav>{POSTS}<footer>All rights</footer>"
URL = "https://mill.test/"


def example(site: str = "mill.test") -> Example:
    text = " ".join(f"Rye of {n} The mill ground {n + 3} sacks of it, some wet." for n in range(30))
    return read_example(GoldPage(URL, Body(PAGE.encode(), "utf-8"), site, "wcxb-dev", "listing", text, [], []))


def test_fitting_sees_the_features_that_reading_weighs(monkeypatch: pytest.MonkeyPatch) -> None:
    weighed: list[Any] = []

    def evaluate(forest: Any, features: Any) -> Any:
        weighed.append(features)
        return np.zeros(features.shape[1])

    monkeypatch.setattr(stages, "evaluate_leafwise", evaluate)
    monkeypatch.setattr(stages, "MOST_DOUBT", -1.0)
    read_page(PAGE.encode(), URL, shipped_model())
    context = read_context(example(), shipped_model())
    np.testing.assert_array_equal(context.features, weighed[0])
    assert len(context.share) == len(context.weight) == context.features.shape[1] > 0


def test_every_page_is_outside_all_folds_but_its_own() -> None:
    pages = [example(f"{number}.test") for number in range(8)]
    for number, page in enumerate(pages):
        assert [number in outside(fold, range(8), pages) for fold in range(FOLDS)] == [
            fold != page.gold.fold for fold in range(FOLDS)
        ]
