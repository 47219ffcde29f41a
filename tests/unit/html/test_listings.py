"""Source code comes out to the letter, in one span and without its numbers, however a page shows it."""

from collections.abc import Callable
from html import escape

import pytest

from pipeline.kernels.extraction import extract

LINES = (
    "#include <vector>",
    "",
    "template<typename T>",
    "class Wheel {",
    "  explicit Wheel(int paddles) : n_(paddles) {}",
    "    return water * n_;",
    "",
    "};",
)
_PROSE = (
    "<p>The old water mill at the end of the valley has been grinding wheat for more than two hundred years, and the "
    "family that runs it still follows the rules that were written down by its founder.</p>"
)


def _rows(line: str, blank: str = "") -> str:
    """Lines by a pattern with a number and the code."""
    return "".join(line.format(n=n, code=escape(code) or blank) for n, code in enumerate(LINES, 1))


def _nbsp(code: str) -> str:
    kept = code.lstrip(" ")
    return "&nbsp;" * (len(code) - len(kept)) + escape(kept)


def _columns(number: str, code: str) -> tuple[str, str]:
    return (
        "".join(number.format(n=n) for n in range(1, len(LINES) + 1)),
        "".join(code.format(code=escape(line)) for line in LINES),
    )


def _two(numbers: str, code: str, number: str = "{n}\n", line: str = "{code}\n") -> str:
    """Numbers in one place and code in another."""
    first, second = _columns(number, line)
    return numbers + code.format(first, second) if "{1}" in code else (numbers + code).format(first, second)


def _github() -> str:
    row = (
        '<tr><td id="L{n}" class="blob-num js-line-number" data-line-number="{n}"></td>'
        '<td id="LC{n}" class="blob-code blob-code-inner js-file-line">{code}</td></tr>\n'
    )
    return f'<table class="highlight tab-size js-file-line-container"><tbody>{_rows(row, chr(10))}</tbody></table>'


def _github_react() -> str:
    return _two(
        '<div class="react-code-file-contents"><div class="react-line-numbers">{}</div>',
        '<div class="react-code-lines">{}</div></div>',
        '<div data-line-number="{n}" class="react-line-number react-code-text">{n}</div>',
        '<div class="react-code-text react-code-line-contents"><div class="react-file-line">{code}</div></div>',
    )


def _gitlab() -> str:
    return _two(
        '<div class="file-content code"><div class="line-numbers">{}</div>',
        '<div class="blob-content"><pre class="code highlight"><code>{}</code></pre></div></div>',
        '<a class="file-line-num diff-line-num" href="#L{n}" id="L{n}" data-line-number="{n}">{n}</a>\n',
        '<span class="line" lang="cpp">{code}</span>\n',
    )


def _monaco() -> str:
    numbers = "".join(f'<div><div class="line-numbers">{n}</div></div>' for n in range(1, len(LINES) + 1))
    lines = "".join(
        f'<div style="top:{19 * n}px" class="view-line"><span><span class="mtk1">{_nbsp(line)}</span></span></div>'
        for n, line in enumerate(LINES)
    )
    return (
        f'<div class="monaco-editor"><div class="margin"><div class="margin-view-overlays">{numbers}</div></div>'
        f'<div class="lines-content"><div class="view-lines">{lines}</div></div></div>'
    )


def _syntax_highlighter() -> str:
    numbers = "".join(f'<div class="line number{n} index{n - 1} alt1">{n}</div>' for n in range(1, len(LINES) + 1))
    lines = "".join(
        f'<div class="line number{n} index{n - 1} alt2">'
        f'<code class="cpp spaces">{"&nbsp;" * (len(line) - len(line.lstrip()))}</code>'
        f'<code class="cpp plain">{escape(line.lstrip()) or "&nbsp;"}</code></div>'
        for n, line in enumerate(LINES, 1)
    )
    return (
        '<div class="syntaxhighlighter cpp"><table><tbody><tr>'
        f'<td class="gutter">{numbers}</td><td class="code"><div class="container">{lines}</div></td>'
        "</tr></tbody></table></div>"
    )


