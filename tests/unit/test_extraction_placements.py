"""Formulas and code stand where they stood in the page, among the same words, once."""

import pytest

from tests.unit.extraction_markup import CODE, CODES, FORMULAS, SINGLE_DOLLARS
from tests.unit.extraction_pages import between, kept, middle, read, words

WEIR = "The nineteenth sentence is about the weir, which was rebuilt twice"
EELS = "The twentieth is about the eels that climb it on warm and moonless nights"
# Where a formula or a name may stand in a text, and the lines that become of it; {} is the formula.
IN_SENTENCES: dict[str, tuple[str, list[str]]] = {
    "within a sentence": (
        f"<p>{WEIR} for {{}} coins of silver. {EELS}.</p>",
        [f"{WEIR} for {{}} coins of silver. {EELS}."],
    ),
    "first in a paragraph": (f"<p>{{}} is where it begins. {EELS}.</p>", [f"{{}} is where it begins. {EELS}."]),
    "last in a paragraph": (
        f"<p>{WEIR}, and it cost {{}}</p><p>{EELS}.</p>",
        [f"{WEIR}, and it cost {{}}", f"{EELS}."],
    ),
    "before a full stop": (f"<p>{WEIR} for {{}}. {EELS}.</p>", [f"{WEIR} for {{}}. {EELS}."]),
    "before a hyphen": (f"<p>{WEIR} in the {{}}-th year. {EELS}.</p>", [f"{WEIR} in the {{}}-th year. {EELS}."]),
    "in brackets": (f"<p>{WEIR} ({{}}), and {EELS}.</p>", [f"{WEIR} ({{}}), and {EELS}."]),
    "in emphasis": (f"<p>{WEIR} for <em>about {{}} coins</em> then.</p>", [f"{WEIR} for about {{}} coins then."]),
    "in a link": (f"<p>{WEIR} (see <a href=/x>the sum {{}} there</a>).</p>", [f"{WEIR} (see the sum {{}} there)."]),
    "across source lines": (f"<p>{WEIR}\n  for\n{{}}\n  coins.</p>", [f"{WEIR} for {{}} coins."]),
    "twice": (f"<p>{WEIR} for {{}} or {{}} coins.</p>", [f"{WEIR} for {{}} or {{}} coins."]),
    "in a list item": (
        f"<ul><li>{WEIR} for {{}} coins.</li><li>{EELS}.</li></ul>",
        [f"{WEIR} for {{}} coins.", f"{EELS}."],
    ),
    "in a nested list": (
        f"<ol><li>{EELS}:<ol><li>{WEIR}, for {{}}.</li></ol></li></ol>",
        [f"{EELS}:", f"{WEIR}, for {{}}."],
    ),
    "in a table": (
        f"<table><tr><th>What was built<th>What it cost<tr><td>{WEIR}<td>{{}}<tr><td>{EELS}<td>nothing at all</table>",
        ["What was built\tWhat it cost", f"{WEIR}\t{{}}", f"{EELS}\tnothing at all"],
    ),
    "in a heading": (f"<h2>What {{}} coins bought</h2><p>{WEIR}.</p>", ["What {} coins bought", f"{WEIR}."]),
    "in a quotation": (f"<blockquote><p>{WEIR} for {{}} coins.</p></blockquote>", [f"{WEIR} for {{}} coins."]),
    "in a definition": (
        f"<dl><dt>The price {{}}</dt><dd>{WEIR} for it.</dd></dl>",
        ["The price {}", f"{WEIR} for it."],
    ),
    "in a division": (f"<div>{WEIR} for {{}} coins.</div><p>{EELS}.</p>", [f"{WEIR} for {{}} coins.", f"{EELS}."]),
}
# Likewise for blocks: the lines before and after.
AMONG_BLOCKS: dict[str, tuple[str, str, str]] = {
    "between paragraphs": (f"<p>{WEIR}.</p>{{}}<p>{EELS}.</p>", f"{WEIR}.", f"{EELS}."),
    "in a division": (f"<p>{WEIR}.</p><div><div>{{}}</div></div><p>{EELS}.</p>", f"{WEIR}.", f"{EELS}."),
    "after a heading": (f"<h2>How it is turned</h2>{{}}<p>{EELS}.</p>", "How it is turned", f"{EELS}."),
    "within a paragraph": (f"<p>{WEIR}: {{}} {EELS}.</p>", f"{WEIR}:", f"{EELS}."),
    "at the end of a list item": (f"<ul><li>{WEIR}: {{}}</li><li>{EELS}.</li></ul>", f"{WEIR}:", f"{EELS}."),
    "within a list item": (f"<ol><li><p>{WEIR}.</p>{{}}<p>{EELS}.</p></li></ol>", f"{WEIR}.", f"{EELS}."),
    "in a quotation": (f"<blockquote><p>{WEIR}:</p>{{}}</blockquote><p>{EELS}.</p>", f"{WEIR}:", f"{EELS}."),
    "in a definition": (f"<dl><dt>{WEIR}</dt><dd>{{}}</dd></dl><p>{EELS}.</p>", WEIR, f"{EELS}."),
    "in a section": (f"<section><p>{WEIR}.</p>{{}}</section><section><p>{EELS}.</p></section>", f"{WEIR}.", f"{EELS}."),
    "in a table for layout": (
        f"<table><tr><td><p>{WEIR}.</p>{{}}<p>{EELS}.</p></td></tr></table>",
        f"{WEIR}.",
        f"{EELS}.",
    ),
}


