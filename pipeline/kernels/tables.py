"""Cells that read as one line, so that a row can."""

from resiliparse.parse.html import HTMLTree

from pipeline.kernels.dom import select

_ONLY_BLOCKS = ", ".join(f"{cell} > {block}:only-child" for cell in ("td", "th") for block in ("p", "div", "span"))


def open_cells(tree: HTMLTree, lowered: str) -> None:
    """Takes away the one paragraph around all that a cell holds, which would break its row into lines.

    >>> tree = HTMLTree.parse("<table><tr><td><p>rye</p></td><td><div><p>3</p></div></td></tr></table>")
    >>> open_cells(tree, "<td")
    >>> [cell.inner_html for cell in select(tree, "td")]
    ['rye', '3']
    """
    if "<td" not in lowered and "<th" not in lowered:
        return
    for _ in range(2):
        for block in select(tree, _ONLY_BLOCKS):
            cell = block.parent
            if cell is not None and (cell.text or "").strip() == (block.text or "").strip():
                block.replace_with(*block.child_nodes.values())
