"""Small steps on resiliparse's tree."""

from resiliparse.parse.html import ElementNode, HTMLTree, Node


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
