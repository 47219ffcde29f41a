"""TeX from MathML: the author's own source where the markup carries it, else the presentation markup converted."""

import re
from collections.abc import Callable
from itertools import islice
from typing import Final

from pipeline.kernels.html.math.formula_tree import Element

# Deeper formulas than this are hostile, not mathematical: what lies below is read as plain symbols.
MAX_DEPTH = 60
# No more annotations of a formula than this are looked at; they may lie in each other.
_MAX_NOTES: Final = 20


def _pairs(signs: str, tex: str) -> dict[str, str]:
    return dict(zip(signs, tex.split(), strict=True))


_GREEK: Final = _pairs(
    "αβγδεζηθικλμνξπρστυφχψωϵϑϕϱϖΓΔΘΛΞΠΣΥΦΨΩ",
    r"\alpha \beta \gamma \delta \varepsilon \zeta \eta \theta \iota \kappa \lambda \mu \nu \xi \pi \rho \sigma "
    r"\tau \upsilon \varphi \chi \psi \omega \epsilon \vartheta \phi \varrho \varpi \Gamma \Delta \Theta \Lambda "
    r"\Xi \Pi \Sigma \Upsilon \Phi \Psi \Omega",
)
_SIGNS: Final = _pairs(
    "−×÷±∓⋅·∗∘≤≥≠≈≡∼≃≅∝∞∂∇∫∬∭∮∑∏∐∈∉∋⊂⊃⊆⊇∪∩∅∧∨¬⊕⊗⊥∥∣∀∃→←↔⇒⇐⇔↦⟶⟹⟺…⋯⋮⋱⟨⟩⌊⌋⌈⌉′ℝℂℕℤℚℓℏ†‖",
    r"- \times \div \pm \mp \cdot \cdot * \circ \le \ge \ne \approx \equiv \sim \simeq \cong \propto \infty "
    r"\partial \nabla \int \iint \iiint \oint \sum \prod \coprod \in \notin \ni \subset \supset \subseteq "
    r"\supseteq \cup \cap \emptyset \wedge \vee \neg \oplus \otimes \perp \parallel \mid \forall \exists \to "
    r"\leftarrow \leftrightarrow \Rightarrow \Leftarrow \Leftrightarrow \mapsto \longrightarrow \implies \iff "
    r"\dots \cdots \vdots \ddots \langle \rangle \lfloor \rfloor \lceil \rceil ' \mathbb{R} \mathbb{C} \mathbb{N} "
    r"\mathbb{Z} \mathbb{Q} \ell \hbar \dagger \|",
)
_SYMBOLS: Final = str.maketrans(
    {
        **{sign: f"{tex} " if tex[-1].isalpha() else tex for sign, tex in {**_GREEK, **_SIGNS}.items()},
        **dict.fromkeys("\u2061\u2062\u2063\u2064\u200b\u200c\u200d\ufeff", ""),  # invisible operators
        **{sign: "\\" + sign for sign in "{}%#&$_"},
        "\\": r"\backslash ",
        "\xa0": " ",
    }
)
_FUNCTIONS: Final = re.compile(
    "sin cos tan cot sec csc sinh cosh tanh arcsin arccos arctan log ln lg exp lim max min sup inf det dim ker gcd "
    "deg Pr arg hom".replace(" ", "|")
)
_ACCENTS: Final = {
    "¯": "overline", "‾": "overline", "_": "overline", "―": "overline", "^": "hat", "ˆ": "hat", "~": "tilde",
    "˜": "tilde", "˙": "dot", ".": "dot", "¨": "ddot", "→": "vec", "⃗": "vec", "⏞": "overbrace", "ˇ": "check",
}  # fmt: skip
_UNDER_ACCENTS: Final = {"_": "underline", "̲": "underline", "⏟": "underbrace", "¯": "underline"}
_LIMITS: Final = re.compile(r"\\(?:lim|max|min|sup|inf|sum|prod|coprod|int|bigcup|bigcap|det|gcd|Pr|oint)\s*$")
_SILENT: Final = frozenset(("annotation", "annotation-xml", "mphantom", "mprescripts", "none", "maligngroup"))
_DELIMITERS: Final = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
_COMMENT: Final = re.compile(r"(?<!\\)%")
_WRAPPER: Final = re.compile(r"^\{\\(?:display|text|script)style\b\s*(.*)\}$", re.DOTALL)


