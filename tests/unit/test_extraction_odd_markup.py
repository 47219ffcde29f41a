"""Markup that is written carelessly, or for other eyes than a reader's."""

import pytest

from pipeline.kernels.extraction import extract
from tests.unit.extraction_pages import between, kept, read

WEIR = "The nineteenth page is about the weir, which holds the water back for the wheel of the mill in dry summers."
EELS = "The twentieth page is about the eels that climb the weir on warm nights, and about those who wait for them."


def lines(markup: str) -> list[str]:
    text = between(read(f"<p>{WEIR}</p>{markup}<p>{EELS}</p>"))
    assert text.startswith(WEIR)
    assert text.endswith(EELS)
    return text[len(WEIR) : -len(EELS)].strip("\n").split("\n")


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        (
            "<table><caption><b>Yields</b> of <a>rye</a></caption><tr><th>Year<th>Tons<tr><td>1990<td>12</table>",
            ["Yields of rye", "Year\tTons", "1990\t12"],
        ),
        (
            "<table><thead><th>Year</th><th>Tons</th></thead><tr><td>1990</td><td>12</td></tr></table>",
            ["Year\tTons", "1990\t12"],
        ),
        (
            "<table><tr><th>Year</th><th>Tons</th></tr><td>1990</td><td>12</td></tr><tr><td>1991</td><td>13</td></table>",
            ["Year\tTons", "1990\t12", "1991\t13"],
        ),
    ],
)
def test_a_table_loses_no_text(table: str, rows: list[str]) -> None:
    assert lines(table) == rows


def test_a_heading_around_a_block_is_a_heading() -> None:
    assert "The river" in kept(read(f"<p>{WEIR}</p><h2><div>The river</div></h2><p>{EELS}</p>"), "heading")


@pytest.mark.parametrize("sign", ["¶", "#", "§", "&para;", "&#182;"])
def test_a_sign_to_link_to_is_no_text(sign: str) -> None:
    assert lines(f"<h2>The river<a class=headerlink href=#river>{sign}</a></h2>") == ["The river"]


@pytest.mark.parametrize("comment", ["<!-->", "<!--->", "<!-- a --!>", "<!-- a -->", "<!-- a -- b -->"])
def test_a_comment_ends_where_browsers_end_it(comment: str) -> None:
    assert lines(f"{comment}<p>It stands there still.</p>") == ["It stands there still."]


def test_a_drawing_that_nobody_ends_ends_with_its_paragraph() -> None:
    assert lines("<p>The wheel <svg><path d=1></p><p>stands still.</p>") == ["The wheel", "stands still."]


def test_signs_for_private_use_are_kept_in_code_and_nowhere_else() -> None:
    result = read(f"<p>{WEIR}\U000f0001</p><pre>icon = '\U000f0000'</pre><p><code>first</code> {EELS}</p>")
    assert kept(result, "code") == ["icon = '\U000f0000'", "first"]
    assert "\U000f0001" not in result.text
    titled = extract(f"<title>\U000f0000 Mill</title><pre>\U000f0000</pre><p>{WEIR}", engine="trafilatura")
    assert titled.title == "Mill"


def test_long_code_in_a_sentence_is_code() -> None:
    code = "f(**kw) `x` __init__ " * 30
    assert kept(read(f"<p>{WEIR} <code>{code}</code></p>"), "code") == [code.strip()]


def test_empty_code_makes_no_row() -> None:
    assert lines("<table><tr><td><code> </code><td><code></code></table>") == [""]
