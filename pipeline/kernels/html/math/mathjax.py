"""Formulas that MathJax has drawn and left no source of: glyphs of its CHTML and SVG output as MathML."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from pipeline.kernels.html.math.formula_tree import Element

_GLYPH: Final = re.compile(r"\bmjx-c([0-9A-Fa-f]{1,6})\b")
_CODE: Final = re.compile(r"[0-9A-Fa-f]{1,6}")
_TOKENS: Final = frozenset(("mi", "mn", "mo", "mtext", "ms"))
_ROOT_SIGN: Final = "√"
# Struts, lines and the sign of a root, which draw no character of the formula.
_IGNORED: Final = frozenset(
    ("mjx-nstrut", "mjx-dstrut", "mjx-line", "mjx-spacer", "mjx-strut", "mjx-surd", "mjx-assistive-mml")
)
# Elements that stand between one of MathML and its parts.
_ARRANGING: Final = frozenset(
    f"mjx-{name}"
    for name in ("frac", "dbox", "dtable", "row", "box", "sqrt", "surd", "munder", "mover", "itable", "table")
)
_DEEPEST: Final = 60


def drawn_formula(element: Element) -> Element | None:
    """The MathML of a formula that MathJax has drawn; None where it drew none that is understood.

    >>> from pipeline.kernels.html.math.formula_tree import read_tree
    >>> from pipeline.kernels.html.math.mathml import presentation_to_tex
    >>> glyph = '<mjx-mi><mjx-c class="mjx-c{}"></mjx-c></mjx-mi>'
    >>> power = f"<mjx-msup>{glyph.format('1D465')}<mjx-script>{glyph.format('32')}</mjx-script></mjx-msup>"
    >>> presentation_to_tex(drawn_formula(read_tree(f"<mjx-container><mjx-math>{power}</mjx-math></mjx-container>")))
    'x^{2}'
    """
    for inner in (element, *element.walk()):
        if inner.name == "mjx-math" or inner.attributes.get("data-mml-node") == "math":
            drawn = _with("math", _all(inner.children, 0))
            return drawn if drawn.text.strip() else None
    return None


def _with(name: str, parts: Iterable[Element]) -> Element:
    element = Element(name, "")
    for part in parts:
        element.add(part)
    return element


def _all(elements: Iterable[Element], depth: int) -> list[Element]:
    if depth > _DEEPEST:
        return [_token("mtext", element) for element in elements]
    return [made for element in elements for made in _mathml(element, depth + 1)]


def _token(name: str, element: Element) -> Element:
    token = Element(name, "")
    token.add(_glyphs(element))
    return token


def _mathml(element: Element, depth: int) -> list[Element]:
    """The MathML of a drawn element."""
    if element.name in _IGNORED:
        return []
    drawn = element.attributes.get("data-mml-node")
    name = drawn or element.name.removeprefix("mjx-")
    if name in _TOKENS:
        return [_token(name, element)]
    if name in ("mtable", "mtr", "mtd"):
        return [_with(name, _all(element.children, depth))]
    parts = _drawn_parts(name, element.children) if drawn else _styled_parts(name, element)
    if parts is None:
        return _all(element.children, depth)
    return [_with(name, (_with("mrow", _all(part, depth)) for part in parts))]


def _drawn_parts(name: str, parts: list[Element]) -> list[list[Element]] | None:
    """The parts of an element of the SVG output, in MathML's order; None where it has no parts.

    The output has scripts above before those below, and the sign of a root beside what stands under it.
    """
    signs = [part for part in parts if part.name == "g" and not _is_root_sign(part)]
    if name == "msqrt":
        return [signs]
    if name == "mroot" and len(signs) > 1:
        return [signs[1:], signs[:1]]
    if name in ("mfrac", "msup", "msub", "mover", "munder") and len(signs) > 1:
        return [signs[:1], signs[1:2]]
    if name in ("msubsup", "munderover") and len(signs) > 2:
        return [signs[:1], signs[2:3], signs[1:2]]
    return None


def _styled_parts(name: str, element: Element) -> list[list[Element]] | None:
    """The parts of an element of the CHTML output, in MathML's order; None where it has no parts."""
    if name == "mfrac":
        return [_inside(element, "mjx-num"), _inside(element, "mjx-den")]
    if name == "msqrt":
        return [_inside(element, "mjx-box")]
    if name == "mroot":
        return [_inside(element, "mjx-box"), _inside(element, "mjx-root")]
    if name in ("msup", "msub", "msubsup"):
        base = [child for child in element.children if child.name != "mjx-script"]
        script = [part for part in _inside(element, "mjx-script") if part.name not in _IGNORED]
        return [base, script[1:], script[:1]] if name == "msubsup" else [base, script]
    if name in ("mover", "munder", "munderover"):
        places = {"mover": ("over",), "munder": ("under",), "munderover": ("under", "over")}[name]
        return [_inside(element, f"mjx-{part}") for part in ("base", *places)]
    return None


def _inside(element: Element, name: str) -> list[Element]:
    """What the element of a name holds that stands in an element, or in one that only arranges its parts."""
    for child in element.children:
        if child.name == name:
            return child.children
        if child.name in _ARRANGING and (parts := _inside(child, name)):
            return parts
    return []


def _is_root_sign(element: Element) -> bool:
    return element.attributes.get("data-mml-node") == "mo" and _glyphs(element) == _ROOT_SIGN


def _glyphs(element: Element) -> str:
    """The characters that an element draws, styled letters as plain ones."""
    signs: list[str] = []
    for glyph in (element, *element.walk()):
        styled = _GLYPH.search(glyph.attributes.get("class", "")) if glyph.name == "mjx-c" else None
        code = styled[1] if styled else glyph.attributes.get("data-c", "")
        if _CODE.fullmatch(code):
            point = int(code, 16)
            signs.append(chr(point) if point < 0x110000 and not 0xD800 <= point < 0xE000 else "")
        elif glyph.name in ("mjx-utext", "text"):
            signs.append(glyph.text)
    return unicodedata.normalize("NFKC", "".join(signs) or element.text)