def tidy_tex(source: str) -> str:
    r"""TeX on one line without its delimiters and without Wikipedia's `{\displaystyle …}` around it.

    A line break stays where a comment sign stands before it.

    >>> tidy_tex(r"{\displaystyle a  +\n b}".replace(r"\n", chr(10)))
    'a + b'
    >>> tidy_tex(r"\[x^2\]"), tidy_tex("$$y$$"), tidy_tex("$ z $")
    ('x^2', 'y', 'z')
    """
    tex = source.strip()
    for opening, closing in _DELIMITERS if tex[-1:] in ("$", "]", ")") else ():
        if len(tex) >= len(opening) + len(closing) and tex.startswith(opening) and tex.endswith(closing):
            inner = tex[len(opening) : len(tex) - len(closing)]
            if "$" not in opening or "$" not in inner.replace("\\$", ""):
                tex = inner.strip()
                break
    wrapped = _WRAPPER.match(tex)
    if wrapped and _balanced(wrapped.group(1)):
        tex = wrapped.group(1).strip()
    if "%" not in tex:
        return " ".join(tex.split())
    lines = (" ".join(line.split()) for line in tex.split("\n"))
    return "".join(line + ("\n" if _COMMENT.search(line) else " ") for line in lines).strip()


def canonical(tex: str, *, display: bool) -> str:
    r"""A formula between the delimiters that mean its kind: `$…$` in a sentence, `$$…$$` on its own.

    >>> canonical(r"\(a_1\)", display=False), canonical("x = y", display=True)
    ('$a_1$', '$$x = y$$')
    """
    body = tidy_tex(tex)
    return f"$${body}$$" if display else f"${body}$"


def _balanced(tex: str) -> bool:
    depth = 0
    for sign in re.findall(r"\\.|[{}]", tex):
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            return False
    return depth == 0


def formula_source(math: Element) -> str:
    r"""The TeX of a `<math>` element: its annotation, else its alttext, else its presentation markup converted.

    >>> from pipeline.kernels.html.math.formula_tree import read_tree
    >>> formula_source(read_tree("<math><mfrac><mi>a</mi><msup><mi>x</mi><mn>2</mn></msup></mfrac></math>"))
    '\\frac{a}{x^{2}}'
    """
    notes = (element for element in math.walk() if element.name in ("annotation", "annotation-xml"))
    for note in islice(notes, _MAX_NOTES):
        if "tex" in note.attributes.get("encoding", "").lower() and note.text.strip():
            return tidy_tex(note.text)
    alt = math.attributes.get("alttext", "")
    if alt.strip():
        return tidy_tex(alt)
    return tidy_tex(presentation_to_tex(math))


def presentation_to_tex(node: Element, depth: int = 0) -> str:
    r"""Presentation MathML as TeX; unknown elements give what is in them.

    Args:
        node: An element of a formula.
        depth: How many elements of the formula lie around it.

    >>> from pipeline.kernels.html.math.formula_tree import read_tree
    >>> presentation_to_tex(read_tree("<math><msqrt><mi>α</mi><mo>+</mo><mn>1</mn></msqrt></math>"))
    '\\sqrt{\\alpha +1}'
    """
    name = node.name
    if name in _SILENT:
        return ""
    if depth > MAX_DEPTH or name in _TOKENS:
        return _token(name, " ".join(node.text.split()))
    if name == "mmultiscripts":
        return _multiscripts(node, depth)
    parts = [presentation_to_tex(child, depth + 1) for child in node.children]
    if name in ("semantics", "maction"):
        return parts[0] if parts else ""
    if name == "mfrac" and len(parts) > 1 and _NO_LINE.match(node.attributes.get("linethickness", "")):
        return f"\\binom{{{parts[0]}}}{{{parts[1]}}}"
    if name in _SHAPES and len(parts) >= _SHAPES[name][0]:
        return _SHAPES[name][1](parts)
    if name == "mfenced":
        opening, closing = node.attributes.get("open") or "(", node.attributes.get("close") or ")"
        return opening + ",".join(parts) + closing
    return "".join(parts)


