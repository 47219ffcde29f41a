"""Whether the text of an element has lines of its own; compiled."""

from pipeline.kernels.array_types import Bool, Bytes, Int, Rows
from pipeline.kernels.compiled import lean
from pipeline.kernels.html import columns as col

_NEW_LINE, _RETURN, _SPACE = (ord(sign) for sign in "\n\r ")


@lean
def has_lines(src: Bytes, nodes: Rows, events: Rows, first: Int, last: Int, tag: Int) -> Bool:
    """Whether line breaks stand between signs of a text, or elements of a tag that break the line; -1 for none."""
    seen, broken = False, False
    for at in range(first, last):
        if events[at, 0] == col.TEXT:
            for k in range(events[at, 2], events[at, 3]):
                byte = src[k]
                if byte in (_NEW_LINE, _RETURN):
                    broken = broken or seen
                elif byte > _SPACE:
                    if broken:
                        return True
                    seen = True
        elif events[at, 0] == col.OPEN:
            broken = broken or (seen and nodes[events[at, 1], col.TAG_OF] == tag)
    return False
