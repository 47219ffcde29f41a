"""Stories in sixteen languages, put together from the sentences in `prose/`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOM = Path(__file__).parent / "prose"
LANGUAGES = ("de", "fr", "es", "it", "pt", "nl", "sv", "pl", "ru", "uk", "tr", "ar", "zh", "ja", "ko")
PLACES = (
    "Ashford Weir", "Brindle", "Casterly Quay", "Dunmoor", "Eastwick Fen", "Fallow Bridge", "Garrick", "Hollin Bay",
    "Inverkeld", "Jarrow Mill", "Kettleby", "Lower Thorne", "Marrick", "Nether Sound", "Osterley Down", "Penhallow",
)  # fmt: skip
NAMES = (
    "Agnes Holloway", "Bruno Tarrant", "Clara Whitlow", "Desmond Okafor", "Edith Lindqvist", "Farid Noori",
    "Greta Maddox", "Henrik Solberg", "Ines Carvalho", "Jonas Petrak", "Kamala Rao", "Lucien Abbot",
    "Miriam Stone", "Nils Vang",
)  # fmt: skip
UNSPACED = ("zh", "ja")
SHORT_WORDED = ("ko", "tr")


@dataclass(frozen=True, slots=True)
class Story:
    """A text that reads like a page: a slug for its URL, a title and paragraphs."""

    slug: str
    title: str
    language: str
    paragraphs: tuple[str, ...]


def rank(key: str) -> int:
    """Return a number that is drawn from the key alone, the same everywhere.

    >>> rank("mill") == rank("mill") != rank("kiln")
    True
    """
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big")


def choose(key: str, total: int, take: int) -> list[int]:
    """Return `take` of the numbers below `total`, shuffled by the key."""
    return sorted(range(total), key=lambda number: rank(f"{key}/{number}"))[:take]


def spread(key: str, total: int, take: int, count: int, most_shared: int) -> list[list[int]]:
    """Return `count` choices of which no two share more than `most_shared` members."""
    result: list[list[int]] = []
    attempt = 0
    while len(result) < count:
        candidate = choose(f"{key}/{attempt}", total, take)
        if all(len(set(candidate) & set(other)) <= most_shared for other in result):
            result.append(candidate)
        attempt += 1
    return result


@cache
def lines(name: str) -> tuple[str, ...]:
    """Return the lines of a file of sentences."""
    return tuple((ROOM / f"{name}.txt").read_text(encoding="utf-8").splitlines())


@cache
def labels(language: str) -> dict[str, str]:
    """Return the words around a page in a language: nav, cookie, footer, newsletter, titles."""
    return dict(line.split(": ", 1) for line in lines(language)[:5])


def fill(template: str, key: str, topic: str = "the mill") -> str:
    """Return the sentence with its blanks filled by draws from the key."""
    number = rank(key)
    return template.format(
        topic=topic,
        place=PLACES[number % len(PLACES)],
        name=NAMES[number // 16 % len(NAMES)],
        year=1704 + number // 512 % 230,
        number=5 + number // 4096 % 83,
        code="it",
    )


def in_paragraphs(sentences: Sequence[str], language: str, size: int = 4) -> tuple[str, ...]:
    """Return the sentences joined in groups of `size`."""
    glue = "" if language in UNSPACED else " "
    return tuple(glue.join(sentences[start : start + size]) for start in range(0, len(sentences), size))


@cache
def topics() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return the English topics: slug, name within a sentence, five facts."""
    written = lines("topics")
    heads = [written[start][2:].split(" | ") for start in range(0, len(written), 6)]
    return tuple((slug, name, written[6 * i + 1 : 6 * i + 6]) for i, (slug, name) in enumerate(heads))


@cache
def english_stories() -> tuple[Story, ...]:
    """Return four stories on each topic; no two share more than a few sentences."""
    general = lines("general")
    subjects = topics()
    picks = spread("english", len(general), 9, 4 * len(subjects), 4)
    stories = []
    for aspect, title in enumerate(("{}", "{}: a closer look", "Notes on {}", "More about {}")):
        for position, (slug, name, facts) in enumerate(subjects):
            key = f"{slug}/{aspect}"
            own = [facts[i] for i in choose(key, 5, 4)]
            more = [fill(general[i], f"{key}/{i}", name) for i in picks[aspect * len(subjects) + position]]
            mixed = own[:2] + more[:3] + own[2:3] + more[3:6] + own[3:] + more[6:]
            ending = f"-{aspect + 1}" if aspect else ""
            heading = title.format(name if aspect >= 2 else name.capitalize())
            stories.append(Story(slug + ending, heading, "en", in_paragraphs(mixed, "en")))
    return tuple(stories)


@cache
def foreign_stories(language: str) -> tuple[Story, ...]:
    """Return ten stories for a language with 24 sentences, six for one with 20."""
    sentences = lines(language)[5:]
    titles = labels(language)["titles"].split(" | ")
    take = 11 if language in SHORT_WORDED else 10
    picks = spread(language, len(sentences), take, len(titles) + 1, take - 4)
    return tuple(
        Story(str(i + 1), titles[i % len(titles)], language, in_paragraphs([sentences[s] for s in pick], language, 3))
        for i, pick in enumerate(picks)
    )
