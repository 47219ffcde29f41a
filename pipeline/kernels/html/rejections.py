"""Why blocks of a page were taken for no main content, in words: what tells them from the blocks that were kept."""

import re
from collections import Counter
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.kernels.html import columns as col
from pipeline.kernels.html.embedded import Embedded
from pipeline.kernels.html.main_content.feature_names import FAR, NAMES
from pipeline.kernels.html.names import GROUP, GROUPS
from pipeline.kernels.html.reading import Reading
from pipeline.kernels.text.placeholders import Placeholders

# Elements in which main content hardly ever stands.
_ASIDE: Final = ("nav", "footer", "header", "aside", "form", "button", "label", "menu", "noscript", "address")
# Groups of class words that are said of main content as often as of the rest.
_SAID_OF_CONTENT: Final = frozenset(
    (
        "content",
        "article",
        "entry",
        "body",
        "main",
        "title",
        "lead",
        "image",
        "code",
        "quote",
        "note",
        "section",
        "wrap",
    )
)
_GROUPS_OF: Final = {
    word: [group for group, words in GROUPS.items() if word in words.split()]
    for word in " ".join(GROUPS.values()).split()
}
# What holds for a larger share of the kept words tells nothing.
_COMMON: Final = 0.1
_FEW: Final = 3
_CLASSES, _CLASS_REACH, _CLASS_CHARS = 3, 5, 30
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z]+")
_LIKELY: Final = 0.5
# Thousandths of log-odds.
_AGAINST: Final = -300


class Rejected(NamedTuple):
    """A block that was not taken.

    Attributes:
        text: What it says, in one line.
        words: How many words that is.
        probability: How likely the model took a word of it to be main content.
        why: What is telling about it.
    """

    text: str
    words: int
    probability: float
    why: list[str]


def block_texts(reading: Reading) -> list[str]:
    """What each block of a page says, in one line, code and formulas in place."""
    placeholders = Placeholders()
    embedded = Embedded(reading.page, reading.blocks, reading.formulas, placeholders)
    return [" ".join(placeholders.expand(text).split()) for text in embedded.texts(reading.blocks.rows)]


def cut_of(reading: Reading) -> float | None:
    """The lowest probability among the blocks that were kept, pictures aside; None where none was."""
    kept = reading.kept & (reading.blocks.rows[:, col.KIND] != col.PICTURE) if len(reading.kept) else reading.kept
    return float(reading.probability[kept].min()) if kept.any() else None


def rejected_blocks(reading: Reading, texts: list[str], left_out: npt.NDArray[np.bool_]) -> list[Rejected]:
    """What was left out of a page, in its order.

    Args:
        reading: The page.
        texts: Of each block what it says.
        left_out: Which blocks.

    >>> from pipeline.kernels.html.main_content.model import shipped_model
    >>> from pipeline.kernels.html.reading import read_page
    >>> prose = "<p>The mill stands by the river, and its old wheel has turned there day and night for years.</p>" * 3
    >>> page = read_page(f"<nav><a href=/>All mills</a></nav><main>{prose}</main>".encode(), None, shipped_model())
    >>> [(block.text, block.why[:2]) for block in rejected_blocks(page, block_texts(page), ~page.kept)]
    [('All mills', ['all of it is links', 'in <nav>'])]
    """
    counts = reading.blocks.counts
    words = counts[:, col.WORDS] + counts[:, col.EMBEDDED_WORDS]
    told = _Telling(reading, words, np.flatnonzero(~left_out))
    return [
        Rejected(texts[number], int(words[number]), float(reading.probability[number]), told.of(number))
        for number in np.flatnonzero(left_out).tolist()
    ]


