"""What is neither formula nor code becomes plain text: rows, items, words, and no markup of any kind."""

import pytest

from tests.unit.extraction_pages import between, kept, middle, read

WEIR = "The nineteenth sentence is about the weir, which was rebuilt twice"
EELS = "The twentieth is about the eels that climb it on warm and moonless nights"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("x<sup>2</sup>", "x^2"),
        ("H<sub>2</sub>O", "H_2O"),
        ("mc<sup>2</sup>", "mc^2"),
        ("x<sub>i</sub>", "x_i"),
        ("(a + b)<sup>2</sup>", "(a + b)^2"),
        ("<i>x</i><sup>2</sup>", "x^2"),
        ("<em>x</em><sub><em>i</em></sub>", "x_i"),
        ("a<sub>1</sub><sup>2</sup>", "a_1^2"),
        ("C<sub>6</sub>H<sub>6</sub>", "C_6H_6"),
        ("the 1<sup>st</sup> and 2<sup>nd</sup>", "the 1st and 2nd"),
        ("le XIX<sup>e</sup> siècle", "le XIXe siècle"),
        ("Mill<sup>TM</sup>", "MillTM"),
        ("Mill<sup>®</sup>", "Mill®"),
    ],
)
def test_raised_and_lowered_signs_keep_their_meaning(written: str, text: str) -> None:
    assert middle(f"<p>{WEIR}, as {written} says. {EELS}.</p>") == [f"{WEIR}, as {text} says. {EELS}."]


@pytest.mark.parametrize(
    "mark",
    [
        "<sup>1</sup>",
        "<sup>[1]</sup>",
        "<sup><a href=#n1>1</a></sup>",
        "<a href=#n1><sup>1</sup></a>",
        "<sup id=cite_ref-1 class=reference><a href=#cite_note-1>[1]</a></sup>",
        "<sup>*</sup>",
        "<sup>†</sup>",
    ],
)
def test_a_footnote_mark_is_no_power(mark: str) -> None:
    (line,) = middle(f"<p>{WEIR}{mark} and {EELS}.</p>")
    assert line.startswith(WEIR)
    assert line.endswith(f" and {EELS}.")
    assert "^" not in line


def test_a_power_of_more_than_one_sign_stays_together() -> None:
    (line,) = middle(f"<p>{WEIR}, to 10<sup>-6</sup> and x<sup>n+1</sup>. {EELS}.</p>")
    assert line.replace("{", "").replace("}", "") == f"{WEIR}, to 10^-6 and x^n+1. {EELS}."


