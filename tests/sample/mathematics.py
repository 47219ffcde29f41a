"""Mathematics pages in the seven ways in which the web writes a formula."""

from __future__ import annotations

import re
from functools import cache

from tests.sample.capture import Capture
from tests.sample.markup import page, text
from tests.sample.prose import choose, fill, lines

FORMS = ("mathml", "annotated-mathml", "katex", "mathjax-script", "mathjax-delimiters", "wikipedia", "image-alt")
PAGES_PER_FORM = 4
FORMULAS_PER_PAGE = 10
_TOKEN = re.compile(r"\\[A-Za-z]+|[{}^_]|[0-9]+|[A-Za-z]|\S")
_LETTERS = {
    "pi": "π", "sigma": "σ", "mu": "μ", "theta": "θ", "alpha": "α", "beta": "β", "gamma": "γ", "lambda": "λ",
    "varphi": "φ", "psi": "ψ", "Delta": "Δ", "infty": "∞", "partial": "∂",
    "sin": "sin", "cos": "cos", "tan": "tan", "log": "log", "lim": "lim",
}  # fmt: skip
_SIGNS = {
    "pm": "±", "to": "→", "leq": "≤", "geq": "≥", "approx": "≈", "cdots": "⋯", "prime": "′", "mid": "|",
    "sum": "∑", "int": "∫",
}  # fmt: skip


def _atom(tokens: list[str]) -> str:
    token = tokens.pop(0)
    if token == "{":
        return f"<mrow>{_row(tokens)}</mrow>"
    if token == r"\frac":
        return f"<mfrac>{_atom(tokens)}{_atom(tokens)}</mfrac>"
    if token == r"\sqrt":
        return f"<msqrt>{_atom(tokens)}</msqrt>"
    if token.isdigit():
        return f"<mn>{token}</mn>"
    name = token.removeprefix("\\")
    if name in _SIGNS or not name.isalnum():
        return f"<mo>{text(_SIGNS.get(name, name))}</mo>"
    return f"<mi>{_LETTERS.get(name, name)}</mi>"


def _row(tokens: list[str]) -> str:
    written = ""
    while tokens and tokens[0] != "}":
        base = _atom(tokens)
        scripts = {}
        while tokens and tokens[0] in "^_":
            mark = tokens.pop(0)
            scripts[mark] = _atom(tokens)
        tag = {"^": "msup", "_": "msub", "": "", "^_": "msubsup"}["".join(sorted(scripts, reverse=True))[::-1]]
        inner = base + scripts.get("_", "") + scripts.get("^", "")
        written += f"<{tag}>{inner}</{tag}>" if tag else inner
    if tokens:
        tokens.pop(0)
    return written


def mathml(tex: str) -> str:
    r"""Return presentation MathML for the small part of TeX that the sample uses.

    >>> mathml(r"x^{2}")
    '<mrow><msup><mi>x</mi><mrow><mn>2</mn></mrow></msup></mrow>'
    >>> mathml(r"\frac{1}{n}")
    '<mrow><mfrac><mrow><mn>1</mn></mrow><mrow><mi>n</mi></mrow></mfrac></mrow>'
    """
    return f"<mrow>{_row(_TOKEN.findall(tex))}</mrow>"


def formula(tex: str, form: str) -> str:
    """Return a displayed formula in one of `FORMS`."""
    source = text(tex)
    note = f'<annotation encoding="application/x-tex">{source}</annotation>'
    annotated = f"<semantics>{mathml(tex)}{note}</semantics>"
    name = 'xmlns="http://www.w3.org/1998/Math/MathML"'
    seen = "".join(f'<span class="mord">{text(token)}</span>' for token in _TOKEN.findall(tex) if token not in "{}^_")
    shown = rf"{{\displaystyle {source}}}"
    return {
        "mathml": f'<math {name} display="block">{mathml(tex)}</math>',
        "annotated-mathml": f'<math {name} display="block">{annotated}</math>',
        "katex": f'<span class="katex-display"><span class="katex"><span class="katex-mathml"><math {name}>{annotated}'
        f'</math></span><span class="katex-html" aria-hidden="true"><span class="base">{seen}</span></span>'
        "</span></span>",
        "mathjax-script": f'<span class="MathJax_Preview"></span><script type="math/tex; mode=display">{tex}</script>',
        "mathjax-delimiters": rf"\( {source} \)",
        "wikipedia": '<span class="mwe-math-element"><span class="mwe-math-mathml-inline mwe-math-mathml-a11y" '
        f'style="display: none;"><math {name} alttext="{shown}">{annotated}</math></span><img src="/svg/{len(tex)}" '
        f'class="mwe-math-fallback-image-inline" aria-hidden="true" alt="{shown}"></span>',
        "image-alt": f'<img class="latex" src="/cgi-bin/latex.php?n={len(tex)}" alt="${source}$">',
    }[form]


@cache
def formulas() -> tuple[tuple[str, str], ...]:
    """Return pairs of a lead-in and a formula in TeX."""
    pairs = (line.split(" | ", 1) for line in lines("formulas"))
    return tuple((lead, tex) for lead, tex in pairs)


def sheet(number: int, form: str, chosen: list[int]) -> str:
    """Return a page of formulas with a sentence before each."""
    general = lines("general")
    opening = " ".join(
        fill(general[(7 * number + i) % len(general)], f"sheet/{number}/{i}", "the formula") for i in (0, 1, 2)
    )
    steps = [f"<p>{text(lead)} {formula(tex, form)}</p>" for lead, tex in (formulas()[i] for i in chosen)]
    head = '<script src="/MathJax.js"></script>\n' if form.startswith("mathjax") else ""
    return page(f"Formulas, sheet {number + 1}", "en", "\n".join([f"<p>{text(opening)}</p>", *steps]), head)


def picks() -> list[list[int]]:
    """Return the formulas of each sheet: round after round through all, so that none is on more than five sheets."""
    pages_per_round = len(formulas()) // FORMULAS_PER_PAGE
    chosen = []
    for number in range(PAGES_PER_FORM * len(FORMS)):
        shuffled = choose(f"sheets/{number // pages_per_round}", len(formulas()), len(formulas()))
        start = number % pages_per_round * FORMULAS_PER_PAGE
        chosen.append(shuffled[start : start + FORMULAS_PER_PAGE])
    return chosen


def math_pages() -> list[Capture]:
    """Return four sheets of ten formulas in each form."""
    captures = []
    for number, chosen in enumerate(picks()):
        form = FORMS[number % len(FORMS)]
        url = f"https://math.example/{form}/sheet-{number + 1}"
        body = sheet(number, form, chosen).encode()
        captures.append(Capture(url, body, "page", f"math/{form}", language="en", category="math"))
    return captures
