"""The set of toxicity: tweets that people labelled, sentences in which identity terms change, and web documents."""

import gzip
import html
import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from classifiers.training_sets.collections import web_documents

_TOXIC: Final = {"hate", "offensive"}
_MARKS: Final = re.compile(r"https?://\S+|&?#\w+;|\bRT\b|@\w+:?|[\"“”]")
"""What tells a tweet, and nothing of what it says."""
_BESIDE: Final = 0.9
"""Weight of what stands beside the tweets; measures are taken on the tweets alone."""
_DOCUMENTS, _CHARS = 3_000, 1_000


def identity_terms() -> list[str]:
    """Return words for groups of people that carry no judgement, one a line of `identity_terms.txt`."""
    return _lines("identity_terms.txt")


def toxicity_rows(shared: Path) -> Iterator[dict[str, Any]]:
    """Yield texts with whether they are toxic."""
    with gzip.open(shared / "safety" / "tweets-hate-offensive.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            tweet = json.loads(line)
            text = " ".join(_MARKS.sub(" ", html.unescape(tweet["text"])).split())
            yield _row(text, text, is_toxic=tweet["class"] in _TOXIC, weight=1.0)
    terms = identity_terms()
    for number, sentence in enumerate(_lines("identity_sentences.txt")):
        verdict, words = sentence.split("\t")
        for turn in range(4):
            text = words.replace("{}", terms[(7 * number + 11 * turn) % len(terms)])
            yield _row(text, words, is_toxic=verdict == "toxic", weight=_BESIDE)
    for number, document in enumerate(web_documents(shared)):
        if number < _DOCUMENTS:
            yield _row(document.text[:_CHARS], document.key, is_toxic=False, weight=_BESIDE)


def _row(text: str, group: str, *, is_toxic: bool, weight: float) -> dict[str, Any]:
    return {"text": text, "group": group, "labels": ["toxicity"] if is_toxic else [], "weight": weight}


def _lines(name: str) -> list[str]:
    content = (files(__package__) / name).read_text(encoding="utf-8")
    return [line for line in content.splitlines() if line and not line.startswith("#")]
