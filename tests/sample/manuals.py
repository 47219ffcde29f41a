"""Documentation pages of which more than a third is code."""

from __future__ import annotations

import re
from functools import cache

from tests.sample.capture import Capture
from tests.sample.markup import page, text
from tests.sample.prose import choose, fill, lines

_WORD = re.compile(r"(\w+|\s+|[^\w\s])")
_KEYWORDS = frozenset(
    {"def", "return", "for", "if", "while", "import", "from", "class", "fn", "let", "const", "func", "struct"}
)


@cache
def snippets() -> tuple[tuple[str, str, str, str], ...]:
    """Return name, language, program and session of each snippet."""
    blocks = "\n".join(lines("snippets")).split("=== ")[1:]
    result = []
    for block in blocks:
        head, body = block.split("\n", 1)
        name, language = head.split()
        program, session = body.rstrip("\n").split("\n>>> ", 1)
        result.append((name, language, program, ">>> " + session))
    return tuple(result)


def highlighted(program: str) -> str:
    """Return code as a highlighter writes it: a span around keywords, numbers and names."""
    spans = []
    for token in _WORD.findall(program):
        if token.isspace():
            spans.append(token)
        else:
            mark = "k" if token in _KEYWORDS else "m" if token.isdigit() else "n" if token.isalnum() else "p"
            spans.append(f'<span class="{mark}">{text(token)}</span>')
    return "".join(spans)


def listing(program: str, language: str, form: int) -> str:
    """Return a listing in one of three forms: plain, a table with line numbers, highlighted."""
    if form % 3 == 0:
        return f'<pre><code class="language-{language}">{text(program)}\n</code></pre>'
    if form % 3 == 1:
        gutter = "\n".join(str(number + 1) for number in range(program.count("\n") + 1))
        return (
            f'<table class="highlighttable"><tr><td class="linenos"><div class="linenodiv"><pre>{gutter}</pre></div>'
            f'</td><td class="code"><div class="highlight"><pre>{highlighted(program)}\n</pre></div></td></tr></table>'
        )
    inner = f'<div class="highlight"><pre>{highlighted(program)}\n</pre></div>'
    return f'<div class="highlight-{language} notranslate">{inner}</div>'


def manual(index: int) -> str:
    """Return the page of the snippet with this index."""
    name, language, program, session = snippets()[index]
    other, other_language, other_program, _ = snippets()[(index + 9) % len(snippets())]
    code = f"<code>{name}</code>"
    drawn = choose(f"manual/{name}", len(lines("manual")), 7)
    remarks = [fill(lines("manual")[i].replace("{code}", "§"), f"{name}/{i}").replace("§", code) for i in drawn]
    main = (
        f"<p>{' '.join(remarks[:3])}</p>\n{listing(program, language, index)}\n"
        f"<p>{' '.join(remarks[3:5])}</p>\n<pre>{text(session)}</pre>\n"
        f"<h2>With {other}</h2>\n<p>{' '.join(remarks[5:])}</p>\n{listing(other_program, other_language, index + 1)}"
    )
    return page(f"{name} ({language})", "en", main)


def manual_pages() -> list[Capture]:
    """Return one capture for each snippet."""
    return [
        Capture(
            f"https://docs.example/code/{name.replace('_', '-')}",
            manual(index).encode(),
            "page",
            f"code/{('plain', 'line-numbers', 'highlighted')[index % 3]}",
            language="en",
            category="code",
        )
        for index, (name, _, _, _) in enumerate(snippets())
    ]
