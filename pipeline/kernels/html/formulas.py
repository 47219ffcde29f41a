"""Formulas of a page as TeX between dollars: widgets of math libraries, images, and delimiters in the text."""

import re
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
from resiliparse.parse.html import ElementNode, HTMLTree

from pipeline.kernels.compiled import compiled
from pipeline.kernels.html.codeblocks import Ends, unescape
from pipeline.kernels.html.mathml import formula_source, tidy_tex

_LOADERS: Final = (
    *(b"mathjax", b"katex", b"simplemath", b"\\begin{equation", b"tex2jax"),
    *(b'class="math', b"class='math", b"class=math"),
)
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
_SKIPPED: Final = (
    r"<(?P<element>script|style|pre|code|kbd|samp|textarea|xmp|noscript|tt|math)(?=[\s/>])|<!(?P<comment>--)"
    r"|<[A-Za-z/!][^<>]*>"
)
_REST_OF_TAG: Final = re.compile(r"[^<>]*>")
# A formula may hold line breaks and the emphasis that a markdown converter made of its underscores, but no block.
_BODY: Final = r"(?:[^<]|<(?=[\s\d=])|</?(?:br|em|i|b|wbr|strong)\s*/?>|<!--(?:(?!-->).){0,200}-->)"
_ENVIRONMENT: Final = r"\\begin\{(?P<name>(?:equation|align|gather|multline|eqnarray|alignat|flalign)\*?)\}"
_MAX_TEX: Final = 4000
_DELIMITED: Final = (
    rf"\\\((?P<round>(?:(?!\\\(){_BODY}){{1,{_MAX_TEX}}}?)\\\)"
    rf"|\\\[(?P<square>(?:(?!\\\[){_BODY}){{1,{_MAX_TEX}}}?)\\\]"
    rf"|(?<![\\$])\$\$(?P<dollars>(?:(?!\$\$){_BODY}){{1,{_MAX_TEX}}}?)\$\$"
    rf"|(?P<environment>{_ENVIRONMENT}(?:(?!\\begin\{{(?P=name)\}}){_BODY}){{1,{_MAX_TEX}}}?\\end\{{(?P=name)\}})"
)
_SINGLE: Final = (
    r"|(?<![\\$\w])\$(?P<single>(?![\s$])(?:[^$<\n\\]|\\.|\n(?!\s{0,40}\n)|<(?=[\s\d=])){1,500}?(?<![\s\\]))\$"
    r"(?![\d$])"
)
_WITH_SINGLE: Final = re.compile(f"{_SKIPPED}|{_DELIMITED}{_SINGLE}", re.DOTALL | re.IGNORECASE)
_WITHOUT_SINGLE: Final = re.compile(f"{_SKIPPED}|{_DELIMITED}", re.DOTALL | re.IGNORECASE)
_EMPHASIS: Final = re.compile(r"<(?:br|/?em|/?i|/?b|wbr|/?strong)\s*/?>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_SINGLE_ON: Final = re.compile(
    r"""inlineMath["']?\s*[:=]\s{0,20}\{?[^{}]{0,40}?\[\s{0,20}\[?\s{0,20}["']\$["']|left["']?\s*:\s*["']\$["']|"inlineMath":\{"\[\+\]":\[\["\$"""
)

_DELIMITED_MARK: Final = "data-delimited"
_MARKED: Final = re.compile(rf"<math {_DELIMITED_MARK}=(\d{{1,7}})></math>")
_ANNOTATION: Final = re.compile(
    r"<annotation\b[^>]{0,80}\bencoding\s*=\s*[\"']?application/x-tex[^>]{0,40}>([^<]*)</annotation", re.IGNORECASE
)
_DISPLAY_CLASS: Final = re.compile(
    r"^<[^>]{0,300}\bclass\s*=\s*(?:\"[^\">]*display|'[^'>]*display|[^\s>\"']*display)", re.IGNORECASE
)
_IS_BLOCK: Final = re.compile(r"<math\b[^>]{0,300}\bdisplay\s*=\s*[\"']?block", re.IGNORECASE)
_MAX_BETWEEN: Final = 400
# Formulas of a page that are marked: one in a hundred bytes of the largest page.
_MAX_MARKED: Final = 40_000


def canonical(tex: str, *, display: bool) -> str:
    r"""A formula between the delimiters that mean its kind: `$…$` in a sentence, `$$…$$` on its own.

    >>> canonical(r"\(a_1\)", display=False), canonical("x = y", display=True)
    ('$a_1$', '$$x = y$$')
    """
    body = tidy_tex(tex)
    return f"$${body}$$" if display else f"${body}$"