HEAD = "<tr><th>Grain</th><th>Sacks</th></tr>"


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        (f"<table>{HEAD}<tr><td>Rye</td><td>3</td></tr></table>", ["Grain\tSacks", "Rye\t3"]),
        (f"<table>{HEAD}<tr><td><p>Rye</p></td><td><div>3</div></td></tr></table>", ["Grain\tSacks", "Rye\t3"]),
        (
            f"<table>{HEAD}<tr><td><p>Rye</p><p>of winter</p></td><td>3</td></tr></table>",
            ["Grain\tSacks", "Rye of winter\t3"],
        ),
        (f"<table>{HEAD}<tr><td>Rye<br>of winter</td><td>3</td></tr></table>", ["Grain\tSacks", "Rye of winter\t3"]),
        (
            f"<table>{HEAD}<tr><td><ul><li>Rye</li><li>Oats</li></ul></td><td>3</td></tr></table>",
            ["Grain\tSacks", "Rye Oats\t3"],
        ),
        (
            "<table><tr><th>Grain<th>Sacks<th>Year<tr><td>Rye<td><td>1900<tr><td>Oats<td>4<td>1901</table>",
            ["Grain\tSacks\tYear", "Rye\t\t1900", "Oats\t4\t1901"],
        ),
        (
            "<table><tr><td></td><th>1900</th><th>1901</th></tr><tr><th>Rye</th><td>3</td><td>4</td></tr></table>",
            ["\t1900\t1901", "Rye\t3\t4"],
        ),
        (
            f"<table><thead>{HEAD}<tbody><tr><td>Rye</td><td>3</td></tr><tfoot><tr><td>All</td><td>3</td></tr></table>",
            ["Grain\tSacks", "Rye\t3", "All\t3"],
        ),
        (f"<table>{HEAD}<tr><td><b>Rye</b></td><td><a href=/3>3</a></td></tr></table>", ["Grain\tSacks", "Rye\t3"]),
        (
            f"<table>\n  {HEAD}\n  <tr>\n    <td>\n      Rye\n    </td>\n    <td>3</td>\n  </tr>\n</table>",
            ["Grain\tSacks", "Rye\t3"],
        ),
        (
            f"<table>{HEAD}<tr><td><code>rye_1</code></td><td><i>x</i><sup>2</sup></td></tr></table>",
            ["Grain\tSacks", "rye_1\tx^2"],
        ),
        (
            f"<table><caption>What was ground in that year</caption>{HEAD}<tr><td>Rye</td><td>3</td></tr></table>",
            ["What was ground in that year", "Grain\tSacks", "Rye\t3"],
        ),
    ],
)
def test_a_row_is_a_line_and_cells_are_parted_by_tabs(table: str, rows: list[str]) -> None:
    assert middle(f"<p>{WEIR}:</p>{table}<p>{EELS}.</p>") == [f"{WEIR}:", *rows, f"{EELS}."]


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        (f"<table><tr><td><p>{WEIR}.</p><p>{EELS}.</p></td></tr></table>", [f"{WEIR}.", f"{EELS}."]),
        (f"<table><tr><td>{WEIR}.</td></tr><tr><td>{EELS}.</td></tr></table>", [f"{WEIR}.", f"{EELS}."]),
        (
            f"<table><tr><td><h2>On the weir</h2><p>{WEIR}.</p><tr><td><table>{HEAD}<tr><td>Rye<td>3</table></table>",
            ["On the weir", f"{WEIR}.", "Grain\tSacks", "Rye\t3"],
        ),
    ],
)
def test_a_table_for_layout_is_no_table(table: str, lines: list[str]) -> None:
    assert middle(table) == lines


@pytest.mark.parametrize(
    ("markup", "lines"),
    [
        (f"<ul><li>{WEIR}</li><li>{EELS}</li></ul>", [WEIR, EELS]),
        (f"<ol start=3><li>{WEIR}<li>{EELS}</ol>", [WEIR, EELS]),
        (f"<ul><li><p>{WEIR}</p></li><li><p>{EELS}</p></li></ul>", [WEIR, EELS]),
        (f"<ul><li>{WEIR}<ul><li>{EELS}</li></ul></li></ul>", [WEIR, EELS]),
        (f"<ul><li>• {WEIR}</li><li>- {EELS}</li></ul>", [WEIR, EELS]),
        (f"<h2>On the <em>weir</em></h2><p><strong>{WEIR}</strong></p>", ["On the weir", WEIR]),
        (f"<blockquote>{WEIR}</blockquote><hr><p><a href=/eels>{EELS}</a>.</p>", [WEIR, f"{EELS}."]),
        (f"<p>{WEIR}<br>{EELS}</p>", [WEIR, EELS]),
        (f"<p>{WEIR}&nbsp;&nbsp; &amp;\n &lt;so&gt; {EELS}</p>", [f"{WEIR} & <so> {EELS}"]),
        (f"<p>{WEIR} <del>not</del> <mark>once</mark> <u>or</u> <q>twice</q></p>", None),
    ],
)
def test_a_block_or_an_item_is_a_line_without_marks(markup: str, lines: list[str] | None) -> None:
    result = middle(markup)
    assert lines is None or result == lines
    assert not set("*#|`~") & set("".join(result))


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        (f"## {WEIR}", [WEIR]),
        (f"{WEIR}, **bold**, *slanted*, __two words__ and _soft_.", [f"{WEIR}, bold, slanted, two words and soft."]),
        (f"{WEIR}, on [the map](https://mill.test/map.html).", [f"{WEIR}, on the map."]),
        (f"&gt; {WEIR}", [WEIR]),
        (f"- {WEIR}", [WEIR]),
        (f"* {WEIR}", [WEIR]),
        (f"{WEIR}, ~~not~~ so.", [f"{WEIR}, not so."]),
        (f"{WEIR} in `rye_1` there.", [f"{WEIR} in rye_1 there."]),
        ("---", []),
        ("***", []),
        ("| Grain | Sacks |</p><p>|---|---|</p><p>| Rye | 3 |", ["Grain\tSacks", "Rye\t3"]),
        ("```python</p><p>turn(*wheel)</p><p>```", ["turn(*wheel)"]),
    ],
)
def test_markdown_that_a_page_shows_is_taken_out(written: str, lines: list[str]) -> None:
    assert middle(f"<p>{EELS}.</p><p>{written}</p><p>{EELS}!</p>") == [f"{EELS}.", *lines, f"{EELS}!"]


