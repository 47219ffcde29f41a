"""TeX comes out of MathML as its author wrote it, or as the symbols say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.html.math.formula_tree import read_tree
from pipeline.kernels.html.math.mathml import formula_source, tidy_tex


def source(markup: str) -> str:
    return formula_source(read_tree(f"<math>{markup}</math>"))


@pytest.mark.parametrize(
    ("markup", "tex"),
    [
        ("<mi>x</mi><mo>=</mo><mn>3</mn>", "x=3"),
        ("<mfrac><mi>a</mi><mi>b</mi></mfrac>", r"\frac{a}{b}"),
        ("<msup><mi>e</mi><mrow><mi>i</mi><mi>π</mi></mrow></msup>", r"e^{i\pi }"),
        ("<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>", "x_{i}^{2}"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", r"\sqrt[3]{x}"),
        ("<msup><mrow><mo>(</mo><mi>a</mi><mo>)</mo></mrow><mn>2</mn></msup>", "{(a)}^{2}"),
        (
            ("<munder><mi>lim</mi><mrow><mi>n</mi><mo>→</mo><mi>∞</mi></mrow></munder><mi>n</mi>"),
            r"\lim _{n\to \infty}n",
        ),
        ("<munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover>", r"\sum_{i}^{n}"),
        ("<mover><mi>v</mi><mo>→</mo></mover>", r"\vec{v}"),
        ("<mover><mi>z</mi><mo>¯</mo></mover>", r"\overline{z}"),
        ("<mi>sin</mi><mo>\u2061</mo><mi>x</mi>", r"\sin x"),
        ("<mi>rank</mi><mi>A</mi>", r"\mathrm{rank}A"),
        ("<mtext>if </mtext><mi>x</mi>", r"\text{if}x"),
        (
            (
                "<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr><mtr><mtd>"
                "<mn>0</mn></mtd><mtd><mn>1</mn></mtd></mtr></mtable>"
            ),
            r"\begin{matrix}1 & 0 \\ 0 & 1\end{matrix}",
        ),
        ("<mfenced open='[' close=']'><mi>a</mi><mi>b</mi></mfenced>", "[a,b]"),
        ("<mo>{</mo><mn>50</mn><mo>%</mo><mo>}</mo>", r"\{50\%\}"),
        ("<unheard><mi>y</mi></unheard>", "y"),
        ("", ""),
    ],
)
def test_presentation_markup_becomes_tex(markup: str, tex: str) -> None:
    assert source(markup) == tex


def test_the_authors_own_tex_goes_before_the_symbols() -> None:
    shown = "<mi>x</mi>"
    note = '<annotation encoding="application/x-tex">x_\\star</annotation>'
    assert source(f"<semantics>{shown}{note}</semantics>") == r"x_\star"
    assert source(f'<semantics>{shown}<annotation encoding="StarMath 5.0">x</annotation></semantics>') == "x"


@pytest.mark.parametrize(
    ("written", "tidy"),
    [
        (r"{\displaystyle \frac{1}{2}}", r"\frac{1}{2}"),
        (r"{\displaystyle a} + {b}", r"{\displaystyle a} + {b}"),
        ("$a$ and $b$", "$a$ and $b$"),
        (r"\[ x \]", "x"),
        ("a\n  + b", "a + b"),
        ("a % half\n+ b", "a % half\n+ b"),
        ("$", "$"),
        ("", ""),
    ],
)
def test_tex_is_put_on_one_line_without_its_wrapping(written: str, tidy: str) -> None:
    assert tidy_tex(written) == tidy


@given(st.text())
def test_any_text_can_be_tidied_twice(text: str) -> None:
    assert isinstance(tidy_tex(tidy_tex(text)), str)


def test_a_formula_nested_a_thousand_deep_still_gives_its_symbols() -> None:
    assert "x" in source("<mrow>" * 200 + "<mi>x</mi>" + "</mrow>" * 200)
