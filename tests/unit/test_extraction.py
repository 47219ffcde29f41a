"""What holds of extraction as a whole: both engines, the bounds, and what is kept while text is tidied."""

import inspect
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.extraction import Engine, Extraction, extract
from pipeline.kernels.text.placeholders import Placeholders
from pipeline.stages.extract import ExtractParams
from schemas.columns import EXTRACTOR
from tests.unit.extraction_markup import CODE, CODES, FORMULAS
from tests.unit.extraction_pages import LINES, article, check, kept, read
from tests.unit.test_extraction_hostile import HOSTILE

ENGINES: tuple[Engine, ...] = get_args(Engine)
FORMULA = FORMULAS["annotated MathML"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["pre", "Pygments table", "GitHub table"])
def test_every_engine_keeps_code_and_formulas_to_the_letter(engine: Engine, kind: str) -> None:
    body = f"<p>Its wheel has {FORMULA.markup} blades of old oak and turns as it always did.</p>{CODES[kind].markup}"
    result = extract(article(body), "https://mill.test/", engine=engine)
    check(result)
    assert kept(result, "code") == [CODE]
    assert kept(result, "math") == [FORMULA.tex]
    assert LINES[0] in result.text
    assert result.engine == engine


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_page_declares_does_not_depend_on_the_engine(engine: Engine) -> None:
    head = "<link rel=canonical href=/mill><meta property='article:published_time' content='2024-03-01'>"
    result = extract(article("", head), "https://mill.test/history", engine=engine)
    assert result.title == "The mill on the river bend"
    assert (result.language, result.canonical_url) == ("en", "https://mill.test/mill")
    assert (result.published, result.modified) == ("2024-03-01", None)
    assert 0 < result.confidence <= 1


def test_the_stage_knows_the_engines_of_the_kernel_and_their_default() -> None:
    assert get_args(ExtractParams.model_fields["engine"].annotation) == ENGINES
    assert ExtractParams().engine == inspect.signature(extract).parameters["engine"].default
    for engine in ENGINES:
        assert engine in EXTRACTOR.comment


def test_a_formula_in_code_comes_back_as_part_of_the_code() -> None:
    result = read("<p>The clerk then says: call <code>f(<img class='tex' alt='x_1'>)</code> once and wait for it.</p>")
    assert kept(result, "code") == ["f($x_1$)"]
    assert "call f($x_1$) once" in result.text


@pytest.mark.parametrize("tags", [1, 20, 45, 60])
def test_what_lies_behind_a_bound_is_not_read(tags: int) -> None:
    page = article(CODES["pre"].markup)
    at = [place for place, sign in enumerate(page) if sign == "<"][tags]
    assert extract(page, max_nodes=tags) == extract(page[:at]) == extract(page, max_chars=at)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_small_hostile_page_is_a_page_for_trafilatura_too(name: str) -> None:
    check(extract(HOSTILE[name].page(60), "https://mill.test/", engine="trafilatura"))


FRAGMENTS = [
    *("<p>", "</p>", "<pre>", "</pre>", "<code>", "</code>", "<math><mi>x</mi>", "</math>", "<br>", "<sup>2</sup>"),
    *("<table class=gutter><tr><td class=linenos>", "\\(", "\\)", "$$", "```\n", "<img alt='$x$'>", "mathjax", "**b**"),
    *("<script type='math/tex'>", "</script>", "<noscript>", "\ud800", "\0", "<svg>", "<template>", "<title>", "&amp;"),
    *("| a | b |", "<li>", "words of a mill ", "<frameset>", "<plaintext>", "<select><option>", "\U000f0000"),
]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=8)), max_size=20).map("".join))
def test_any_page_survives_trafilatura(soup: str) -> None:
    check(extract(f"<p>{LINES[0]}</p>{soup}", "https://mill.test/", engine="trafilatura"))


@pytest.mark.parametrize("most", [8_000_000, 40])
def test_a_page_may_come_as_its_utf_8(most: int) -> None:
    page = article("<p>The mill at Grönland 水車 turns.</p>")
    assert extract(page.encode(), max_chars=most) == extract(page, max_chars=most)


@pytest.mark.parametrize("most", [8_000_000, 40])
def test_bytes_that_are_no_utf_8_are_a_page_too(most: int) -> None:
    page = article("<p>The caf\ufffd turns.</p>").encode().replace("\ufffd".encode(), b"\xed\xa0\x80")
    result = extract(page, max_chars=most)
    assert result == extract(page.decode("utf-8", "replace"), max_chars=most)
    assert "caf\ufffd" in result.text or most < len(page)


def test_an_empty_page_gives_an_empty_extraction() -> None:
    for engine in ENGINES:
        assert extract(" \n", engine=engine) == Extraction("", [], engine=engine)


def test_a_placeholder_that_is_lost_takes_only_its_own_content_with_it() -> None:
    placeholders = Placeholders()
    first, second = placeholders.inline("$a$", "math"), placeholders.block("x = 1\ny = 2", "code")
    assert first != second
    assert placeholders.restore(f"see {second} then") == ("see\nx = 1\ny = 2\nthen", [(4, 15, "code")])
    assert placeholders.restore("nothing of it") == ("nothing of it", [])


@pytest.mark.parametrize("kind", CODES)
def test_what_stands_in_for_code_before_trafilatura_leaves_nothing_behind(kind: str) -> None:
    result = extract(article(CODES[kind].markup), "https://mill.test/", engine="trafilatura")
    prose = result.text
    for span in reversed(result.spans):
        prose = prose[: span.start] + "-" + prose[span.end :]
    assert all(line == line.strip() != "" for line in prose.split("\n"))