def _code_mirror() -> str:
    line = (
        '<div style="position: relative;"><div class="CodeMirror-gutter-wrapper"><div class="CodeMirror-linenumber '
        'CodeMirror-gutter-elt">{n}</div></div><pre class="CodeMirror-line"><span>{code}</span></pre></div>'
    )
    return f'<div class="CodeMirror cm-s-default"><div class="CodeMirror-code">{_rows(line, "&#8203;")}</div></div>'


def _doxygen_folded() -> str:
    line = '<div class="line"><a id="l{n}" name="l{n}"></a><span class="lineno">    {n}</span> {code}</div>\n'
    rows = [line.format(n=n, code=escape(code)) for n, code in enumerate(LINES, 1)]
    folded = f'<div class="foldopen" data-start="{{" data-end="}}">{"".join(rows[3:6])}</div>'
    return f'<div class="contents"><div class="fragment">{"".join(rows[:3])}{folded}{"".join(rows[6:])}</div></div>'


KINDS: dict[str, Callable[[], str]] = {
    "rustdoc": lambda: _two(
        '<div class="example-wrap"><pre class="src-line-numbers">{}</pre>',
        '<pre class="rust"><code>{}</code></pre></div>',
        '<a href="#{n}" id="{n}">{n}</a>\n',
    ),
    "rustdoc, numbers in the lines": lambda: (
        '<pre class="rust"><code>' + _rows('<a href="#{n}" id="{n}" data-nosnippet>{n}</a>{code}\n') + "</code></pre>"
    ),
    "viewvc": lambda: (
        '<div id="vc_file"><table cellspacing="0">'
        + _rows(
            '<tr id="l{n}"><td class="vc_file_line_number">{n}</td>\n<td class="vc_file_line_text">{code}</td></tr>\n'
        )
        + "</table></div>"
    ),
    "gitweb": lambda: (
        '<div class="page_body">'
        + _rows('<div class="pre"><a id="l{n}" href="#l{n}" class="linenr">   {n}</a> {code}</div>\n')
        + "</div>"
    ),
    "gitiles": lambda: (
        '<table class="FileContents">'
        + _rows(
            '<tr class="u-pre u-monospace FileContents-line"><td class="u-lineNum u-noSelect FileContents-lineNum" '
            'data-line-number="{n}"></td><td class="FileContents-lineContents" id="{n}"><span class="pln">{code}</span>'
            "</td></tr>"
        )
        + "</table>"
    ),
    "github": _github,
    "github, react": _github_react,
    "gitlab": _gitlab,
    "gitea": lambda: (
        '<div class="file-view code-view"><table><tbody>'
        + _rows(
            '<tr><td class="lines-num"><span id="L{n}" data-line-number="{n}"></span></td>'
            '<td rel="L{n}" class="lines-code chroma"><code class="code-inner">{code}\n</code></td></tr>'
        )
        + "</tbody></table></div>"
    ),
    "shiki": lambda: '<pre class="shiki"><code>' + _rows('<span class="line">{code}</span>\n') + "</code></pre>",
    "shiki without line breaks": lambda: (
        '<pre class="shiki"><code>' + _rows('<span class="line">{code}</span>') + "</code></pre>"
    ),
    "monaco": _monaco,
    "syntaxhighlighter": _syntax_highlighter,
    "syntaxhighlighter, lists": lambda: (
        '<div class="dp-highlighter"><ol class="dp-cpp">' + _rows("<li><span>{code}</span></li>") + "</ol></div>"
    ),
    "geshi": lambda: (
        '<div class="geshi"><ol>'
        + _rows('<li class="li1"><div class="de1">{code}</div></li>\n', "&nbsp;")
        + "</ol></div>"
    ),
    "two columns": lambda: _two("<table><tr><td><pre>{}</pre></td>", "<td><pre>{}</pre></td></tr></table>"),
    "two columns of breaks": lambda: _two(
        '<table><tr><td class="num">{}</td>', "<td><pre>{}</pre></td></tr></table>", "{n}<br>"
    ),
    "hexo": lambda: _two(
        '<figure class="highlight cpp"><table><tr><td class="gutter"><pre>{}</pre></td>',
        '<td class="code"><pre>{}</pre></td></tr></table></figure>',
        '<span class="line">{n}</span><br>',
        '<span class="line">{code}</span><br>',
    ),
    "pygments": lambda: _two(
        '<table class="highlighttable"><tr><td class="linenos"><div class="linenodiv"><pre>{}</pre></div></td>',
        '<td class="code"><div class="highlight"><pre>{}</pre></div></td></tr></table>',
    ),
    "highlight.js": lambda: (
        '<pre><code class="hljs"><table class="hljs-ln"><tbody>'
        + _rows(
            '<tr><td class="hljs-ln-line hljs-ln-numbers" data-line-number="{n}"><div class="hljs-ln-n" '
            'data-line-number="{n}"></div></td><td class="hljs-ln-line hljs-ln-code">{code}</td></tr>'
        )
        + "</tbody></table></code></pre>"
    ),
    "codemirror": _code_mirror,
    "codemirror 6": lambda: _two(
        '<div class="cm-editor"><div class="cm-gutters"><div class="cm-gutter cm-lineNumbers">{}</div></div>',
        '<div class="cm-content">{}</div></div>',
        '<div class="cm-gutterElement">{n}</div>',
        '<div class="cm-line">{code}</div>',
    ),
    "ace": lambda: _two(
        '<div class="ace_editor"><div class="ace_gutter"><div class="ace_layer ace_gutter-layer">{}</div></div>',
        '<div class="ace_content"><div class="ace_layer ace_text-layer">{}</div></div></div>',
        '<div class="ace_gutter-cell">{n}</div>',
        '<div class="ace_line">{code}</div>',
    ),
    "crayon": lambda: _two(
        '<div class="crayon-syntax"><table class="crayon-table"><tr><td class="crayon-nums"><div>{}</div></td>',
        '<td class="crayon-code"><div class="crayon-pre">{}</div></td></tr></table></div>',
        '<div class="crayon-num">{n}</div>',
        '<div class="crayon-line">{code}</div>',
    ),
    "prism in react": lambda: (
        '<pre class="prism-code language-cpp">'
        + _rows('<div class="token-line"><span class="token plain">{code}</span></div>')
        + "</pre>"
    ),
    "docusaurus": lambda: (
        '<pre class="prism-code"><code class="codeBlockLines">'
        + _rows('<span class="token-line" style="color:#393A34"><span class="token plain">{code}</span><br></span>')
        + "</code></pre>"
    ),
    "searchfox": lambda: (
        '<div class="code file-source">'
        + _rows(
            '<div class="source-line-with-number"><div class="line-number" data-line-number="{n}"></div>'
            '<code class="source-line">{code}\n</code></div>'
        )
        + "</div>"
    ),
    "doxygen with folds": _doxygen_folded,
    "vitepress": lambda: _two(
        '<div class="language-cpp line-numbers-mode"><span class="lang">cpp</span>',
        '<pre class="shiki"><code>{1}</code></pre><div class="line-numbers-wrapper">{0}</div></div>',
        '<span class="line-number">{n}</span><br>',
        '<span class="line">{code}</span>\n',
    ),
    "mkdocs with a file's name": lambda: _two(
        '<table class="highlighttable"><tr><th colspan="2" class="filename"><span>wheel.h</span></th></tr><tr>'
        '<td class="linenos"><div class="linenodiv"><pre>{}</pre></div></td>',
        '<td class="code"><div><pre><code>{}</code></pre></div></td></tr></table>',
    ),
    "numbers in the article": lambda: _two(
        '<pre class="lineno">{}</pre>', "<pre><code>{}</code></pre><p>So it is.</p>"
    ),
    "syntaxhighlighter 2": lambda: (
        '<div class="syntaxhighlighter"><div class="lines">'
        + _rows(
            '<div class="line"><table><tr><td class="number"><code>{n}</code></td>'
            '<td class="content"><code>{code}</code></td></tr></table></div>'
        )
        + "</div></div>"
    ),
    "codemirror 6, no numbers": lambda: (
        '<div class="cm-editor"><div class="cm-content">'
        + _rows('<div class="cm-line">{code}</div>', "<br>")
        + "</div></div>"
    ),
    "visual studio": lambda: (
        '<div class="csharpcode">'
        + _rows('<pre class="alt"><span class="lnum">   {n}:  </span>{code}</pre>\n')
        + "</div>"
    ),
    "csdn": lambda: (
        '<pre><code class="hljs"><ol class="hljs-ln">'
        + _rows(
            '<li><div class="hljs-ln-numbers"><div class="hljs-ln-line" data-line-number="{n}"></div></div>'
            '<div class="hljs-ln-code"><div class="hljs-ln-line">{code}</div></div></li>'
        )
        + "</ol></code></pre>"
    ),
    "geshi of pastebin": lambda: (
        '<div class="source"><ol class="cpp">'
        + _rows('<li class="li1"><div class="de1">{code}</div></li>', "&nbsp;")
        + "</ol></div>"
    ),
    "pasted out of an editor": lambda: (
        "<div style=\"font-family: Consolas, 'Courier New', monospace;white-space: pre;\">"
        + "".join(f"<div><span>{escape(line)}</span></div>" if line else "<br>" for line in LINES)
        + "</div>"
    ),
    "blame": lambda: (
        "<table>"
        + _rows('<tr><td>jane</td><td class="line-number">{n}</td><td><pre>{code}</pre></td></tr>')
        + "</table>"
    ),
    "lxr": lambda: '<pre class="filecontent">' + _rows('<a name="L{n}" href="#L{n}">{n}</a> {code}\n') + "</pre>",
    "trac": lambda: (
        '<table class="code"><thead><tr><th class="lineno">Line</th><th class="content"> </th></tr></thead><tbody>'
        + _rows('<tr><th id="L{n}"><a href="#L{n}">{n}</a></th><td>{code}</td></tr>')
        + "</tbody></table>"
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_listing_is_its_code(kind: str) -> None:
    page = f"<title>Wheel.h</title><main><h1>The wheel</h1>{_PROSE}{KINDS[kind]()}{_PROSE}</main>"
    text, spans = extract(page, "https://mill.example/")[:2]
    code = [text[start:stop] for start, stop, kind in spans if kind == "code"]
    lines = [[line.rstrip() for line in block.split("\n")] for block in code]
    assert lines == [list(LINES)]


@pytest.mark.parametrize(
    "markup",
    [
        '<div class="poem"><div class="line">The wheel goes round</div><div class="line">and round</div></div>',
        '<div class="line-block"><div class="line">The wheel goes round</div><div class="line">and round</div></div>',
        '<table class="ranking"><tr><td>1</td><td>Rye</td></tr><tr><td>2</td><td>Oat</td></tr></table>',
        '<div class="row gutters"><div class="line">The wheel</div><div class="line">goes round</div></div>',
    ],
)
def test_what_is_no_code_is_no_listing(markup: str) -> None:
    spans = extract(f"<main>{_PROSE}{markup}{_PROSE}</main>", "https://mill.example/").spans
    assert "code" not in [span.kind for span in spans]


def test_two_listings_are_two_spans() -> None:
    listing = _doxygen_folded()
    text, spans = extract(f"<main>{_PROSE}{listing}{_PROSE}{listing}{_PROSE}</main>")[:2]
    code = [text[start:stop] for start, stop, kind in spans if kind == "code"]
    assert [len(block.split("\n")) for block in code] == [len(LINES)] * 2


def test_numbers_that_a_program_prints_stay() -> None:
    page = f"<main>{_PROSE}<pre><span>1</span>\n<span>2</span>\n<span>3</span></pre>{_PROSE}</main>"
    assert "\n1\n2\n3\n" in extract(page).text
