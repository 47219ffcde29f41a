"""What is known of a block is what stands in the page, whatever was read before."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.html.columns import SHAPE
from pipeline.kernels.html.main_content.feature_names import FAR, HINTS, NAMES, PAGE_FROM
from pipeline.kernels.html.main_content.features import Features, measure_blocks
from pipeline.kernels.html.names import TAGS, WEIGHT_ZERO, no_words, word_table
from pipeline.kernels.html.tree.nodes import read_nodes
from pipeline.kernels.html.writing.blocks import read_blocks

LEANING = word_table([("comments", WEIGHT_ZERO - 2000), ("prose", WEIGHT_ZERO + 1000)])
WORDS = word_table([("grind", WEIGHT_ZERO + 500), ("subscribe", WEIGHT_ZERO - 1500)])


def measure(source: str, title: str = "", hints: npt.NDArray[np.float32] | None = None) -> Features:
    page = read_nodes(source.encode(), LEANING)
    return measure_blocks(
        page, read_blocks(page, WORDS), np.zeros(HINTS, np.float32) if hints is None else hints, title
    )


PROSE = "<p>" + "the mill turns " * 10 + "</p>"
FACTS: list[tuple[str, str, list[float]]] = [
    ("<p>a b<p>c", "own.words", [2, 1]),
    ("<p><a href=x>a</a> b", "own.link_share", [0.5]),
    ("<p>a. b!<p>c:", "own.ends_with_stop", [1, 0]),
    ("<p>a. b!<p>c:", "own.ends_with_colon", [0, 1]),
    ("<p>Mill<p>mill<p>2 mills", "own.first_capital", [1, 0, 0]),
    ("<p>Mill<p>mill<p>2 mills", "own.first_digit", [0, 0, 1]),
    ("<p>a<p>b<p>a", "own.repeats", [2, 1, 2]),
    ("<p>Grind, subscribe!<p>wheel", "own.weight", [-500, 0]),
    ("<p>Grind, subscribe!<p>wheel", "own.least", [-1500, 0]),
    ("<table><tr><th>a<th>b<tr><td>c<td>d</table>e", "own.is_row", [1, 1, 0]),
    ("<h1>a</h1><p>b", "is.h1", [1, 0]),
    ("<h1>a</h1><p>b", "is.p", [0, 1]),
    ("<nav><ul><li>a</ul></nav><p>b", "near.nav", [2, FAR]),
    ("<nav><ul><li>a</ul></nav><p>b", "near.ul", [1, FAR]),
    ("<div class=pageNav><p>a</p></div><p id=nav_2>b", "class.nav", [1, 0]),
    ("<p>a b</p><p>c d", "level0.share", [0.5, 0.5]),
    ("<ul><li>a<li>b<li>c</ul>", "level0.alike", [3] * 3),
    ("<ul><li>a<li>b<li>c</ul>", "level0.place", [0, 1 / 3, 2 / 3]),
    ("<p>a<p>b c", "before.words", [-1, 1]),
    ("<p>a<p>b c", "after.words", [2, -1]),
    ("<p>a<p>b<p>c", "before2.words", [-1, -1, 1]),
    ("<h2>a</h2><p>b<p>c", "place.from_heading", [60, 1, 2]),
    ("<p>a<p>b<h2>c</h2>", "place.to_heading", [2, 1, 60]),
    ("<h3>a</h3><p>b", "place.heading_level", [0, 3]),
    ("<p>a<h1>b</h1><p>c<h1>d</h1>", "place.since_h1", [-1, 0, 1, 2]),
    ("<p>a<h1>b</h1><p>c<h1>d</h1>", "place.is_first_h1", [0, 1, 0, 0]),
    (f"<p>a{PROSE}<p>b", "place.from_long", [60, 60, 1]),
    (f"<p>a{PROSE}<p>b", "place.to_long", [1, 60, 60]),
    (f"<nav>a</nav><main>{PROSE}{PROSE}</main>", "place.best_inside", [0, 1, 1]),
    ("<div class=comments><p>a</p></div><p class=prose>b", "lean.nearest", [-2000, 1000]),
    ("<div class=comments><p class=prose>a", "lean.least", [-2000]),
    ("<h1>a</h1><p>b", "page.blocks", [2] * 2),
    ("<h1>a</h1><p>b", "page.h1s", [1] * 2),
    ("<noscript>a</noscript><p>b", "page.noscript_words", [0.5, 0.5]),
]


@pytest.mark.parametrize(("source", "name", "expected"), FACTS)
def test_a_block_is_known_by_what_stands_in_the_page(source: str, name: str, expected: list[float]) -> None:
    assert measure(source)[NAMES.index(name)].tolist() == pytest.approx(expected, abs=1e-3)


def test_a_heading_that_is_the_title_is_known_by_it() -> None:
    result = measure("<h1>The mill</h1><p>wheel", "The mill - news")
    assert result[NAMES.index("title.share")].tolist() == [1, 0]
    assert result[NAMES.index("title.cover")].tolist() == pytest.approx([2 / 3, 0])


def test_the_hints_of_the_head_are_the_last_features_of_every_block() -> None:
    hints = np.arange(HINTS, dtype=np.float32)
    assert np.array_equal(measure("<p>a<p>b", hints=hints)[-HINTS:], np.repeat(hints[:, None], 2, axis=1))


def test_every_feature_has_a_name_of_its_own() -> None:
    assert len(set(NAMES)) == len(NAMES) == len(measure("<p>a"))


def test_a_page_without_blocks_has_no_columns() -> None:
    assert measure("").shape == (len(NAMES), 0)


def test_a_lexicon_that_knows_nothing_weighs_nothing() -> None:
    page = read_nodes(b"<p class=prose>grind")
    result = measure_blocks(page, read_blocks(page, no_words()), np.zeros(HINTS, np.float32))
    assert not result[[NAMES.index(name) for name in ("own.weight", "own.known_share", "lean.nearest")]].any()


PIECES = st.sampled_from(
    [f"<{name}>" for name in TAGS[1:]]
    + [f"</{name}>" for name in TAGS[1:]]
    + [*("a ", "Grind. ", "subscribe, ", "<p class='navBar prose'>", "<a href=x>", PROSE, "<!-- ", "-->", "\0", "é")]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join), st.text(max_size=30))
def test_features_are_finite_and_the_same_each_time(soup: str, title: str) -> None:
    result = measure(soup, title)
    assert np.isfinite(result).all()
    assert np.array_equal(result, measure(soup, title))
    assert (result[PAGE_FROM:] == result[PAGE_FROM:, :1]).all()
    shares = result[[place for place, name in enumerate(NAMES) if name.endswith("link_share")]]
    assert (shares >= 0).all()
    assert (shares <= 1).all()


def test_elements_have_the_same_shape_if_tag_and_classes_are_the_same_whatever_the_classes_say() -> None:
    page = read_nodes(b"<p class=line>a<p class=line>b<p class=poem>c<p>d<div>e</div><div class='code line'>f</div>")
    shapes = page.nodes[1:, SHAPE].tolist()
    assert shapes[0] == shapes[1]
    assert len(set(shapes)) == 5
