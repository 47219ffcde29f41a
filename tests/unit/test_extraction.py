"""A page's text comes out plain, with its code and formulas whole."""

import pytest

from pipeline.kernels.extraction import Extraction, extract
from pipeline.kernels.placeholders import Vault

PROSE = "<p>The mill stands by the river, and its wheel has turned day and night for two hundred years.</p>"


def read(body: str, head: str = "", engine: str = "resiliparse") -> Extraction:
    return extract(f"<html><head>{head}</head><body><main>{PROSE}{body}</main></body></html>", engine=engine)  # type: ignore[arg-type]


def lines(body: str, head: str = "") -> list[str]:
    return read(body, head).text.split("\n")[1:]


def kept(found: Extraction, kind: str) -> list[str]:
    return [found.text[a:b] for a, b, k in found.spans if k == kind]


@pytest.mark.parametrize(
    ("body", "formula"),
    [
        (
            ("<math><semantics><mi>x</mi><annotation encoding='application/x-tex'>x_1</annotation></semantics></math>"),
            "$x_1$",
        ),
        ("<math alttext='a^2'><mi>a</mi></math>", "$a^2$"),
        ("<math display='block'><mfrac><mn>1</mn><mi>n</mi></mfrac></math>", r"$$\frac{1}{n}$$"),
        (
            (
                "<span class='mwe-math-element'><span style='display:none'>"
                "<math alttext='{\\displaystyle y}'><mi>y</mi></math></span>"
                "<img alt='{\\displaystyle y}'></span>"
            ),
            "$y$",
        ),
        (
            (
                "<span class='katex-display'><span class='katex'>"
                "<span class='katex-mathml'><math><semantics><mi>z</mi>"
                "<annotation encoding='application/x-tex'>z</annotation></semantics></math>"
                "</span><span class='katex-html'>z</span></span></span>"
            ),
            "$$z$$",
        ),
        ("<span class='MathJax'>junk</span><script type='math/tex'>a < b</script>", "$a < b$"),
        ("<span class='MathJax_Display'>junk</span><script type='math/tex; mode=display'>a</script>", "$$a$$"),
        (
            (
                "<mjx-container display='true'><mjx-math>junk</mjx-math><mjx-assistive-mml>"
                "<math><mi>q</mi></math></mjx-assistive-mml></mjx-container>"
            ),
            "$$q$$",
        ),
        ("<img class='latex' src='/l.png' alt='e^{i}'>", "$e^{i}$"),
        ("<img src='https://x.test/latex.php?latex=e%5Ei' alt=''>", "$e^i$"),
        ("<img src='https://eq.test/codecogs/gif?a_1+b' alt='a_1+b'>", "$a_1+b$"),
        ("<img src='1.png' alt='$\\alpha &lt; 1$'>", r"$\alpha < 1$"),
        ("<img src='1.png' alt='\\begin{align} a &amp; b \\end{align}'>", r"$$\begin{align} a & b \end{align}$$"),
    ],
)
def test_a_formula_becomes_tex_between_dollars(body: str, formula: str) -> None:
    found = read(f"<p>Here {body} stands.</p>")
    assert found.text.split("\n")[1] == f"Here {formula} stands."
    assert kept(found, "math") == [formula]


@pytest.mark.parametrize(
    ("written", "formula"),
    [
        (r"\(x_1 &lt; y_2\)", "$x_1 < y_2$"),
        (r"\[ x * y * z \]", "$$x * y * z$$"),
        ("$$\na\n$$", "$$a$$"),
        (r"\begin{align}a\\b\end{align}", r"$$\begin{align}a\\b\end{align}$$"),
    ],
)
def test_delimiters_count_where_a_library_reads_them(written: str, formula: str) -> None:
    loader = "<script src='/MathJax.js'></script>"
    assert kept(read(f"<p>Let {written} be.</p>", loader), "math") == [formula]
    assert kept(read(f"<p>Let {written} be.</p><pre>{written}</pre>"), "math") == []


def test_single_dollars_count_only_where_the_page_says_so() -> None:
    body = "<p>It costs $5 or $6, and $n$ of them less.</p>"
    config = "<script>MathJax = {tex: {inlineMath: [['$', '$']]}}</script>"
    assert kept(read(body, config), "math") == ["$n$"]
    assert kept(read(body, "<script src='mathjax.js'></script>"), "math") == []


