"""Pages that are cut off, broken or made to mislead give what a reader would see of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.extraction import Extraction, extract
from tests.unit.extraction_markup import CODES, FORMULAS
from tests.unit.extraction_pages import LINES, article, check

PROSE = "".join(f"<p>{line}</p>" for line in LINES)


def starts_well(found: Extraction) -> bool:
    return found.text.find("\n".join(LINES[:5])) >= 0


CUT = [
    *("<", "<p", "</", "</p", "<p class", "<p class=", "<p class='wheel", '<p class="wheel', "<p class='wheel'", "<!"),
    *(
        "<!-",
        "<!--",
        "<!-- wheel",
        "<!-- wheel --",
        "<script",
        "<script>",
        "<script>turn(",
        "<script>x</scr",
        "&",
        "&am",
    ),
    *(
        "&#",
        "&#x",
        "&#x4",
        "<style>p {",
        "<title>whe",
        "<textarea>whe",
        "<xmp>",
        "<plaintext>",
        "<math><mi>x",
        "<svg><g",
    ),
    *("<pre>a\n", "<code>a", "<table><tr><td", "<img alt='whe", "<![CDATA[ x", "<?xml ", "<!DOCTYPE", "<noscript><p>"),
    *("<span class=katex><span", "<script type='math/tex'>x", "<mjx-container><mjx-math>", "<template><p>", "<select>"),
]


@pytest.mark.parametrize("end", CUT)
def test_a_page_that_is_cut_off_keeps_what_stood_before(end: str) -> None:
    result = extract(f"<html><body><main>{PROSE}{end}")
    check(result)
    assert starts_well(result)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*FORMULAS, *CODES])
def test_a_page_cut_anywhere_in_a_formula_or_in_code_is_a_page(kind: str) -> None:
    markup = FORMULAS[kind].markup if kind in FORMULAS else CODES[kind].markup
    head = FORMULAS[kind].head if kind in FORMULAS else ""
    for end in range(len(markup)):
        result = extract(f"{head}<main>{PROSE}<p>Here: {markup[:end]}")
        check(result)
        assert starts_well(result)


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>document.write('<p>hidden words</p>')</script>",
        "<script type='text/template'><p>hidden words</p></script>",
        "<script type='application/json'>{'text': 'hidden words'}</script>",
        "<script>/* <!-- <script> hidden words </script> --> */</script>",
        "<style>p::after { content: 'hidden words' }</style>",
        "<template><p>hidden words</p></template>",
        "<!-- <p>hidden words</p> -->",
        "<p title='hidden words'></p>",
        "<svg><title>hidden words</title><desc>hidden words</desc></svg>",
    ],
)
def test_what_no_reader_sees_is_no_text(hidden: str) -> None:
    result = extract(article(f"<p>{LINES[0]}</p>{hidden}"))
    check(result)
    assert "hidden" not in result.text
    assert LINES[5] in result.text


def test_entities_that_a_page_declares_are_not_expanded() -> None:
    declared = "".join(f"<!ENTITY a{at} '{f'&a{at - 1};' * 10}'>" for at in range(1, 30))
    result = extract(f"<!DOCTYPE html [<!ENTITY a0 'ha'>{declared}]>{PROSE}<p>&a29;</p>")
    check(result)
    assert len(result.text) < len(PROSE) + 10_000


@pytest.mark.parametrize("page", ["", " ", "\n\n", "\0", "\ud800", "<", "&", "<html></html>", "<!-- -->"])
def test_a_page_of_nothing_says_nothing(page: str) -> None:
    result = extract(page)
    check(result)
    assert result.text in ("", "<", "&")


def test_nuls_and_surrogates_vanish_from_within_words() -> None:
    result = extract(article("<p>The nine\0teenth sen\ud800tence stands \udfffhere, after all the others.</p>"))
    assert "The nineteenth sentence stands here, after all the others." in result.text.split("\n")


TAGS = [
    *("p", "div", "span", "b", "i", "a", "ul", "ol", "li", "table", "tr", "td", "th", "caption", "pre", "code", "tt"),
    *("math", "mi", "mrow", "mfrac", "semantics", "annotation", "mjx-container", "sup", "sub", "br", "hr", "img"),
    "kbd",
    *("script", "style", "noscript", "svg", "template", "title", "h1", "h2", "blockquote", "dl", "dt", "dd", "figure"),
    *("figcaption", "textarea", "select", "option", "button", "form", "main", "article", "nav", "footer", "header"),
    *("aside", "section", "frameset", "iframe", "plaintext", "xmp", "html", "body", "head"),
]
ATTRIBUTES = st.sampled_from(
    [
        *("", " class=katex", " class='katex-html'", " class=MathJax", " class=mwe-math-element", " class=highlight"),
        *(" class=linenos", " class=gutter", " class=hljs-ln", " type='math/tex'", " alt='$x$'", " alt='a wheel'"),
        *(" style='display:none'", " display=block", " href=/x", " encoding='application/x-tex'", " class='", ' x="'),
    ]
)
TAG = st.builds("<{}{}{}>".format, st.sampled_from(["", "", "/"]), st.sampled_from(TAGS), ATTRIBUTES)
WORDS = st.sampled_from(
    [
        *("the wheel turns ", "mathjax", "\\(", "\\)", "\\[", "\\]", "$$", "$", "**", "_", "`", "```\n", "# "),
        *("| a | b |", "[a](b)", "> ", "- ", "\n", "\t", "\0", "\ud800", "&lt;", "&#0;", "&#xD800;", "<!--", "-->"),
        *("x<sup>2</sup>", "\ue000", "\x0c", "\u2028", "\u200b", LINES[0]),
    ]
)
SOUP = st.lists(st.one_of(TAG, WORDS, st.text(max_size=8)), max_size=40).map("".join)


@settings(max_examples=200, deadline=None)
@given(SOUP)
def test_any_soup_of_tags_gives_sorted_spans_inside_a_clean_text(soup: str) -> None:
    result = extract(soup)
    check(result)
    assert result == extract(soup)


@settings(max_examples=100, deadline=None)
@given(SOUP)
def test_any_soup_within_an_article_gives_sorted_spans_inside_a_clean_text(soup: str) -> None:
    check(extract(article(soup), "https://mill.test/"))


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_any_text_at_all_is_a_page(text: str) -> None:
    check(extract(text))