def test_an_image_in_markdown_leaves_no_marks() -> None:
    (line,) = middle(f"<p>{WEIR} ![the wheel](/wheel.png) and {EELS}.</p>")
    assert line.replace("the wheel ", "") == f"{WEIR} and {EELS}."


SURVIVORS = [
    *("my_long_var_name", "2 * 3 * 4", "a*b*c", "C#", "F# and C#", "#hashtag", "__init__", "5 > 3", "~/bin", "A | B"),
    *(
        "*args and **kwargs",
        "$a_1 + b_2$",
        "x[1](2)",
        "~5 and ~6",
        "10_000",
        "1. e4 e5",
        "-5 and - 6",
        "a_1, b_2 and c_3",
    ),
]


@pytest.mark.parametrize("written", SURVIVORS)
def test_what_only_looks_like_markdown_survives(written: str) -> None:
    escaped = written.replace(">", "&gt;")
    assert middle(f"<p>{WEIR}: {escaped} stands here.</p>") == [f"{WEIR}: {written} stands here."]


@pytest.mark.parametrize(
    "written", [*SURVIVORS, ">>> x", "# shell comment", "**bold**", "[a](b.c)", "- item", "```", "---"]
)
def test_markdown_in_code_is_code(written: str) -> None:
    escaped = written.replace(">", "&gt;")
    result = read(f"<p>{WEIR}:</p><pre>{escaped}</pre><p>{EELS} <code>{escaped}</code>.</p>")
    assert between(result) == f"{WEIR}:\n{written}\n{EELS} {written}."
    assert kept(result, "code") == [written, written]


@pytest.mark.parametrize("written", [">>> x", "#hashtag is here", "C# and F#"])
def test_a_line_that_begins_with_a_sign_keeps_it(written: str) -> None:
    assert middle(f"<p>{WEIR}.</p><p>{written.replace('>', '&gt;')}</p>") == [f"{WEIR}.", written]


ALT = "The wheel in the winter of that year, hung with ice as long as a man"


@pytest.mark.parametrize(
    "markup",
    [
        f"<p><img src=/w.jpg alt='{ALT}'></p>",
        f"<figure><img src=/w.jpg alt='{ALT}'></figure>",
        f"<p><a href=/w.jpg><img src=/w.jpg alt='{ALT}' width=640 height=480></a></p>",
        f"<figure><img src=/w.jpg alt='{ALT}'><figcaption>{ALT}</figcaption></figure>",
    ],
)
def test_an_alt_text_that_says_something_is_kept_once(markup: str) -> None:
    assert middle(f"<p>{WEIR}.</p>{markup}<p>{EELS}.</p>") == [f"{WEIR}.", ALT, f"{EELS}."]


@pytest.mark.parametrize(
    "alt", ["", "IMG_2034.JPG", "the_wheel_in_winter_final_2.png", "icon", "*", "Facebook", "logo"]
)
def test_an_alt_text_that_says_nothing_is_not(alt: str) -> None:
    image = f"<img src=/i.png width=16 height=16 alt='{alt}'>"
    assert middle(f"<p>{WEIR}. {image} {EELS}.</p><p>{image}</p>") == [f"{WEIR}. {EELS}."]


def test_spans_tell_headings_and_tables_with_the_code_within_them() -> None:
    table = f"<table>{HEAD}<tr><td><code>rye_1</code></td><td>3</td></tr></table>"
    result = read(f"<h2>What <code>rye</code> gave</h2><p>{WEIR}:</p>{table}<p>{EELS}.</p>")
    assert "What rye gave" in kept(result, "heading")
    assert kept(result, "table") == ["Grain\tSacks\nrye_1\t3"]
    assert kept(result, "code") == ["rye", "rye_1"]