@pytest.mark.parametrize("place", IN_SENTENCES)
@pytest.mark.parametrize("kind", FORMULAS)
def test_a_formula_stands_among_the_words_it_stood_among(kind: str, place: str) -> None:
    formula = FORMULAS[kind]
    template, expected = IN_SENTENCES[place]
    result = read(template.replace("{}", formula.markup), formula.head)
    stands = "\n".join(expected).replace("{}", formula.tex)
    if formula.tex.startswith("$$"):  # which may stand on a line of its own
        assert words(between(result)) == words(stands)
    else:
        assert between(result) == stands
    assert kept(result, "math") == [formula.tex] * template.count("{}")


@pytest.mark.parametrize("place", AMONG_BLOCKS)
@pytest.mark.parametrize("kind", [kind for kind, formula in FORMULAS.items() if formula.tex.startswith("$$")])
def test_a_displayed_formula_stands_between_its_blocks(kind: str, place: str) -> None:
    formula = FORMULAS[kind]
    template, before, after = AMONG_BLOCKS[place]
    result = read(template.replace("{}", formula.markup), formula.head)
    assert words(between(result)) == words(f"{before} {formula.tex} {after}")
    assert kept(result, "math") == [formula.tex]


@pytest.mark.parametrize("place", AMONG_BLOCKS)
@pytest.mark.parametrize("kind", CODES)
def test_a_code_block_stands_between_its_blocks_to_the_letter(kind: str, place: str) -> None:
    code = CODES[kind]
    template, before, after = AMONG_BLOCKS[place]
    result = read(template.replace("{}", code.markup))
    assert between(result) == f"{before}\n{code.text}\n{after}"
    assert kept(result, "code") == [code.text]
    assert kept(result, "math") == []


@pytest.mark.parametrize("place", IN_SENTENCES)
@pytest.mark.parametrize("tag", ["code", "tt", "kbd", "samp"])
def test_inline_code_stays_in_its_sentence(tag: str, place: str) -> None:
    template, expected = IN_SENTENCES[place]
    result = read(template.replace("{}", f"<{tag}>my_<span class=n>func</span>(*a, **b) &lt; 2</{tag}>"))
    assert between(result) == "\n".join(expected).replace("{}", "my_func(*a, **b) < 2")
    assert kept(result, "code") == ["my_func(*a, **b) < 2"] * template.count("{}")


@pytest.mark.parametrize("absent", ["MathJax 2", "MathJax 3"])  # no page loads both
def test_every_kind_of_formula_and_code_stands_in_order_on_one_page(absent: str) -> None:
    formulas = [formula for kind, formula in FORMULAS.items() if not kind.startswith(absent)]
    blocks = [f"<p>Formula {at} is {formula.markup} as we said.</p>" for at, formula in enumerate(formulas)]
    blocks += [f"<p>Block {at} is</p>{code.markup}<p>and so it ends.</p>" for at, code in enumerate(CODES.values())]
    result = read("".join(blocks), SINGLE_DOLLARS)
    expected = [f"Formula {at} is {formula.tex} as we said." for at, formula in enumerate(formulas)]
    expected += [f"Block {at} is {code.text} and so it ends." for at, code in enumerate(CODES.values())]
    assert words(between(result)) == words(" ".join(expected))
    assert kept(result, "math") == [formula.tex for formula in formulas]
    assert kept(result, "code") == [code.text for code in CODES.values()]


def test_code_blocks_in_a_row_stay_apart_and_in_order() -> None:
    result = read("<p>One:</p><pre>a\n  b</pre><pre>c</pre><p>Two:</p><pre>\td</pre>")
    assert between(result) == "One:\na\n  b\nc\nTwo:\n\td"
    assert kept(result, "code") == ["a\n  b", "c", "\td"]


def test_the_same_block_twice_stands_twice() -> None:
    result = read(f"<p>One:</p>{CODES['pre'].markup}<p>Two:</p>{CODES['pre'].markup}<p>Three.</p>")
    assert between(result) == f"One:\n{CODE}\nTwo:\n{CODE}\nThree."


def test_an_article_without_any_is_its_paragraphs() -> None:
    assert middle("") == [""]


@pytest.mark.parametrize(
    ("body", "head", "formulas"),
    [
        (f"<p>{WEIR} for $5, not $6.</p>", "", []),
        (f"<p>{WEIR} for $5, not $6.</p>", "<script src=mathjax.js></script>", []),
        (f"<p>{WEIR} for $5, not $6, or $n$.</p>", SINGLE_DOLLARS, ["$n$"]),
        (f"<p>{WEIR} for \\(n\\) coins.</p>", "", []),
        (f"<p>{WEIR}</p><pre>\\(n\\) $$m$$</pre>", SINGLE_DOLLARS, []),
        (f"<p>{WEIR} <code>$n$</code></p>", SINGLE_DOLLARS, []),
    ],
)
def test_delimiters_mean_a_formula_only_where_the_page_says_so(body: str, head: str, formulas: list[str]) -> None:
    assert kept(read(body, head), "math") == formulas
