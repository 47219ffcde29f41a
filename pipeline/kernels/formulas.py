"""Formulas of a page as TeX between dollars: widgets of math libraries, images, and delimiters in the text."""

import html as entities
import re
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from resiliparse.parse.html import ElementNode, HTMLTree

from pipeline.kernels.dom import outermost, put_text, select, text_of
from pipeline.kernels.mathml import formula_source, tidy_tex
from pipeline.kernels.placeholders import Vault

_WIDGETS: Final = (
    ".mwe-math-element, .katex-display, .katex, mjx-container, .MathJax_Display, .MathJax, .MathJax_SVG, "
    ".MathJax_SVG_Display, .MathJax_CHTML, .MathJax_CommonHTML, .MJXc-display, .mjx-chtml, math, .math-tex-source"
)
_LEFTOVERS: Final = (
    ".MathJax_Preview, .MathJax_Display, .MathJax, .MathJax_SVG, .MathJax_SVG_Display, .MathJax_CHTML, "
    ".MathJax_CommonHTML, .MJXc-display, .mjx-chtml, .MJX_Assistive_MathML, .katex-html"
)
# Signs in the lower-cased source that a page may hold formulas; a few `in` tests cost less than one regex.
_WIDGET_SIGNS: Final = ("<math", "katex", "mathjax", "mjx-", "mwe-math", "math/tex", "math/asciimath")
_LOADERS: Final = (
    "mathjax",
    "katex",
    'class="math',
    "class='math",
    "class=math",
    "simplemath",
    "\\begin{equation",
    "tex2jax",
)
_IMAGES: Final = (
    r'img[alt*="\\"], img[alt*="$"], img[class*="tex" i], img[class*="math" i], img[class*="formula" i], '
    'img[class*="ql-"], img[src*="tex" i], img[src*="math" i], img[src*="codecogs"], img[src*="cht=tx"], '
    'img[src*="/eq."]'
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
_TRUNCATED_ALT: Final = re.compile(r"\.\.\.\s*\n\s*\.\.\.")
_DISPLAY_TEX: Final = re.compile(r"\s*(?:\$\$|\\\[|\\begin\{)|.*\\displaystyle", re.DOTALL)
_SKIPPED: Final = r"<(script|style|pre|code|textarea|xmp|noscript|tt|math)\b.*?</\1\s*>|<!--.*?-->|<[A-Za-z/!][^<>]*>"
# A formula may hold line breaks and the emphasis that a markdown converter made of its underscores, but no block.
_BODY: Final = r"(?:[^<]|<(?=[\s\d=])|</?(?:br|em|i|b|wbr|strong)\s*/?>|<!--.*?-->)"
_ENVIRONMENT: Final = r"\\begin\{(?P<name>(?:equation|align|gather|multline|eqnarray|alignat|flalign)\*?)\}"
_MAX_TEX: Final = 4000
_DELIMITED: Final = (
    rf"\\\((?P<round>(?:(?!\\\(){_BODY}){{1,{_MAX_TEX}}}?)\\\)"
    rf"|\\\[(?P<square>(?:(?!\\\[){_BODY}){{1,{_MAX_TEX}}}?)\\\]"
    rf"|(?<![\\$])\$\$(?P<dollars>(?:(?!\$\$){_BODY}){{1,{_MAX_TEX}}}?)\$\$"
    rf"|(?P<environment>{_ENVIRONMENT}{_BODY}{{1,{_MAX_TEX}}}?\\end\{{(?P=name)\}})"
)
_SINGLE: Final = (
    r"|(?<![\\$\w])\$(?P<single>(?![\s$])(?:[^$<\n\\]|\\.|\n(?!\s*\n)|<(?=[\s\d=])){1,500}?(?<![\s\\]))\$(?![\d$])"
)
_WITH_SINGLE: Final = re.compile(f"{_SKIPPED}|{_DELIMITED}{_SINGLE}", re.DOTALL | re.IGNORECASE)
_WITHOUT_SINGLE: Final = re.compile(f"{_SKIPPED}|{_DELIMITED}", re.DOTALL | re.IGNORECASE)
_SINGLE_ON: Final = re.compile(
    r"""inlineMath["']?\s*[:=]\s*\{?[^{}]{0,40}?\[\s*\[?\s*["']\$["']|left["']?\s*:\s*["']\$["']|"inlineMath":\{"\[\+\]":\[\["\$"""
)


def canonical(tex: str, *, display: bool) -> str:
    r"""A formula between the delimiters that mean its kind: `$…$` in a sentence, `$$…$$` on its own.

    >>> canonical(r"\(a_1\)", display=False), canonical("x = y", display=True)
    ('$a_1$', '$$x = y$$')
    """
    body = tidy_tex(tex)
    return f"$${body}$$" if display else f"${body}$"


def hide_delimited_formulas(html: str, lowered: str, vault: Vault) -> str:
    r"""The source with each formula that a math library would typeset replaced by a placeholder.

    Only pages that load such a library are touched; single dollars count only where the page configures them.

    >>> page = '<script src="mathjax.js"></script><p>Let \\(x^2\\) be.</p>'
    >>> vault = Vault(page)
    >>> vault.expand(hide_delimited_formulas(page, page.lower(), vault))
    '<script src="mathjax.js"></script><p>Let $x^2$ be.</p>'
    """
    if not any(sign in lowered for sign in _LOADERS) or not any(
        sign in html for sign in ("\\(", "\\[", "$", "\\begin{")
    ):
        return html
    pattern = _WITH_SINGLE if _SINGLE_ON.search(html) else _WITHOUT_SINGLE

    def hide(found: re.Match[str]) -> str:
        kind = found.lastgroup
        if kind is None:
            return found.group()
        tex = entities.unescape(
            re.sub(r"<(?:br|/?em|/?i|/?b|wbr|/?strong)\s*/?>|<!--.*?-->", "", found.group(kind), flags=re.DOTALL)
        )
        if not tex.strip():
            return found.group()
        return vault.inline(canonical(tex, display=kind not in ("round", "single")), "math")

    return pattern.sub(hide, html)


def hide_formulas(tree: HTMLTree, lowered: str, vault: Vault) -> None:
    """Replaces math widgets and images of formulas in the tree by placeholders."""
    if any(sign in lowered for sign in _WIDGET_SIGNS):
        _hide_scripts(tree, vault)
        _hide_widgets(tree, vault)
    if "alt=" in lowered or "latex" in lowered:
        _hide_images(tree, vault)


def _replace(tree: HTMLTree, node: ElementNode, tex: str, vault: Vault, *, display: bool) -> None:
    body = canonical(tex, display=display)
    text = vault.inline(body, "math") if body.strip("$") else ""
    put_text(tree, node, text)


def _hide_scripts(tree: HTMLTree, vault: Vault) -> None:
    scripts = select(tree, 'script[type^="math/tex"], script[type^="math/asciimath"]')
    for script in scripts:
        _replace(tree, script, text_of(script), vault, display="display" in (script.getattr("type") or ""))
    if scripts:
        for leftover in select(tree, _LEFTOVERS):
            leftover.remove()


def _hide_widgets(tree: HTMLTree, vault: Vault) -> None:
    for node in outermost(tree, _WIDGETS):
        math = node if node.tag == "math" else node.query_selector("math")
        image = node.query_selector("img[alt]")
        tex = formula_source(math) if math is not None else ""
        tex = tex or ((image.getattr("alt") or "") if image is not None else "") or _attribute_source(node)
        if not tex:
            continue
        look = " ".join(
            (node.class_name or "", (image.class_name or "") if image is not None else "", node.getattr("mode") or "")
        )
        display = "display" in look.lower() or node.getattr("display") in ("true", "block")
        display = display or (math is not None and math.getattr("display") == "block")
        _replace(tree, node, tex, vault, display=display)


def _attribute_source(node: ElementNode) -> str:
    for name in ("data-tex", "data-latex", "data-formula", "aria-label"):
        value = node.getattr(name) or ""
        if value and (name != "aria-label" or _TEX_ALT.search(value)):
            return str(value)
    return ""


def _hide_images(tree: HTMLTree, vault: Vault) -> None:
    for image in select(tree, _IMAGES):
        alt, source = image.getattr("alt") or "", image.getattr("src") or ""
        marked = _IMAGE_CLASS.search(image.class_name or "") or _IMAGE_SOURCE.search(source)
        tex = ""
        if alt.strip() and (marked or (_TEX_ALT.search(alt) and not _FILE_PATH.search(alt))):
            tex = _full_source(image, alt)
        elif marked and not alt.strip():
            tex = _query_source(source)
        if tex and not _FILE_PATH.search(tex):
            _replace(
                tree, image, tex, vault, display=bool(_DISPLAY_TEX.match(alt)) or "display" in (image.class_name or "")
            )


def _full_source(image: ElementNode, alt: str) -> str:
    """The formula of an image; LaTeX2HTML cuts long ones in the alt and keeps them whole in a comment before it."""
    before = image.prev if _TRUNCATED_ALT.search(alt) else None
    for _ in range(3):
        comment = (before.value or "").strip() if before is not None and before.tag == "#comment" else ""
        if comment.startswith("MATH"):
            return comment.removeprefix("MATH")
        before = before.prev if before is not None else None
    return alt


def _query_source(source: str) -> str:
    query = urlsplit(source).query
    named = parse_qs(query)
    for name in ("latex", "tex", "chl", "eq", "formula"):
        if named.get(name):
            return named[name][0]
    plain = unquote(query)
    return plain if "\\" in plain or "^" in plain or "_" in plain else ""
