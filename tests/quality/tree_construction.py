"""How often our reading of a page agrees with html5lib's tests of what a browser builds, where text is touched.

`python -m tests.quality.tree_construction` prints the agreement by file, and every disagreement.

Both sides are brought to a list of texts in document order, each with the names of the elements that hold it:

- texts beside one another in an element are one, comments between them count for nothing; white space is made single,
  and texts of nothing else are left out;
- `html`, `head`, `body` and `tbody` are left out of the chains: browsers imply them, and we write no rows for them;
- an `svg` or `math` is one piece of source to us: its chain ends there, and its text is what is left without tags;
- the text of a template is that of its contents;
- NUL is left out of our text, as what writes texts leaves it out.

Fragments are not pages: their tests are left out. So are tests whose tree holds no text.
"""

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from pipeline.kernels.html.columns import CLOSE, OPEN, START, TAG_OF
from pipeline.kernels.html.columns import TEXT as TEXT_EVENT
from pipeline.kernels.html.entities import entity_table, read_entity
from pipeline.kernels.html.names import RAW, TAGS, VOID, names
from pipeline.kernels.html.tree.nodes import Page, read_nodes
from tests.conftest import SHARED

FOLDER: Final = SHARED / "conformance" / "html5lib" / "tree-construction"
IMPLIED: Final = frozenset(("html", "head", "body", "tbody"))
_FORMATTING: Final = "a b big code em font i nobr s small strike strong tt u"
FORMATTING: Final = frozenset(_FORMATTING.split())
FOREIGN: Final = ("svg", "math")
DECODED: Final = ("title", "textarea")
_ELEMENT: Final = re.compile(r"<[^!?].*>")
_NAME: Final = re.compile(rb"<([^\s/>]*)")
_MARKUP: Final = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|$)|<!--.*?(?:-->|$)|<[!?/]?[a-zA-Z!?/][^>]*>?", re.DOTALL)


class Text(NamedTuple):
    """A text, and the names of the elements that hold it, the outermost first."""

    chain: tuple[str, ...]
    text: str


class Case(NamedTuple):
    """A test.

    Attributes:
        source: The page.
        scripting: Whether scripts run; None where it makes no difference.
        is_fragment: Whether the source stands in some element.
        expected: The texts of the tree.
    """

    file: str
    number: int
    source: str
    scripting: bool | None
    is_fragment: bool
    expected: tuple[Text, ...]


def read_cases(path: Path) -> Iterator[Case]:
    """Yield the tests of a file."""
    data = path.read_bytes().decode("utf-8", "surrogatepass")
    for number, test in enumerate(re.split(r"(?:^|\n\n)#data\n", data)[1:], 1):
        source, rest = re.split(r"\n?#errors(?=\n|$)", test, maxsplit=1)
        head, tree = rest.split("#document\n", 1)
        scripting = True if "#script-on" in head else False if "#script-off" in head else None
        yield Case(path.name, number, source, scripting, "#document-fragment" in head, expected_texts(tree))


def expected_texts(tree: str) -> tuple[Text, ...]:
    """The texts of a tree as the tests write it."""
    texts = _Texts()
    above: list[tuple[int, str]] = []
    for depth, node in _lines(tree):
        if node.startswith("<!--"):
            continue
        while above and above[-1][0] >= depth:
            above.pop()
            texts.part()
        if node.startswith('"'):
            texts.add([name for _, name in above], node[1:-1])
        elif _ELEMENT.fullmatch(node):
            above.append((depth, node[1:-1]))
            texts.part()
    return texts.finish()


def _lines(tree: str) -> Iterator[tuple[int, str]]:
    """The nodes of a tree with their depths; a text may hold line ends."""
    held: list[str] = []
    for line in tree.rstrip("\n").split("\n"):
        if line.startswith("| ") and not (held and held[0].lstrip("| ").startswith('"') and not _ends(held)):
            if held:
                yield _node(held)
            held = [line]
        else:
            held.append(line)
    if held:
        yield _node(held)


def _ends(held: list[str]) -> bool:
    text = "\n".join(held)[2:].lstrip(" ")
    return len(text) > 1 and text.endswith('"')


def _node(held: list[str]) -> tuple[int, str]:
    text = "\n".join(held)[2:]
    node = text.lstrip(" ")
    return len(text) - len(node), node


