"""Formulas and code blocks in the markup of many tools, with what each of them is to become."""

from html import escape
from typing import NamedTuple
from urllib.parse import quote

MATHJAX = "<script src='https://cdn.test/mathjax/MathJax.js?config=TeX-AMS'></script>"
SINGLE_DOLLARS = "<script>window.MathJax = {tex: {inlineMath: [['$', '$'], ['\\\\(', '\\\\)']]}};</script>" + MATHJAX


class Formula(NamedTuple):
    """Markup of a formula, what the page's head must hold, and the formula's canonical form."""

    markup: str
    tex: str
    head: str = ""


class Code(NamedTuple):
    """Markup of a code block, and its lines."""

    markup: str
    text: str


TEX = "a_1 * b_2 < c_3"
_INLINE, _DISPLAY = f"${TEX}$", f"$${TEX}$$"
_TEX = escape(TEX)
_ROWS = "<mrow><msub><mi>a</mi><mn>1</mn></msub><mo>*</mo><msub><mi>b</mi><mn>2</mn></msub></mrow>"
_ANNOTATED = f"<semantics>{_ROWS}<annotation encoding='application/x-tex'>{_TEX}</annotation></semantics>"
_GLYPHS = "<span class=base><span class=mord>a1</span><span class=mbin>∗</span><span class=mord>b2</span></span>"
_KATEX = (
    f"<span class=katex><span class=katex-mathml><math>{_ANNOTATED}</math></span>"
    f"<span class=katex-html aria-hidden=true>{_GLYPHS}</span></span>"
)
_MJX_2 = f"<span class=MathJax_Preview></span><span class=MathJax id=E1><nobr>{_GLYPHS}</nobr></span>"
_MJX_3 = "<mjx-math aria-hidden=true><mjx-mi><mjx-c></mjx-c></mjx-mi></mjx-math>"
_ASSISTIVE = "<mjx-assistive-mml><math><mfrac><mn>1</mn><mi>n</mi></mfrac></math></mjx-assistive-mml>"
_WIKI_IMAGE = f"<img src=/math/render/svg/0a class='mwe-math-fallback-image-{{}}' aria-hidden=true alt='{_TEX}'>"

FORMULAS: dict[str, Formula] = {
    "annotated MathML": Formula(f"<math xmlns='http://www.w3.org/1998/Math/MathML'>{_ANNOTATED}</math>", _INLINE),
    "annotated display MathML": Formula(f"<math display=block>{_ANNOTATED}</math>", _DISPLAY),
    "MathML alone": Formula("<math><mfrac><mn>1</mn><mi>n</mi></mfrac></math>", r"$\frac{1}{n}$"),
    "display MathML alone": Formula(
        "<math display='block'><mfrac><mn>1</mn><mi>n</mi></mfrac></math>", r"$$\frac{1}{n}$$"
    ),
    "KaTeX": Formula(_KATEX, _INLINE),
    "KaTeX display": Formula(f"<span class=katex-display>{_KATEX}</span>", _DISPLAY),
    "MathJax 2, typeset": Formula(f"{_MJX_2}<script type='math/tex' id=E1-src>{TEX}</script>", _INLINE),
    "MathJax 2, source": Formula(
        f"<span class=MathJax_Preview>{_TEX}</span><script type='math/tex'>{TEX}</script>", _INLINE
    ),
    "MathJax 2 display": Formula(
        f"<div class=MathJax_Display>{_MJX_2}</div><script type='math/tex; mode=display'>{TEX}</script>", _DISPLAY
    ),
    "MathJax 3": Formula(
        f"<mjx-container class=MathJax jax=CHTML>{_MJX_3}{_ASSISTIVE}</mjx-container>", r"$\frac{1}{n}$"
    ),
    "MathJax 3 display": Formula(
        f"<mjx-container class=MathJax display=true>{_MJX_3}{_ASSISTIVE}</mjx-container>", r"$$\frac{1}{n}$$"
    ),
    "round brackets": Formula(f"\\({_TEX}\\)", _INLINE, MATHJAX),
    "square brackets": Formula(f"\\[{_TEX}\\]", _DISPLAY, MATHJAX),
    "square brackets over lines": Formula(f"\\[\n{_TEX}\n\\]", _DISPLAY, MATHJAX),
    "double dollars": Formula(f"$${_TEX}$$", _DISPLAY, MATHJAX),
    "single dollars": Formula(f"${_TEX}$", _INLINE, SINGLE_DOLLARS),
    "Wikipedia": Formula(
        "<span class=mwe-math-element><span class='mwe-math-mathml-inline mwe-math-mathml-a11y' style='display: none'>"
        f"<math alttext='{_TEX}'>{_ANNOTATED}</math></span>{_WIKI_IMAGE.format('inline')}</span>",
        _INLINE,
    ),
    "Wikipedia display": Formula(
        f"<span class=mwe-math-element><span class=mwe-math-mathml-display style='display: none;'>"
        f"<math display=block alttext='{{\\displaystyle {_TEX}}}'>{_ROWS}</math></span>"
        f"{_WIKI_IMAGE.format('display')}</span>",
        _DISPLAY,
    ),
    "WordPress": Formula(
        f"<img src='https://s0.wp.com/latex.php?latex={quote(TEX)}&#038;bg=fff' alt='{_TEX}' class=latex />",
        _INLINE,
    ),
    "codecogs": Formula(f"<img src='https://latex.codecogs.com/gif.latex?{quote(TEX)}' alt='{_TEX}'>", _INLINE),
    "codecogs without an alt text": Formula(f"<img src='//latex.codecogs.com/svg.latex?{quote(TEX)}'>", _INLINE),
    "mimeTeX": Formula(f"<img src='/cgi-bin/mimetex.cgi?{quote(TEX)}' alt='{_TEX}'>", _INLINE),
    "LaTeX2HTML": Formula(f"<!-- MATH ${TEX}$ --><IMG WIDTH=90 SRC=img1.png ALT='$ {_TEX}$'>", _INLINE),
}

