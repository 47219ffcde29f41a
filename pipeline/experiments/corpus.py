"""What an experiment is made of: cells of a run with samples of their texts, and texts that none of them may have."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

OVERLAP_CHARS = 100
"""A line of this length that stands in a target's text is a leak."""
REST = "*"


@dataclass(frozen=True)
class Cell:
    """Documents that are weighed together.

    Attributes:
        name: As `mix.weights` has it: a category, `category/topic`, `category/topic/low-high`; `*` for any topic.
        tokens: By the run's tokenizer.
        bytes: Of text.
        documents: How many.
        digest: Of their doc_ids, whatever their order.
    """

    name: str
    tokens: int
    bytes: int
    documents: int
    digest: str


@dataclass(frozen=True)
class Sample:
    """The first documents of a cell by the order in which they are drawn: any smaller sample is a prefix of it.

    Attributes:
        doc_ids: Of the documents.
        texts: Of the documents.
        tokens: Of each text, by the run's tokenizer.
    """

    doc_ids: tuple[str, ...]
    texts: tuple[str, ...]
    tokens: tuple[int, ...]

    def some(self, chosen: Iterable[int]) -> "Sample":
        """Return some of the documents, by their numbers."""
        rows = list(chosen)
        return Sample(
            tuple(self.doc_ids[row] for row in rows),
            tuple(self.texts[row] for row in rows),
            tuple(self.tokens[row] for row in rows),
        )

    def start(self, tokens: int) -> "Sample":
        """Return the first documents, until they have so many tokens.

        >>> Sample(("a", "b", "c"), ("x", "y", "z"), (5, 5, 5)).start(6).doc_ids
        ('a', 'b')
        """
        before = accumulate(self.tokens, initial=0)
        return self.some(range(sum(1 for count in list(before)[:-1] if count < tokens)))


@dataclass(frozen=True)
class Target:
    """Texts by whose bits per byte mixes are judged.

    Attributes:
        name: What it is called.
        weight: In the mean over targets.
        texts: Documents, each of one byte at least.
    """

    name: str
    weight: float
    texts: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Hash of the texts."""
        hasher = hashlib.sha256()
        for text in self.texts:
            hasher.update(hashlib.sha256(text.encode("utf-8", "replace")).digest())
        return hasher.hexdigest()[:16]


@dataclass(frozen=True)
class Corpus:
    """Cells, samples and targets of a run.

    Attributes:
        cells: In order of their names.
        samples: Cell → its sample.
        targets: What mixes are judged by.
        target_tokens: Of the corpus that the mix is for.
        max_epochs: Times a document may be repeated in it.
        tokenizer: Name of the run's tokenizer.
        notes: What had to be decided on the way, for the reader.
        unjudged: Cells that no target stands for: they keep their natural shares.
    """

    cells: tuple[Cell, ...]
    samples: Mapping[str, Sample]
    targets: tuple[Target, ...]
    target_tokens: int
    max_epochs: float
    tokenizer: str
    notes: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()


def without_leaks(corpus: Corpus) -> Corpus:
    """Return a corpus whose samples share no long line and no whole text with a target; a note says what went."""
    keys = {key for target in corpus.targets for text in target.texts for key in _keys(text)}
    samples, lost = {}, 0
    for name, sample in corpus.samples.items():
        clean = [number for number, text in enumerate(sample.texts) if keys.isdisjoint(_keys(text))]
        lost += len(sample.texts) - len(clean)
        samples[name] = sample.some(clean)
    if not lost:
        return corpus
    shared = f"a line of {OVERLAP_CHARS} characters with a target"
    note = f"{lost:,} documents of the samples share {shared}, and were left out"
    return replace(corpus, samples=samples, notes=(*corpus.notes, note))


def _keys(text: str) -> set[str]:
    return {text.strip(), *(line for line in map(str.strip, text.split("\n")) if len(line) >= OVERLAP_CHARS)}


def merged_names(tokens: Mapping[str, int], least: int) -> tuple[dict[str, str], list[str]]:
    """Return raw cell → cell, where those with too few tokens join their category's rest, and what to say about it.

    >>> merged_names({"general/a": 900, "general/b": 5, "code/*": 700}, 100)[0]
    {'code/*': 'code/*', 'general/a': 'general/a', 'general/b': 'general/*'}
    """
    names = {raw: _rest(raw) if "/" in raw and size < least else raw for raw, size in sorted(tokens.items())}
    moved = [raw for raw, name in names.items() if raw != name]
    notes = []
    if moved:
        share = sum(tokens[raw] for raw in moved) / max(sum(tokens.values()), 1)
        shown = ", ".join(moved[:5]) + (f" and {len(moved) - 5} more" if len(moved) > 5 else "")
        notes.append(f"cells with fewer than {least:,} tokens are in the rest of their category ({share:.1%}): {shown}")
    sums: dict[str, int] = {}
    for raw, name in names.items():
        sums[name] = sums.get(name, 0) + tokens[raw]
    few = {name: size for name, size in sums.items() if size < least}
    notes += [f"cell {name} has {size:,} tokens only: little is learnt from it" for name, size in few.items()]
    return names, notes


def _rest(name: str) -> str:
    return f"{name.partition('/')[0]}/{REST}"


def held_out(domains: Sequence[tuple[str, str, int]], tokens: int, each: int = 2) -> dict[str, tuple[str, ...]]:
    """Return target → the registered domains that are held out for it, two targets a category.

    A domain with more than a tenth of its category's tokens is never taken: what it teaches could not be replaced.

    Args:
        domains: (category, domain, tokens), in the order in which they are drawn.
        tokens: Of a category, to be held out; a twentieth of it at the most.
        each: Targets a category.

    >>> held_out([("code", f"{n}.org", 10) for n in range(100)], 30)
    {'code-1': ('0.org', '2.org'), 'code-2': ('1.org',)}
    """
    totals: dict[str, int] = {}
    for category, _, size in domains:
        totals[category] = totals.get(category, 0) + size
    taken: dict[str, list[str]] = {}
    sums = dict.fromkeys(totals, 0)
    for category, domain, size in domains:
        enough = sums[category] >= min(tokens, totals[category] / 20) and len(taken.get(category, ())) >= each
        if enough or size > totals[category] / 10:
            continue
        taken.setdefault(category, []).append(domain)
        sums[category] += size
    return {
        f"{category}-{number + 1}": tuple(names[number::each])
        for category, names in sorted(taken.items())
        if len(names) >= each
        for number in range(each)
    }