def _multiscripts(node: Element, depth: int) -> str:
    """A base with scripts behind it and before it, in pairs of one below and one above."""
    before: list[str] = []
    behind: list[str] = []
    scripts = behind
    for child in node.children[1:]:
        if child.name == "mprescripts":
            scripts = before
        else:
            scripts.append("" if child.name == "none" else presentation_to_tex(child, depth + 1))
    base = "".join(_base(presentation_to_tex(child, depth + 1)) for child in node.children[:1])
    return ("{}" if before else "") + _script_pair(before) + base + _script_pair(behind)


def _script_pair(scripts: list[str]) -> str:
    signs = zip("_^", scripts, strict=False)
    return "".join(f"{sign}{{{script}}}" for sign, script in signs if script)


_NO_LINE: Final = re.compile(r"\s*0(?:\.0*)?(?:px|pt|em|ex|%)?\s*$")
_TOKENS: Final = frozenset(("mi", "mn", "mo", "mtext", "ms"))


def _token(name: str, text: str) -> str:
    if name in ("mtext", "ms"):
        return f"\\text{{{text}}}" if text.strip() else " "
    if _FUNCTIONS.fullmatch(text):
        return f"\\{text} "
    tex = text.translate(_SYMBOLS)
    return f"\\mathrm{{{tex}}}" if name == "mi" and len(text) > 1 and text.isalpha() and text.isascii() else tex


def _base(tex: str) -> str:
    return tex.strip() if len(tex.strip()) == 1 or re.fullmatch(r"\\[A-Za-z]+\s*", tex) else f"{{{tex}}}"


def _over(parts: list[str]) -> str:
    base, over = parts[0], parts[1].strip()
    accent = _ACCENTS.get(over) or ("vec" if over == r"\to" else None)
    if accent:
        return f"\\{accent}{{{base}}}"
    return f"{base}^{{{over}}}" if _LIMITS.search(base) else f"\\overset{{{over}}}{{{base}}}"


def _under(parts: list[str]) -> str:
    base, under = parts[0], parts[1].strip()
    if under.removeprefix("\\") in _UNDER_ACCENTS:
        return f"\\{_UNDER_ACCENTS[under.removeprefix(chr(92))]}{{{base}}}"
    return f"{base}_{{{under}}}" if _LIMITS.search(base) else f"\\underset{{{under}}}{{{base}}}"


_SHAPES: Final[dict[str, tuple[int, Callable[[list[str]], str]]]] = {
    "mfrac": (2, lambda p: f"\\frac{{{p[0]}}}{{{p[1]}}}"),
    "msqrt": (0, lambda p: f"\\sqrt{{{''.join(p)}}}"),
    "mroot": (2, lambda p: f"\\sqrt[{p[1]}]{{{p[0]}}}"),
    "msup": (2, lambda p: f"{_base(p[0])}^{{{p[1]}}}"),
    "msub": (2, lambda p: f"{_base(p[0])}_{{{p[1]}}}"),
    "msubsup": (3, lambda p: f"{_base(p[0])}_{{{p[1]}}}^{{{p[2]}}}"),
    "mover": (2, _over),
    "munder": (2, _under),
    "munderover": (3, lambda p: f"{_base(p[0])}_{{{p[1]}}}^{{{p[2]}}}"),
    "mtable": (0, lambda p: r"\begin{matrix}" + r" \\ ".join(p) + r"\end{matrix}"),
    "mtr": (0, " & ".join),
    "mlabeledtr": (1, lambda p: " & ".join(p[1:])),
    "mspace": (0, lambda _: " "),
}