LINES = (
    "# turn the wheel, *slowly*",
    "def turn(my_long_var_name, *args):",
    '\tif args < 3 and "&amp;":',
    "",
    "\t\treturn `my_long_var_name` ** 2  # $a_1$",
    "    >>> turn(__name__)  [x](y)",
)
CODE = "\n".join(LINES)
_ESCAPED = [escape(line) for line in LINES]
_NUMBERS = "\n".join(str(number) for number in range(1, len(LINES) + 1))
# Where the markup ends the lines, tabs have become spaces that do not break.
SPACED = CODE.replace("\t", "    ")
_HARD = [escape(line).replace("\t", "    ").replace(" ", "&nbsp;") for line in LINES]


def _each(template: str, lines: list[str] | None = None, glue: str = "") -> str:
    return glue.join(template.format(number, line) for number, line in enumerate(lines or _ESCAPED, 1))


_PRE = "<pre>" + "\n".join(_ESCAPED) + "</pre>"

CODES: dict[str, Code] = {
    "pre": Code(_PRE, CODE),
    "pre with code": Code("<pre><code class=language-python>\n" + "\n".join(_ESCAPED) + "\n</code></pre>", CODE),
    "trailing spaces": Code("<pre>\n" + "  \n".join(_ESCAPED) + "  \n \n</pre>", CODE),
    "line ends of Windows": Code("<pre>" + "\r\n".join(_ESCAPED) + "\r\n</pre>", CODE),
    "xmp": Code(f"<xmp>{CODE}</xmp>", CODE),
    "coloured words": Code(
        f"<div class=highlight><pre><span></span>{_each('<span class=k>{1}</span>', glue=chr(10))}\n</pre></div>", CODE
    ),
    "Pygments table": Code(
        f"<div class=highlight><table class=highlighttable><tr><td class=linenos><div class=linenodiv><pre>{_NUMBERS}"
        f"</pre></div></td><td class=code><div>{_PRE}</div></td></tr></table></div>",
        CODE,
    ),
    "Pygments inline numbers": Code(f"<pre>{_each('<span class=linenos>{0:2} </span>{1}', glue=chr(10))}</pre>", CODE),
    "lineno spans": Code(f"<pre>{_each('<span class=lineno>{0}</span>{1}', glue=chr(10))}</pre>", CODE),
    "Rouge table": Code(
        f"<div class=highlight><pre class=highlight><code><table class=rouge-table><tbody><tr>"
        f"<td class='rouge-gutter gl'><pre class=lineno>{_NUMBERS}\n</pre></td><td class=rouge-code>{_PRE}</td>"
        "</tr></tbody></table></code></pre></div>",
        CODE,
    ),
    "highlight.js numbers": Code(
        "<pre><code class=hljs><table class=hljs-ln><tbody>"
        + _each(
            "<tr><td class='hljs-ln-line hljs-ln-numbers' data-line-number={0}><div class=hljs-ln-n></div></td>"
            "<td class='hljs-ln-line hljs-ln-code' data-line-number={0}>{1}</td></tr>"
        )
        + "</tbody></table></code></pre>",
        CODE,
    ),
    "GitHub table": Code(
        "<table class='highlight tab-size js-file-line-container' data-tab-size=8>"
        + _each(
            "<tr><td id=L{0} class='blob-num js-line-number' data-line-number={0}></td>"
            "<td id=LC{0} class='blob-code blob-code-inner js-file-line'>{1}</td></tr>"
        )
        + "</table>",
        CODE,
    ),
    "Hexo figure": Code(
        "<figure class='highlight python'><table><tr>"
        f"<td class=gutter><pre>{_each('<span class=line>{0}</span><br>')}</pre></td>"
        f"<td class=code><pre>{_each('<span class=line>{1}</span><br>')}</pre></td></tr></table></figure>",
        CODE,
    ),
    "Prism numbers": Code(
        f"<pre class=line-numbers><code>{chr(10).join(_ESCAPED)}<span aria-hidden=true class=line-numbers-rows>"
        f"{'<span></span>' * len(LINES)}</span></code></pre>",
        CODE,
    ),
    "Shiki lines": Code(
        f"<pre class=shiki><code>{_each('<span class=line>{1}</span>', glue=chr(10))}</code></pre>", CODE
    ),
    "a copy button before": Code(f"<div class=highlight><button class=copy>Copy</button>{_PRE}</div>", CODE),
    "a copy button within": Code(_PRE.replace("</pre>", "<button class=btn>Copy code</button></pre>"), CODE),
    "a line break each": Code(f"<pre>{_each('{1}', glue='<br>')}</pre>", CODE),
    "a hard line break each": Code(f"<pre>{_each('{1}', _HARD, '<br>')}</pre>", SPACED),
    "a div each": Code(f"<pre><code>{_each('<div class=line>{1}</div>')}</code></pre>", CODE),
    "a list item each": Code(
        f"<pre class='prettyprint linenums'><ol>{_each('<li class=L{0}>{1}</li>')}</ol></pre>", CODE
    ),
    "SyntaxHighlighter": Code(
        f"<div class='syntaxhighlighter python'><table><tr><td class=gutter>{_each('<div class=line>{0}</div>')}</td>"
        "<td class=code><div class=container>"
        + _each("<div class=line><code class=plain>{1}</code></div>", _HARD)
        + "</div></td></tr></table></div>",
        SPACED,
    ),
}
