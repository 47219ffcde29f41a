"""Blocks are the paragraphs, items, rows and pictures that a reader sees, and are counted as such."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.html.columns import (
    BREAKS,
    BUTTON_WORDS,
    CAPITALS,
    CELLS,
    CHARS,
    CODE_WORDS,
    COMMAS,
    DIGITS,
    FOREIGN,
    FORMULAS,
    HIDDEN_WORDS,
    IMAGES,
    IN_PAGE_LINKS,
    INPUTS,
    KIND,
    LINK_WORDS,
    LINKS,
    NODE,
    OUT_LINKS,
    PICTURE,
    PREFORMATTED,
    PROSE,
    QUOTED,
    ROW,
    SIGNS,
    STOPS,
    STRONG_WORDS,
    TABLE,
    TAG_OF,
    WORDS,
)
from pipeline.kernels.html.names import EMBEDDED_CODE, MATH, TAGS, no_words
from pipeline.kernels.html.tree.nodes import read_nodes
from pipeline.kernels.html.writing.blocks import Blocks, read_blocks

FIRST_SIGN = "\U000f0000"
ALT = "a mill by the river in winter"


def read(source: str) -> Blocks:
    return read_blocks(read_nodes(source.encode()), no_words())


def texts(source: str) -> list[str]:
    blocks = read(source)
    return [bytes(blocks.text[start:end]).decode() for start, end in blocks.rows[:, :2].tolist()]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a<p>b<div>c</div>d", ["a", "b", "c", "d"]),
        ("<ul><li>a<li>b<ul><li>c</ul>d</ul>", ["a", "b", "c", "d"]),
        ("<dl><dt>a<dd>b</dl>", ["a", "b"]),
        ("<p>a <b>b</b>c<i> d</i>", ["a bc d"]),
        ("<p> a \n\t b\u00a0&nbsp; c ", ["a b c"]),
        ("<span>a</span> <span>b</span>", ["a b"]),
        ("a<!-- b -->c", ["ac"]),
        ("<p>a<wbr>b&shy;c&#8203;d\ufeffe", ["abcde"]),
        ("<p>\ue000\uf8ff\U000f0000\U0010fffd a", ["a"]),
        ("<p>a&amp;b &lt;p&gt; &hellip;", ["a&b <p> …"]),
        ("<p>a\x00\x01\x7fb", ["ab"]),
        ("<a href=x><p>a</p><p>b</p></a>", ["a", "b"]),
        ("<p>麦子。</p><p>é", ["麦子。", "é"]),
        ("<p></p><div> \n </div><p>&nbsp;", []),
    ],
)
def test_what_breaks_the_line_begins_a_block_and_nothing_else_does(source: str, expected: list[str]) -> None:
    assert texts(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>a<br>b", ["a\nb"]),
        ("<p>a<br><br>b", ["a", "b"]),
        ("<p>a<br> <br>\nb", ["a", "b"]),
        ("<p><br>a<br></p>b", ["a", "b"]),
        ("<p>a <br> b", ["a\nb"]),
        ("<p>a<br><img src=x><br>b", ["a", "b"]),
    ],
)
def test_a_line_break_is_one_and_two_end_the_block(source: str, expected: list[str]) -> None:
    assert texts(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<table><tr><th>a<th>b<tr><td>1<td>2</table>", ["a\tb", "1\t2"]),
        ("<table><tr><td>a<td>b<tr><td>1<td>2</table>", ["a\tb", "1\t2"]),
        ("<table><caption>c</caption><tr><td>a<td>b</table>", ["c", "a\tb"]),
        ("<table><tr><th>a<th><th>c</table>", ["a\t\tc"]),
        ("<table><tr><th><p>a</p><p>b</p><th>c<br>d</table>", ["a b\tc d"]),
        ("<table><tr><th>a<th>b</table>c", ["a\tb", "c"]),
        ("<table> x <tr><th>a<th>b</table>", ["x", "a\tb"]),
    ],
)
def test_a_table_of_data_is_a_block_a_row(source: str, expected: list[str]) -> None:
    blocks = read(source)
    assert texts(source) == expected
    assert {kind for kind, table in blocks.rows[:, [KIND, TABLE]].tolist() if table} <= {ROW, PROSE}
    assert (blocks.rows[:, KIND] == ROW).any()


@pytest.mark.parametrize(
    "table",
    [
        "<table role=presentation><tr><th>a<th>b</table>",
        "<table><tr><td>a<td>b</table>",
        "<table><tr><td>a<tr><td>b</table>",
        "<table><tr><td>a<td><table><tr><td>b</table></table>",
        "<table><tr><th>a<th><form><p>b</form></table>",
        f"<table><tr><td>a{' mill' * 100}<td>b<tr><td>c<td>d</table>",
        "<table><tr><th>a<th><pre>b</pre></table>",
    ],
)
def test_a_table_that_lays_out_a_page_has_no_rows(table: str) -> None:
    assert not (read(table).rows[:, KIND] == ROW).any()
    assert len(texts(table)) >= 2


@pytest.mark.parametrize(
    "hidden",
    [
        *("<script>{}</script>", "<style>{}</style>", "<template><p>{}</p></template>", "<svg><text>{}</text></svg>"),
        *("<title>{}</title>", "<select><option>{}</select>", "<textarea>{}</textarea>", "<iframe>{}</iframe>"),
        *("<noembed>{}</noembed>", "<object><p>{}</p></object>", "<video>{}</video>", "<head><p title='{}'></head>"),
    ],
)
def test_what_is_never_shown_is_no_text(hidden: str) -> None:
    assert texts(f"<p>a</p>{hidden.format('quern')}<p>b") == ["a", "b"]


COUNTED = {
    "<p>One mill, two mills. Three!": {WORDS: 5, COMMAS: 1, STOPS: 2, CAPITALS: 2, CHARS: 23},
    "<p>a 12 (3)": {WORDS: 3, DIGITS: 3, SIGNS: 2},
    "<p>it's": {WORDS: 1},
    "<p><a href=x>a b</a> c": {WORDS: 3, LINK_WORDS: 2, LINKS: 1},
    "<p><a href='#x'>a</a><a href='https://x/'>b</a>": {LINKS: 2, IN_PAGE_LINKS: 1, OUT_LINKS: 1, WORDS: 2},
    "<p><a>a</a>": {LINKS: 0, LINK_WORDS: 0},
    "<p><b>a <i>b</i></b> c": {STRONG_WORDS: 2, WORDS: 3},
    "<p>a <button>Copy it</button> b": {BUTTON_WORDS: 2, WORDS: 4},
    "<p>a <code>b c</code> d": {CODE_WORDS: 2, WORDS: 4},
    "<p>a<br>b": {BREAKS: 1},
    "<p>a<img src=x><img src=y>": {IMAGES: 2},
    "<p>a<input><select><option>b</select>": {INPUTS: 2},
    "<p>麦子、": {WORDS: 2, FOREIGN: 2, COMMAS: 1},
    "<p style='display: none'>a b</p>": {HIDDEN_WORDS: 2, WORDS: 2},
    "<p hidden>a <b>b": {HIDDEN_WORDS: 2},
    "<table><tr><th>a<th>b</table>": {CELLS: 2},
    "<p>a <math><mi>x</mi></math>": {FORMULAS: 1, WORDS: 1},
}


@pytest.mark.parametrize("source", COUNTED)
def test_what_a_block_holds_is_counted(source: str) -> None:
    counts = read(source).counts[0]
    assert {count: int(counts[count]) for count in COUNTED[source]} == COUNTED[source]


def test_a_block_belongs_to_the_element_whose_text_it_is() -> None:
    page = read_nodes(b"<div>a<p>b</p>c<ul><li>d</ul>e</div>f")
    nodes = read_blocks(page, no_words()).rows[:, NODE]
    assert [TAGS[tag] for tag in page.nodes[nodes, TAG_OF]] == ["div", "p", "div", "li", "div", ""]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (f"<p>a<img alt='{ALT}'> b", ["a b", ALT]),
        (f"<figure><img alt='{ALT}'></figure>", [ALT]),
        (f"<div><img alt='{ALT}'></div>", []),
        ("<p>a<img alt='a mill'>", ["a"]),
        (f"<p>a<img alt='{ALT} {'turns ' * 100}'>", ["a"]),
        ("<p>a<img alt='&lt;&lt;one two three four five six&gt;&gt;'>", ["a", "<<one two three four five six>>"]),
        (f"<p>a<img alt='{ALT}'><br><br>b", ["a", ALT, "b"]),
    ],
)
def test_the_words_of_a_picture_stand_behind_its_paragraph(source: str, expected: list[str]) -> None:
    assert texts(source) == expected
    assert (read(source).rows[:, KIND] == PICTURE).sum() == sum(ALT in text or "<<" in text for text in expected)


@pytest.mark.parametrize(
    ("source", "expected", "kinds"),
    [
        ("<p>a</p><pre>b</pre>c", ["a", FIRST_SIGN, "c"], [EMBEDDED_CODE]),
        ("<p>a <math><mi>x</mi></math> b", [f"a {FIRST_SIGN} b"], [MATH]),
        ("<p>a <code>b</code> c", [f"a {FIRST_SIGN} c"], [QUOTED]),
        ("<p>a <code></code> c", ["a c"], []),
        ("<p><code>a<br>b</code>", [FIRST_SIGN], [EMBEDDED_CODE]),
        ("<div><code>a<p>b</p></code>", ["a", "b"], []),
        ("<div><code>a<p>b</code>", [FIRST_SIGN, chr(ord(FIRST_SIGN) + 1)], [QUOTED, QUOTED]),
        (f"<p><code>{'a ' * 300}</code>", [FIRST_SIGN], [QUOTED]),
        (f"<p><tt>{'a ' * 300}</tt>", [("a " * 300).strip()], []),
        ("<p><code>a <tt>b</tt></code>", [FIRST_SIGN], [QUOTED]),
        ("<p>a <script type='math/tex'>x</script>", [f"a {FIRST_SIGN}"], [MATH]),
    ],
)
def test_code_and_formulas_are_one_sign_each(source: str, expected: list[str], kinds: list[int]) -> None:
    assert texts(source) == expected
    assert read(source).embedded[:, 0].tolist() == kinds
    assert (read(source).rows[:, KIND] == PREFORMATTED).sum() == kinds.count(EMBEDDED_CODE)


PIECES = st.sampled_from(
    [f"<{name}>" for name in TAGS[1:]]
    + [f"</{name}>" for name in TAGS[1:]]
    + ["a ", "b, c. ", "\n", "&nbsp;", "&nGt;", "&amp", "é", "麦", "\x7f", "\0", "<br>", "<!-- c -->", "2"]
    + [f"<img alt='{ALT}'>", "<img class=tex alt='\\x'>", "<a href=x>", "<p hidden>", "<span class=katex>"]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_blocks_of_any_soup_are_tidy_and_in_order(soup: str) -> None:
    blocks = read(soup)
    ends = 0
    for start, end in blocks.rows[:, :2].tolist():
        assert ends <= start < end <= len(blocks.text)
        ends = end
        text = bytes(blocks.text[start:end]).decode()
        assert text == text.strip(" \n\t") or text.startswith("\t")
        assert "  " not in text
        assert "\n\n" not in text
    assert (blocks.counts[:, LINK_WORDS] <= blocks.counts[:, WORDS]).all()
    signs = sum(
        bytes(blocks.text).decode().count(chr(ord(FIRST_SIGN) + number)) for number in range(len(blocks.embedded))
    )
    assert signs <= len(blocks.embedded)
