"""Documents that are like one another in all the ways that matter, and the plainest program that says which stay."""

import json
import math
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.curation import Request, curate
from pipeline.kernels.near_duplicates.minhash import band_keys, sketch
from pipeline.kernels.urls.addresses import row_key
from tests.e2e.reading import rows

Document = dict[str, Any]
Key = Callable[[Document], float]
WORDS = [f"{start}{middle}{end}" for start in "bdfgklmnprst" for middle in ("a", "ei", "o", "u") for end in "lmnrst"]
BANDS, PERMUTATIONS, ENOUGH = 16, 128, 103
DAY = datetime(2024, 1, 1, tzinfo=UTC)
COLUMNS = {"fetch_time": pa.timestamp("us", "UTC"), "quality": pa.float64()}


def prose(draw: random.Random, words: int) -> list[str]:
    return draw.choices(WORDS, k=words)


def changed(draw: random.Random, words: list[str], count: int) -> list[str]:
    """Replace some words; each costs up to five shingles on either side."""
    result = list(words)
    for at in draw.sample(range(len(words)), count):
        result[at] = draw.choice(WORDS)
    return result


def corpus(seed: int = 5, size: int = 1400) -> list[Document]:
    """Return clusters, chains of versions, exact copies, short and empty texts in three languages, shuffled."""
    draw = random.Random(seed)
    texts: list[tuple[str, str]] = []
    while len(texts) < size:
        language = draw.choice(["en", "en", "de", "zz"])
        words = prose(draw, draw.randint(40, 160))
        kind = draw.randrange(6)
        family = [words]
        if kind == 0:
            family += [changed(draw, words, draw.randint(0, len(words) // 30)) for _ in range(draw.randint(1, 30))]
        elif kind == 1:
            for _ in range(draw.randint(2, 15)):
                family.append(changed(draw, family[-1], 1))
        elif kind == 2:
            family += [[word.upper() + draw.choice(",.!") for word in words] for _ in range(draw.randint(1, 5))]
        elif kind == 3:
            family += [prose(draw, draw.randint(1, 4)) for _ in range(3)]
        elif kind == 4:
            family += [[draw.choice(["—", "…", "?!"])]]
        texts += [(" ".join(some), draw.choice([language] * 6 + ["fr"])) for some in family]
    draw.shuffle(texts)
    return [document(draw, number, text, language) for number, (text, language) in enumerate(texts)]


def document(draw: random.Random, number: int, text: str, language: str = "en") -> Document:
    return {
        "url": f"page-{number}",
        "text": text,
        "language": language,
        "fetch_time": draw.choice([None, *(DAY + timedelta(days=day) for day in range(5))]),
        "quality": draw.choice([None, math.nan, -0.0, 0.0, -2.5, 7.25]),
        "votes": draw.choice([None, -4, 0, 9]),
    }


def templated(draw: random.Random, pages: int, share: float, first: int = 0) -> list[Document]:
    """Return pages of which a share is the same words."""
    frame = prose(draw, int(200 * share))
    return [
        document(draw, first + number, " ".join(frame + prose(draw, 200 - len(frame)))) | {"language": "tt"}
        for number in range(pages)
    ]


def write_table(path: Path, documents: Sequence[Document]) -> str:
    names = list(documents[0])
    columns = {name: pa.array([one[name] for one in documents], COLUMNS.get(name)) for name in names}
    pq.write_table(pa.table(columns), path)
    return str(path)


def curated(
    folder: Path, files: Sequence[Sequence[Document]], *assignments: str, stage: str = "dedup_document"
) -> Path:
    """Run one stage on a table of a file each."""
    folder.mkdir(parents=True)
    inputs = tuple(write_table(folder / f"{number}.parquet", some) for number, some in enumerate(files))
    curate(Request(str(folder / "run"), inputs, assignments=assignments, first=stage, last=stage))
    return folder / "run"


def decided(run: Path) -> dict[str, dict[str, Any]]:
    """Return the decisions by URL."""
    result = rows(run, "decisions")
    by_url = {row["url"]: row for row in result}
    assert len(by_url) == len(result)
    return by_url


def kept(run: Path) -> set[str]:
    return {url for url, row in decided(run).items() if row["kept"]}


class Fate(NamedTuple):
    """What becomes of a document: the earlier kept one that is most like it, and at how many positions; or None."""

    survivor: str | None
    matches: int


class Plain:
    """One document after the other, in order: it goes if it is like an earlier one that stays."""

    def __init__(self, documents: Sequence[Document], ids: dict[str, str], key: Key | None = None) -> None:
        """Sketch the documents and put them in order; without a key the longest come first."""
        sketches = sketch(pa.array([one["text"] for one in documents]), PERMUTATIONS, 5)
        ranked = sketches.units if key is None else np.array([key(one) for one in documents], float)
        numbers = range(len(documents))
        if key is None:
            ranked = -ranked
        order = sorted(numbers, key=lambda at: (float(ranked[at]), ids[documents[at]["url"]][:15], at))
        self.urls = [documents[at]["url"] for at in order]
        self.order = {url: at for at, url in enumerate(self.urls)}
        self.units = sketches.units[order]
        self.signatures = sketches.signatures[order]
        self.texts = sketches.keys[order]
        groups = np.array([row_key(documents[at]["language"]) for at in order], np.int64)
        self.bands = band_keys(self.signatures, BANDS, groups)

    def matches(self, url: str, other: str) -> int:
        left, right = self.order[url], self.order[other]
        return int((self.signatures[left] == self.signatures[right]).sum())

    def shares_a_band(self, url: str, other: str) -> bool:
        return bool((self.bands[self.order[url]] == self.bands[self.order[other]]).any())

    def fates(self, came_before: int = 0) -> dict[str, Fate]:
        """Return what becomes of each; the first ones of the order, which came before, stay whatever they are like."""
        stays: list[int] = []
        result = {}
        for at, url in enumerate(self.urls):
            fate = Fate(None, 0)
            if at >= came_before and self.units[at] and stays:
                candidates = np.array(stays)
                candidates = candidates[(self.bands[candidates] == self.bands[at]).any(axis=1)]
                same = (self.signatures[candidates] == self.signatures[at]).sum(axis=1)
                if len(same) and same.max() >= ENOUGH:
                    best = int(same.argmax())
                    fate = Fate(self.urls[candidates[best]], int(same[best]))
            if fate.survivor is None:
                stays.append(at)
            result[url] = fate
        return result


def notes(run: Path) -> dict[str, Any]:
    report = json.loads((run / "report.json").read_text())
    (result,) = (stage["notes"] for stage in report["stages"] if stage["stage"] == "dedup_document")
    return dict(result)


def split(documents: list[Document], files: int, seed: int) -> list[list[Document]]:
    turned = random.Random(seed).sample(documents, len(documents))
    return [turned[number::files] for number in range(files)]


def ids_of(run: Path) -> dict[str, str]:
    return {url: row["doc_id"] for url, row in decided(run).items()}
