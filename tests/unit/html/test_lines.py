"""A line of text is what a reader of the page sees: gaps of style sheets, no marks of furniture, cells in line."""

import pytest

from pipeline.kernels.extraction import extract
from pipeline.kernels.html.names import no_words
from pipeline.kernels.html.tree.nodes import read_nodes
from pipeline.kernels.html.writing.blocks import read_blocks


def lines(markup: str) -> list[str]:
    blocks = read_blocks(read_nodes(markup.encode()), no_words())
    return [blocks.text[begin:stop].tobytes().decode() for begin, stop in blocks.rows[:, :2]]


@pytest.mark.parametrize(
    ("markup", "line"),
    [
        ("<span class=badge>Easy</span><span class=badge>Vegan</span><span>45 min</span>", "Easy Vegan 45 min"),
        ("<span class=label>Mail</span><span>jane@mill.example</span>", "Mail jane@mill.example"),
        ("<span>Mail</span><span>jane@mill.example</span>", "Mail jane@mill.example"),
        ("<span>Phone</span><span>+49 711</span>", "Phone +49 711"),
        ("<em>u</em><span class=classifier>(N,) array</span>", "u (N,) array"),
        ("<a href=/jane>Jane Roe</a><time>12 May</time>", "Jane Roe 12 May"),
        ("By <a href=/jane>Jane Roe</a><span class=date>May 12</span>", "By Jane Roe May 12"),
        ("<a href=/rye>rye</a><a href=/oat>oat</a>", "rye oat"),
        ('<span style="float:left">rye</span><span>oat</span>', "rye oat"),
        ("<span class=price>$45</span><span class=unit>each</span>", "$45 each"),
        ("<b>slow</b>ly", "slowly"),
        ("<b>un</b><i>believ</i><b>able</b>", "unbelievable"),
        ("<span class=dropcap>T</span><span>he mill</span>", "The mill"),
        ("<span class=char>i</span><span class=char>P</span><span class=char>h</span>", "iPh"),
        ("<span class=SpellE>Grind</span><span>stone</span>", "Grindstone"),
        ("<span class=prename>mill.</span><span class=name>Wheel</span>", "mill.Wheel"),
        ("<a href=/m>mill</a><span class=suffix>'s</span>", "mill's"),
        ("the east<sup><a href=#n1>[1]</a></sup><sup><a href=#n2>[2]</a></sup>.", "the east[1][2]."),
        ("the 3<span class=ordinal>rd</span> mill", "the 3rd mill"),
        ("<span>the 3</span><span class=ordinal>rd</span> mill", "the 3rd mill"),
        ("<span>麦</span><span class=name>粉</span>", "麦粉"),
    ],
)
def test_a_gap_stands_where_a_reader_sees_one(markup: str, line: str) -> None:
    assert lines(f"<p>{markup}</p>") == [line]


@pytest.mark.parametrize(
    ("markup", "line"),
    [
        ("创始人\n  写下的规矩", "创始人写下的规矩"),
        ("小麦，\n<b>经营</b>", "小麦，经营"),
        ("小麦</b>\n\t<i>经营</i>", "小麦经营"),
        ("小麦 经营", "小麦 经营"),
        ("小麦&nbsp;\n经营", "小麦 经营"),
        ("小麦\nrye", "小麦 rye"),
        ("밀과\n호밀", "밀과 호밀"),
        ("ﾐﾙ\nﾐﾙ", "ﾐﾙﾐﾙ"),
        ("rye\noat", "rye oat"),
    ],
)
def test_a_line_break_of_the_source_is_no_space_between_wide_letters(markup: str, line: str) -> None:
    assert lines(f"<p>{markup}</p>") == [line]


@pytest.mark.parametrize(
    ("markup", "line"),
    [
        ("<ruby>水車<rp>(</rp><rt>すいしゃ</rt><rp>)</rp></ruby>は", "水車は"),
        ("<ruby>東<rt>ひがし</rt>山<rt>やま</rt></ruby>から", "東山から"),
        ("<ruby><rb>東</rb><rb>山</rb><rtc><rt>ひがし</rt><rt>やま</rt></rtc></ruby>から", "東山から"),
        ("so happy <img class=emoji alt=🙂> that", "so happy 🙂 that"),
        ("works <img src=s.gif alt=':-)' class=smiley>.", "works :-)."),
        ("works <img src=s.png alt='👍🏽'>", "works 👍🏽"),
        ("a mill <img src=mill.jpg alt='mill'> here", "a mill here"),
        ("of machines. <a href='#r1'>↩</a>", "of machines."),
        ("of machines. <a href='#r1'>&#8617;&#xfe0e;</a> <a href='#r2'>↩<sup>2</sup></a>", "of machines."),
        ("<b><a href='#cite1'>^</a></b> The history", "The history"),
        ("of machines <a class=footnote-backref href='/x#r1'>back</a>", "of machines"),
        ("the east<a class=footnote-ref href='#n1'>[1]</a>", "the east[1]"),
        ("<a href='#top'>↑ Top</a>", "↑ Top"),
        ("History<span class=mw-editsection>[<a href=x>編集</a>]</span>", "History"),
        ("History<span class=editsection>[<a href=x>edit</a>]</span>", "History"),
    ],
)
def test_readings_and_furniture_are_no_words_of_a_sentence(markup: str, line: str) -> None:
    assert lines(f"<p>{markup}</p>") == [line]