class _Texts:
    """Texts put together: those beside one another in an element are one."""

    def __init__(self) -> None:
        self._found: list[Text] = []
        self._parted = True

    def part(self) -> None:
        """Note that an element begins or ends here, unless it holds no more than is left out."""
        self._parted = True

    def add(self, above: list[str], text: str) -> None:
        chain = tuple(name for name in above if name not in IMPLIED and name != "content")
        for at, name in enumerate(chain):
            if name.split(" ")[0] in FOREIGN:
                chain = (*chain[:at], name.split(" ")[0])
                break
        if self._found and self._found[-1].chain == chain and (not self._parted or chain[-1:] in (("svg",), ("math",))):
            self._found[-1] = Text(chain, self._found[-1].text + text)
        else:
            self._found.append(Text(chain, text))
        self._parted = False

    def finish(self) -> tuple[Text, ...]:
        said = (Text(chain, " ".join(text.split())) for chain, text in self._found)
        return tuple(text for text in said if text.text)


def our_texts(source: str) -> tuple[Text, ...]:
    """The texts of a page as we read it."""
    page = read_nodes(source.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace"))
    texts = _Texts()
    above: list[str] = []
    flags = names().flags
    for kind, node, start, end in page.events.tolist():
        if kind == TEXT_EVENT:
            texts.add(above, _text(bytes(page.source[start:end]), above[-1:]))
        elif kind == OPEN:
            texts.part()
            if not flags[page.nodes[node, TAG_OF]] & VOID:
                above.append(_called(page, node))
        elif kind == CLOSE:
            texts.part()
            above.pop()
    return texts.finish()


def _called(page: Page, node: int) -> str:
    row = page.nodes[node]
    if row[TAG_OF]:
        return TAGS[int(row[TAG_OF])]
    result = _NAME.match(bytes(page.source[row[START] :][:200]))
    return result[1].decode("utf-8", "replace").lower() if result else ""


def _text(source: bytes, inside: list[str]) -> str:
    name = inside[0] if inside else ""
    raw = names().flags[TAGS.index(name)] & RAW if name in TAGS else 0
    if name in FOREIGN:
        pieces = _MARKUP.split(source.decode("utf-8", "replace"))
        text = "".join(
            unescape(piece) if at % 2 == 0 else piece for at, piece in enumerate(pieces) if piece is not None
        )
    elif raw and name not in DECODED:
        text = source.decode("utf-8", "replace")
    else:
        text = decoded(source)
    return text.replace("\0", "")


def decoded(source: bytes) -> str:
    """A text with its character references read as the kernels read them."""
    held = np.frombuffer(source + bytes(16), np.uint8)
    out, at, end = bytearray(), 0, len(source)
    while at < end:
        if held[at] != ord("&"):
            out.append(int(held[at]))
            at += 1
            continue
        one, two, at = map(int, read_entity(held, at, end, entity_table()))
        out += (chr(one) + (chr(two) if two else "")).encode()
    return out.decode("utf-8", "replace")


def without_formatting(texts: tuple[Text, ...]) -> tuple[Text, ...]:
    """Texts whose chains hold no formatting elements; those that stand beside one another then are one."""
    out: list[Text] = []
    for chain, text in texts:
        plain = tuple(name for name in chain if name not in FORMATTING)
        if out and out[-1].chain == plain:
            out[-1] = Text(plain, " ".join(f"{out[-1].text}{text}".split()))
        else:
            out.append(Text(plain, text))
    return tuple(Text(chain, text.replace(" ", "")) for chain, text in out)


class Outcome(NamedTuple):
    """A test, our texts, and whether they agree: with formatting elements left out, and in full."""

    case: Case
    ours: tuple[Text, ...]
    agrees: bool
    agrees_in_full: bool


def run_all(folder: Path = FOLDER) -> list[Outcome]:
    """Run the tests that touch text."""
    out = []
    for path in sorted(folder.glob("*.dat")):
        for case in read_cases(path):
            if case.is_fragment or not case.expected:
                continue
            ours = our_texts(case.source)
            plain = without_formatting(ours) == without_formatting(case.expected)
            out.append(Outcome(case, ours, plain, ours == case.expected))
    return out


def main() -> None:
    """Print the agreement by file, and every disagreement."""
    outcomes = run_all()
    for one in outcomes:
        if not one.agrees_in_full:
            where = f"{one.case.file} {one.case.number}{'' if one.agrees else ' (also without formatting)'}"
            print(
                f"{where}\n  {one.case.source!r}\n  expected {_shown(one.case.expected)}\n  ours     {_shown(one.ours)}"
            )
    files = Counter(one.case.file for one in outcomes)
    plain = Counter(one.case.file for one in outcomes if one.agrees)
    full = Counter(one.case.file for one in outcomes if one.agrees_in_full)
    for file, count in files.items():
        print(f"{file:45} {count:5} {plain[file]:5} {full[file]:5}")
    count, some, whole = len(outcomes), plain.total(), full.total()
    print(f"{count} tests; {some / count:.1%} agree without formatting elements, {whole / count:.1%} in full")


def _shown(texts: tuple[Text, ...]) -> str:
    return "; ".join(f"{'>'.join(chain)}: {text!r}" for chain, text in texts)


if __name__ == "__main__":
    main()