class _Telling:
    """The facts about a page's blocks that hardly hold for those that were kept."""

    def __init__(self, reading: Reading, words: npt.NDArray[np.int64], kept: npt.NDArray[np.intp]) -> None:
        self._counts = reading.blocks.counts
        self._page = reading.page
        self._nodes = reading.blocks.rows[:, col.NODE]
        self._pictures = reading.blocks.rows[:, col.KIND] == col.PICTURE
        self._words = words
        self._kept = kept
        self._features = reading.features
        self._alone, self._probability = reading.alone, reading.probability
        self._weight = words[kept] / max(1, words[kept].sum())
        self._times = Counter(self._counts[:, col.HASH].tolist())
        self._lean = reading.features[NAMES.index("lean.nearest")]
        self._elements = self._telling("near", _ASIDE)
        self._classes = self._telling("class", [name for name in GROUP if name not in _SAID_OF_CONTENT])

    def _telling(self, family: str, names: "tuple[str, ...] | list[str]") -> dict[str, npt.NDArray[np.float32]]:
        """Name → how far up it is from each block, for what few of the kept words stand in."""
        rows = {name: self._features[NAMES.index(f"{family}.{name}")] for name in names}
        return {name: row for name, row in rows.items() if (row[self._kept] < FAR) @ self._weight <= _COMMON}

    def of(self, number: int) -> list[str]:
        facts = [*self._what_it_is(number), *self._where_it_is(number), *self._what_it_says(number)]
        if self._alone[number] >= _LIKELY > self._probability[number]:
            facts.append("likely by itself, but what is around it or like it is left out")
        return facts or ["nothing telling by itself: it is the sum of small things"]

    def _what_it_is(self, number: int) -> list[str]:
        counts = self._counts[number]
        words = max(1, int(counts[col.WORDS]))
        facts: list[str] = []
        if self._pictures[number]:
            facts.append("words of a picture beside text that is not kept")
        if 2 * counts[col.HIDDEN_WORDS] > words:
            facts.append("hidden from readers")
        if 2 * counts[col.LINK_WORDS] >= words:
            share = counts[col.LINK_WORDS] / words
            facts.append("all of it is links" if share >= 1 else f"{share:.0%} of it is links")
        if 2 * counts[col.BUTTON_WORDS] >= words:
            facts.append("a button")
        if (times := self._times[int(counts[col.HASH])]) > 1:
            facts.append(f"stands {times} times on the page")
        return facts

    def _where_it_is(self, number: int) -> list[str]:
        elements, classes = (
            sorted((float(row[number]), name) for name, row in names.items() if row[number] < reach)
            for names, reach in ((self._elements, FAR), (self._classes, _CLASS_REACH))
        )
        facts = [f"in <{name}>" for _, name in elements[:1]]
        if said := self._classes_around(number, {name for _, name in classes}):
            facts.append(f"class {', '.join(said)}")
        elif self._lean[number] <= _AGAINST:
            facts.append("its classes are those of boilerplate")
        if len(self._kept) and not facts and not self._kept[0] < number < self._kept[-1]:
            facts.append(f"{'before' if number < self._kept[0] else 'after'} all that is kept")
        return facts

    def _classes_around(self, number: int, groups: set[str]) -> list[str]:
        """The classes of the elements around a block by which it belongs to these groups of class words."""
        nodes, source = self._page.nodes, self._page.source
        node = int(self._nodes[number])
        classes: dict[str, None] = {}
        for _ in range(_CLASS_REACH if groups else 0):
            start, end = nodes[node, [col.CLASS, col.CLASS_END]].tolist()
            names = source[start:end].tobytes().decode("utf-8", "replace").split()
            classes |= dict.fromkeys(name[:_CLASS_CHARS] for name in names if groups & _groups_of(name))
            node = max(0, int(nodes[node, col.PARENT]))
        return list(classes)[:_CLASSES]

    def _what_it_says(self, number: int) -> list[str]:
        counts = self._counts[number]
        facts = []
        if self._words[number] <= _FEW:
            facts.append("few words")
        if counts[col.KNOWN] and counts[col.WEIGHT] / counts[col.KNOWN] <= _AGAINST:
            facts.append("its words are those of boilerplate")
        return facts


def _groups_of(name: str) -> set[str]:
    """The groups of class words that a class belongs to.

    >>> sorted(_groups_of("cookieBanner"))
    ['cookie', 'header']
    """
    words = {*_CAMEL.split(name), name}
    return {group for word in words for group in _GROUPS_OF.get(word.lower(), ())}
