"""Small steps on resiliparse's tree, and the bounds within which a page's tree is kept."""

from typing import Final

import numpy as np
from resiliparse.parse.html import ElementNode, HTMLTree, Node

# Browsers stop nesting at 512; what lies deeper in a page is read as if it stood at this depth.
MAX_DEPTH: Final = 250
_TOO_DEEP: Final = " > ".join(["*"] * (MAX_DEPTH + 1))


def select(root: ElementNode | HTMLTree, selector: str) -> list[ElementNode]:
    """The elements under `root` that match, in document order.

    >>> [node.text for node in select(HTMLTree.parse("<p>a<p>b"), "p")]
    ['a', 'b']
    """
    start = root.document if isinstance(root, HTMLTree) else root
    if start is None:
        return []
    # Iterating over the collection itself builds it anew for every element.
    return list(start.query_selector_all(selector).values())


def outermost(root: ElementNode | HTMLTree, selector: str) -> list[ElementNode]:
    """The matching elements that lie in no other matching one.

    >>> [node.id for node in outermost(HTMLTree.parse("<b id=x><b id=y>a</b></b>"), "b")]
    ['x']
    """
    found = select(root, selector)
    if len(found) < 2:
        return found
    inner = set(select(root, f":is({selector}) :is({selector})"))
    return [node for node in found if node not in inner]


def is_within(node: ElementNode, selector: str) -> bool:
    """Whether an ancestor of the node matches.

    >>> tree = HTMLTree.parse("<nav><p>a</p></nav>")
    >>> is_within(select(tree, "p")[0], "nav"), is_within(select(tree, "nav")[0], "nav")
    (True, False)
    """
    parent = node.parent
    return isinstance(parent, ElementNode) and parent.closest(selector) is not None


def text_of(node: Node | None) -> str:
    """All text under a node, as it stands in the source.

    >>> text_of(HTMLTree.parse("<p>a <b>b</b>").body), text_of(None)
    ('a b', '')
    """
    return (node.text or "") if node is not None else ""


def put_text(tree: HTMLTree, node: ElementNode, text: str) -> None:
    """Puts text in the place of a node.

    >>> tree = HTMLTree.parse("<p>a <b>c</b></p>")
    >>> put_text(tree, select(tree, "b")[0], "d")
    >>> tree.body.text
    'a d'
    """
    if tree.document is not None:
        node.replace_with(tree.document.create_text_node(text))


def put_block(tree: HTMLTree, node: ElementNode, text: str) -> None:
    """Puts a paragraph of text in the place of a node.

    >>> tree = HTMLTree.parse("<pre>x</pre>")
    >>> put_block(tree, select(tree, "pre")[0], "y")
    >>> tree.body.inner_html
    '<p>y</p>'
    """
    if tree.document is not None:
        paragraph = tree.document.create_element("p")
        paragraph.text = text
        node.replace_with(paragraph)


def cut_nodes(html: str, max_nodes: int) -> str:
    """The source up to its `max_nodes`-th tag.

    >>> cut_nodes("<p>a<p>b<p>c", 2)
    '<p>a<p>b'
    """
    if html.count("<") <= max_nodes:
        return html
    codes = np.frombuffer(html.encode("utf-32-le", "replace"), dtype=np.uint32)
    return html[: int(np.flatnonzero(codes == ord("<"))[max_nodes])]


def is_deep(tree: HTMLTree) -> bool:
    """Whether elements nest deeper than the bound.

    >>> is_deep(HTMLTree.parse("<p>a<br>b")), is_deep(HTMLTree.parse("<b>" * 300))
    (False, True)
    """
    return tree.document is not None and tree.document.query_selector(_TOO_DEEP) is not None


def flatten(tree: HTMLTree) -> None:
    """Turns what nests deeper than the bound into plain text.

    >>> tree = HTMLTree.parse("<b>" * 400 + "x")
    >>> flatten(tree)
    >>> tree.body.text, str(tree).count("<b>") <= MAX_DEPTH
    ('x', True)
    """
    node: Node | None = tree.document.first_child if tree.document else None
    depth = 1
    deep: list[ElementNode] = []
    while node is not None:
        child = node.first_child if depth < MAX_DEPTH else None
        if depth == MAX_DEPTH and isinstance(node, ElementNode) and node.first_child is not None:
            deep.append(node)
        if child is not None:
            node, depth = child, depth + 1
            continue
        while node is not None and node.next_sibling is None and depth > 1:
            node, depth = node.parent, depth - 1
        node = node.next_sibling if node is not None else None
    for element in deep:
        put_text(tree, element, " ".join(text_of(element).split()))