@pytest.mark.parametrize(
    ("markup", "code"),
    [
        ("<pre>def f(x):\n\n    return x  \n</pre>", "def f(x):\n\n    return x"),
        ("<pre>a<br>&nbsp;&nbsp;b</pre>", "a\n  b"),
        (
            (
                "<div class='highlight'><pre><span class='lineno'>1 </span>a\n"
                "<span class='lineno'>2 </span>b</pre></div>"
            ),
            "a\nb",
        ),
        ("<pre><button>Copy</button><code># no heading\n* no item</code></pre>", "# no heading\n* no item"),
        (
            (
                "<table class='highlighttable'><tr><td class='linenos'><pre>1\n2</pre></td>"
                "<td class='code'><pre>x\n  y</pre></td></tr></table>"
            ),
            "x\n  y",
        ),
        (
            (
                "<table class='code'><tr><td class='blob-num'>1</td><td>if a:</td></tr><tr>"
                "<td class='blob-num'>2</td><td>  b()</td></tr></table>"
            ),
            "if a:\n  b()",
        ),
        ("<pre><code><div>a</div><div>  b</div></code></pre>", "a\n  b"),
        ('<pre>&lt;p class="x"&gt; $y$ \\(z\\)</pre>', '<p class="x"> $y$ \\(z\\)'),
    ],
)
def test_a_code_block_is_kept_to_the_letter(markup: str, code: str) -> None:
    found = read(f"<p>Before.</p>{markup}<p>After.</p>")
    assert kept(found, "code") == [code]
    assert f"Before.\n{code}\nAfter." in found.text


@pytest.mark.parametrize(
    "around", ["<figure class='listing'>{}<figcaption>One</figcaption></figure>", "<code>{}</code>", "<div>{}</div>"]
)
def test_a_code_block_is_found_whatever_stands_around_it(around: str) -> None:
    assert kept(read(around.format("<pre><code>a = 1\n  b</code></pre>")), "code") == ["a = 1\n  b"]


def test_a_formula_in_code_comes_back_as_part_of_the_code() -> None:
    found = read("<p>Call <code>f(<img class='tex' alt='x'>)</code> now.</p>")
    assert found.text.endswith("Call f($x$) now.")
    assert kept(found, "code") == ["f($x$)"]


def test_inline_code_stays_in_its_sentence() -> None:
    found = read("<p>Call <code>my_func(*args)</code> or <tt>**x**</tt>.</p>")
    assert found.text.endswith("Call my_func(*args) or **x**.")
    assert kept(found, "code") == ["my_func(*args)", "**x**"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>x<sup>2</sup> + H<sub>2</sub>O</p>", ["x^2 + H_2O"]),
        ("<p>the 2<sup>nd</sup> wheel<sup>1</sup></p>", ["the 2nd wheel1"]),
        (("<table><tr><th>Grain</th><th>kg</th></tr><tr><td>Rye</td><td>3</td></tr></table>"), ["Grain\tkg", "Rye\t3"]),
        (
            ("<ol><li>Sow the rye before winter comes</li><li>Reap it when the summer is high</li></ol>"),
            ["Sow the rye before winter comes", "Reap it when the summer is high"],
        ),
        (
            "<table><tr><td><p>Rye</p></td><td><div>3</div></td></tr><tr><td>Oats</td><td>4</td></tr></table>",
            ["Rye\t3", "Oats\t4"],
        ),
        ("<ul><li>Sow rye<ul><li>early</li></ul></li><li>Reap</li></ul>", ["Sow rye", "early", "Reap"]),
        ("<p>one<br>two</p>", ["one", "two"]),
        ("<p># Not a heading</p><p>**bold** my_long_var_name</p>", ["Not a heading", "bold my_long_var_name"]),
        ("<p>a&nbsp;&nbsp; b\n c</p>", ["a b c"]),
    ],
)
def test_text_is_plain_and_one_block_a_line(body: str, text: list[str]) -> None:
    assert lines(body) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            "<figure><img alt='The wheel turns slowly in the winter ice'></figure>",
            ["The wheel turns slowly in the winter ice"],
        ),
        ("<p>Before.<img alt='Wheel'></p>", ["Before."]),
        ("<p>Before.<img alt='the_wheel_in_winter_a_b_c.png and so on and on'></p>", ["Before."]),
    ],
)
def test_alt_texts_that_say_something_are_kept(body: str, text: list[str]) -> None:
    assert lines(body + PROSE)[:-1] == text


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<meta property='og:title' content=' The  mill '><title>Other</title>", "The mill"),
        ("<title>The &amp; mill</title>", "The & mill"),
        ("", None),
    ],
)
def test_the_title_is_the_one_the_page_shares(head: str, title: str | None) -> None:
    assert read("", head).title == title
    assert extract("<h1>Wheel</h1><p>turns</p>").title == "Wheel"


@pytest.mark.parametrize("engine", ["auto", "resiliparse", "trafilatura"])
def test_every_engine_keeps_code_and_formulas(engine: str) -> None:
    found = read(
        "<p>Its wheel has <math><mi>n</mi></math> blades of old oak.</p><pre>turn(\n  wheel)</pre>" + PROSE,
        engine=engine,
    )
    assert kept(found, "code") == ["turn(\n  wheel)"]
    assert kept(found, "math") == ["$n$"]


def test_a_placeholder_that_is_lost_takes_only_its_own_content_with_it() -> None:
    vault = Vault("page")
    first, second = vault.inline("$a$", "math"), vault.block("x = 1\ny = 2", "code")
    assert first != second
    assert vault.restore(f"see {second} then") == ("see\nx = 1\ny = 2\nthen", [(4, 15, "code")])
    assert vault.restore("nothing of it") == ("nothing of it", [])