def mark_delimited(source: bytes) -> tuple[bytes, list[str]]:
    r"""The source with each formula that a math library would typeset as a `<math>` element, and the formulas.

    Only pages that load such a library are touched; single dollars count only where the page configures them. What
    stands behind forty thousand formulas is left as it is.

    Args:
        source: UTF-8 of a page.

    >>> mark_delimited(b'<script src="mathjax.js"></script><p>Let \\(x^2\\) be.</p>')
    (b'<script src="mathjax.js"></script><p>Let <math data-delimited=0></math> be.</p>', ['$x^2$'])
    """
    found: list[str] = []
    if not _may_load(np.frombuffer(source, np.uint8)):
        return source, found
    lowered = source.lower()
    if not any(sign in lowered for sign in _LOADERS):
        return source, found
    if not any(sign in source for sign in (b"\\(", b"\\[", b"$", b"\\begin{")):
        return source, found
    html = source.decode("utf-8", "replace")
    pattern = _WITH_SINGLE if _SINGLE_ON.search(html) else _WITHOUT_SINGLE
    pieces: list[str] = []
    written = at = 0
    ends = Ends(html)
    while len(found) < _MAX_MARKED and (match := pattern.search(html, at)):
        kind, at = match.lastgroup, match.end()
        if kind in ("element", "comment"):
            end = ends.after(match.group(kind).lower(), at)
            rest = _REST_OF_TAG.match(html, at) if end < 0 else None
            at = rest.end() if rest else max(at, end)
        elif kind and (tex := unescape(_without_emphasis(match.group(kind)))).strip():
            found.append(canonical(tex, display=kind not in ("round", "single")))
            pieces += (html[written : match.start()], f"<math {_DELIMITED_MARK}={len(found) - 1}></math>")
            written = at
    return "".join((*pieces, html[written:])).encode(), found


def _without_emphasis(tex: str) -> str:
    return _EMPHASIS.sub("", tex) if "<" in tex else tex


_MATH, _KATE, _TEX2, _EQU = (np.frombuffer(sign, np.uint8) for sign in (b"math", b"kate", b"tex2", b"{equ"))


@compiled
def _may_load(source: Any) -> Any:
    """Whether a loader of formulas may stand in the source; most pages are seen to have none in one quick pass."""
    for at in range(len(source) - 5):
        byte = source[at] | 32
        if byte == 109 and _stands(source, at, _MATH) and source[at + 4] != 46:  # not the "Math." of scripts
            return True
        if byte in (107, 116, 123) and (
            _stands(source, at, _KATE) or _stands(source, at, _TEX2) or _stands(source, at, _EQU)
        ):
            return True
    return False


@compiled
def _stands(source: Any, at: Any, sign: Any) -> Any:
    k = 0
    while k < len(sign) and source[at + k] | 32 == sign[k] | 32:
        k += 1
    return k == len(sign)


def unmark_delimited(text: str, formulas: list[str]) -> str:
    """A title, say, in which formulas were marked, with the formulas."""
    if not formulas or _DELIMITED_MARK not in text:
        return text
    # a page may hold such an element itself
    return _MARKED.sub(lambda found: "".join(formulas[int(found.group(1)) : int(found.group(1)) + 1]), text)


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
        marked = _MARKED.match(fragment)
        if marked and int(marked.group(1)) < len(formulas):
            return formulas[int(marked.group(1))]
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
    tree = HTMLTree.parse(fragment)
    if tree.body is None or tree.body.first_element_child is None:
        return ""
    node = tree.body.first_element_child
    math = node if node.tag == "math" else node.query_selector("math")
    image = node.query_selector("img[alt]")
    tex = formula_source(math) if math is not None else ""
    tex = tex or ((image.getattr("alt") or "") if image is not None else "") or _attribute_source(node)
    if not tex:
        return ""
    look = " ".join(
        (node.class_name or "", (image.class_name or "") if image is not None else "", node.getattr("mode") or "")
    )
    display = "display" in look.lower() or node.getattr("display") in ("true", "block")
    return _between(tex, display=display or (math is not None and math.getattr("display") == "block"))


def _attribute_source(node: ElementNode) -> str:
    for name in ("data-tex", "data-latex", "data-formula", "aria-label"):
        value = node.getattr(name) or ""
        if value and (name != "aria-label" or _TEX_ALT.search(value)):
            return str(value)
    return ""


def _image(fragment: str, before: str) -> str:
    tree = HTMLTree.parse(fragment)
    image = tree.body.first_element_child if tree.body is not None else None  # a query costs as much as all the rest
    if image is None or image.tag != "img":
        image = tree.document.query_selector("img") if tree.document is not None else None
    if image is None:
        return ""
    alt, source = image.getattr("alt") or "", image.getattr("src") or ""
    marked = _IMAGE_CLASS.search(image.class_name or "") or _IMAGE_SOURCE.search(source)
    tex = ""
    if alt.strip() and (marked or (_TEX_ALT.search(alt) and not _FILE_PATH.search(alt))):
        tex = _full_source(alt, before)
    elif marked and not alt.strip():
        tex = _query_source(source)
    if not tex or _FILE_PATH.search(tex):
        return ""
    return _between(tex, display=bool(_DISPLAY_TEX.match(alt)) or "display" in (image.class_name or ""))


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
