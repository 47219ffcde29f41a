"""Formulas of a page as TeX between dollars: widgets of math libraries, MathML, scripts and images."""

import re
from collections.abc import Sequence
from itertools import islice
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from pipeline.kernels.html.math.delimited import marked_formula
from pipeline.kernels.html.math.formula_tree import Element, read_tree
from pipeline.kernels.html.math.mathjax import drawn_formula
from pipeline.kernels.html.math.mathml import canonical, formula_source, presentation_to_tex, tidy_tex
from pipeline.kernels.html.references import unescape
from pipeline.kernels.html.tag_values import tag_attributes

_IMAGE_CLASS: Final = re.compile(
    r"(?:^|[\s_-])(?:tex|latex|math|formula\w*|mwe-math[\w-]*|ql-[\w-]*)(?:$|[\s_-])", re.IGNORECASE
)
_IMAGE_SOURCE: Final = re.compile(
    r"codecogs|mimetex|mathtex|latex\.(?:php|cgi)|/latex(?:render)?[/?]|[?&]latex=|/math/render|cht=tx|/eq\.latex|tex\.cgi",
    re.IGNORECASE,
)
_TEX_ALT: Final = re.compile(
    r"^\s*(?:\$[^$]+\$|\$\$.+\$\$|\\\(.+\\\)|\\\[.+\\\])\s*$|\\(?:begin\{|[A-Za-z]{2,}\b)|\\[a-z]+\{", re.DOTALL
)
_FILE_PATH: Final = re.compile(r"^\s*(?:[A-Za-z]:\\|\\\\)|\.(?:png|jpe?g|gif|svg|webp)\s*$", re.IGNORECASE)
_TRUNCATED_ALT: Final = re.compile(r"\.\.\.[ \t]{0,20}\n[ \t]{0,20}\.\.\.")
_DISPLAY_TEX: Final = re.compile(r"\s*(?:\$\$|\\\[|\\begin\{)|.*\\displaystyle", re.DOTALL)
_ANNOTATION: Final = re.compile(
    r"<(?:\w+:)?annotation\b[^>]{0,80}\bencoding\s*=\s*[\"']?application/x-tex[^>]{0,40}>([^<]*)</(?:\w+:)?annotation",
    re.IGNORECASE,
)
_DISPLAY_CLASS: Final = re.compile(
    r"^<[^>]{0,300}\bclass\s*=\s*(?:\"[^\">]*display|'[^'>]*display|[^\s>\"']*display)", re.IGNORECASE
)
_IS_BLOCK: Final = re.compile(r"<(?:\w+:)?math\b[^>]{0,300}\bdisplay\s*=\s*[\"']?block", re.IGNORECASE)
_MAX_BETWEEN: Final = 400
# Elements of a formula that are looked at for its source.
_MAX_ELEMENTS: Final = 20_000


def read_formula(fragment: str, formulas: list[str], before: str = "") -> str:
    r"""The formula that an element holds, between its dollars; "" where it holds none.

    Args:
        fragment: The element's source: a widget of a math library, `<math>`, a script, or an image.
        formulas: What `mark_delimited` found.
        before: The source before it, in which LaTeX2HTML keeps long formulas whole.

    >>> read_formula('<img class="latex" alt="\\frac{a}{b}">', [])
    '$\\frac{a}{b}$'
    >>> read_formula('<script type="math/tex; mode=display">x^2</script>', [])
    '$$x^2$$'
    """
    tag = fragment[1:8].lower()
    if tag.startswith("math "):
        marked = marked_formula(fragment, formulas)
        if marked is not None:
            return marked
    if tag.startswith("script"):
        start, _, rest = fragment.partition(">")
        return _between(re.sub(r"</script\s*>?$", "", rest, flags=re.IGNORECASE), display="display" in start.lower())
    if tag.startswith("img"):
        return _image(fragment, before)
    return _widget(fragment)


def _between(tex: str, *, display: bool) -> str:
    body = canonical(tex, display=display)
    return body if body.strip("$") else ""


def _widget(fragment: str) -> str:
    note = _ANNOTATION.search(fragment)
    display = _DISPLAY_CLASS.match(fragment) is not None or _IS_BLOCK.search(fragment) is not None
    if note and note.group(1).strip():
        return _between(unescape(note.group(1)), display=display)
    tree = read_tree(fragment)
    inner = list(islice(tree.walk(), _MAX_ELEMENTS))
    math = tree if tree.name == "math" else next((element for element in inner if element.name == "math"), None)
    image = next((element for element in inner if element.name == "img" and "alt" in element.attributes), None)
    tex = formula_source(math) if math is not None else ""
    tex = tex or (image.attributes["alt"] if image is not None else "") or _attribute_source([tree, *inner])
    if not tex and (drawn := drawn_formula(tree)) is not None:
        tex = tidy_tex(presentation_to_tex(drawn))
    if not tex:
        return ""
    looks = (element.attributes.get("class", "") for element in (tree, image) if element is not None)
    look = " ".join((*looks, tree.attributes.get("mode", "")))
    display = display or "display" in look.lower() or tree.attributes.get("display") in ("true", "block")
    return _between(tex, display=display or (math is not None and math.attributes.get("display") == "block"))


def _attribute_source(elements: Sequence[Element]) -> str:
    """The source that an attribute gives of the whole formula: of the first element, or of an only one in it."""
    for element in elements:
        for name in ("data-tex", "data-latex", "data-formula", "aria-label"):
            value = element.attributes.get(name, "")
            if value.strip() and (name != "aria-label" or _TEX_ALT.search(value)):
                return value
        if len(element.children) != 1:
            break
    return ""


def _image(fragment: str, before: str) -> str:
    attributes = tag_attributes(fragment)
    alt, source, look = (attributes.get(name, "") for name in ("alt", "src", "class"))
    marked = _IMAGE_CLASS.search(look) or _IMAGE_SOURCE.search(source)
    tex = ""
    if alt.strip() and (marked or (_TEX_ALT.search(alt) and not _FILE_PATH.search(alt))):
        tex = _full_source(alt, before)
    elif marked and not alt.strip():
        tex = _query_source(source)
    if not tex or _FILE_PATH.search(tex):
        return ""
    return _between(tex, display=bool(_DISPLAY_TEX.match(alt)) or "display" in look)


def _full_source(alt: str, before: str) -> str:
    """The formula of an image; LaTeX2HTML cuts long ones in the alt and keeps them whole in a comment before it."""
    if not _TRUNCATED_ALT.search(alt):
        return alt
    start, end = before.rfind("<!--"), before.rfind("-->")
    if 0 <= start < end and len(before) - end < _MAX_BETWEEN:
        comment = before[start + 4 : end].strip()
        if comment.startswith("MATH"):
            return comment.removeprefix("MATH")
    return alt


def _query_source(source: str) -> str:
    try:
        query = urlsplit(source).query
    except ValueError:  # brackets around no address
        return ""
    named = parse_qs(query)
    for name in ("latex", "tex", "chl", "eq", "formula"):
        if named.get(name):
            return named[name][0]
    plain = unquote(query)
    return plain if "\\" in plain or "^" in plain or "_" in plain else ""