def test_cells_stay_in_their_columns() -> None:
    rows = (
        "<tr><th>Country<th>Type<th>Ash",
        "<tr><td rowspan=2>Germany<td>405<td>.50",
        "<tr><td>550<td>.63",
        "<tr><td colspan=2>all<td>.5",
        "<tr><td>rye<td rowspan='2'>997<td>.8",
        "<tr><td>oat<td>.9",
    )
    assert lines(f"<table>{''.join(rows)}</table>") == [
        "Country\tType\tAsh",
        "Germany\t405\t.50",
        "\t550\t.63",
        "all\t\t.5",
        "rye\t997\t.8",
        "oat\t\t.9",
    ]


def test_spans_of_any_size_cost_no_more_than_the_page() -> None:
    row = "<tr><td rowspan=1000 colspan=64>" * 4
    page = f"<table><tr><td>a<td>b{row}{'<tr><td>c' * 20_000}</table>"
    blocks = read_blocks(read_nodes(page.encode()), no_words())
    assert len(blocks.text) < 4 * len(page)


_PROSE = (
    "<p>The wheel of the mill turns at a speed that depends on the head of water, as the miller knows well.</p>" * 3
)


_GLYPH = "<mjx-{name}><mjx-c class=mjx-c{code}></mjx-c></mjx-{name}>"
_HALVED = f"<mjx-num><mjx-nstrut></mjx-nstrut>{_GLYPH.format(name='mi', code='1D44E')}</mjx-num>"
_HALF = f"<mjx-dbox><mjx-den><mjx-dstrut></mjx-dstrut>{_GLYPH.format(name='mn', code='32')}</mjx-den></mjx-dbox>"
_FRACTION = f"<mjx-mfrac><mjx-frac>{_HALVED}{_HALF}</mjx-frac></mjx-mfrac>"
_DRAWN = "<g data-mml-node={name}><path data-c={code}></path></g>"
_LOWERED = f"<g data-mml-node=msub>{_DRAWN.format(name='mi', code='1D465')}{_DRAWN.format(name='mn', code='31')}</g>"
_FORMULAS = (
    (
        "<mjx-container jax=CHTML><mjx-math data-latex=v=2h><mjx-mi data-latex=v></mjx-mi></mjx-math></mjx-container>",
        "$v=2h$",
    ),
    (
        "<mjx-container display=true><svg><g data-mml-node=math data-latex=v=2h><path></g></svg></mjx-container>",
        "$$v=2h$$",
    ),
    (f"<mjx-container><mjx-math>{_FRACTION}</mjx-math></mjx-container>", r"$\frac{a}{2}$"),
    (f"<mjx-container><svg><g data-mml-node=math>{_LOWERED}</g></svg></mjx-container>", "$x_{1}$"),
    ("<m:math><m:mfrac><m:mi>a</m:mi><m:mi>b</m:mi></m:mfrac></m:math>", r"$\frac{a}{b}$"),
    ("<mml:math><mml:semantics><mml:mi>a</mml:mi></mml:semantics></mml:math>", "$a$"),
    (
        "<math><mmultiscripts><mi>C</mi><mn>6</mn><none/><mprescripts/><none/><mn>14</mn></mmultiscripts></math>",
        "${}^{14}C_{6}$",
    ),
    ("<math><mfrac linethickness=0><mi>n</mi><mi>k</mi></mfrac></math>", r"$\binom{n}{k}$"),
    ('<math><mi>x</mi><annotation encoding="application/x-tex">x</annotation></math>', "$x$"),
)


@pytest.mark.parametrize(("formula", "tex"), _FORMULAS)
def test_a_drawn_formula_is_its_source(formula: str, tex: str) -> None:
    page = f"<main><h1>The wheel</h1>{_PROSE}<p>We have {formula} at the foot of the chute.</p>{_PROSE}</main>"
    assert f"We have {tex} at the foot" in extract(page).text.replace("\n", " ")
