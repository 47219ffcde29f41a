"""The set of toxicity: tweets that people labelled, sentences written for this project, and web documents as harmless.

Of the tweets four in five are toxic, and all are short. So that being short, or a tweet, tells nothing, harmless tweets
weigh more, and web documents come as pieces of all lengths, from nothing at all to some hundred words.
"""

import gzip
import html
import json
import random
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from classifiers.training_sets.collections import web_documents

_TOXIC: Final = {"hate", "offensive"}
_MARKS: Final = re.compile(r"https?://\S+|&?#\w+;|\bRT\b|@\w+:?|[\"“”]")
"""What tells a tweet, and nothing of what it says."""
_SENTENCE: Final = re.compile(r"(?<=[.!?\n])\s+")
_TWEET_WEIGHT: Final = {True: 0.5, False: 3.0}
"""Of toxic and of harmless tweets: about as much of both."""
_PIECES: Final = (2, 5, 10, 20, 40, 150)
"""Words of the pieces of a web document."""
_PIECE_WEIGHT: Final = 0.4
_SENTENCE_WEIGHT: Final = 3.0
_OPENING: Final = 4
"""Tweets that begin with the same words are in one fold: most of them are the same tweet, passed on."""
_SEED: Final = 5


def identity_terms() -> list[str]:
    """Return words for groups of people that carry no judgement, one a line of `identity_terms.txt`."""
    return _lines("identity_terms.txt")


def toxicity_rows(shared: Path) -> Iterator[dict[str, Any]]:
    """Yield texts with whether they are toxic; measures are taken on the tweets alone."""
    with gzip.open(shared / "safety" / "tweets-hate-offensive.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            tweet = json.loads(line)
            text = " ".join(_MARKS.sub(" ", html.unescape(tweet["text"])).split())
            opening = " ".join(re.findall(r"\w+", text.casefold())[:_OPENING])
            is_toxic = tweet["class"] in _TOXIC
            yield _row(text, opening, is_toxic, _TWEET_WEIGHT[is_toxic], measured=True)
    terms = identity_terms()
    for number, line in enumerate(_lines("identity_sentences.txt")):
        verdict, sentence = line.split("\t")
        for turn in range(4):
            text = sentence.replace("{}", terms[(7 * number + 11 * turn) % len(terms)])
            yield _row(text, sentence, verdict == "toxic", 1.0)
    for line in _lines("plain_sentences.txt"):
        verdict, sentence = line.split("\t")
        yield _row(sentence, sentence, verdict == "toxic", _SENTENCE_WEIGHT)
    draw, seen = random.Random(_SEED), set[str]()  # noqa: S311  (no secret)
    for document in web_documents(shared):
        sentences = _SENTENCE.split(document.text)
        for words in _PIECES:
            start = draw.randrange(len(sentences))
            piece = " ".join(" ".join(sentences[start : start + words]).split()[:words])
            if piece not in seen:
                seen.add(piece)
                yield _row(piece, document.key, is_toxic=False, weight=_PIECE_WEIGHT)


def _row(text: str, group: str, is_toxic: bool, weight: float, *, measured: bool = False) -> dict[str, Any]:  # noqa: FBT001
    labels = ["toxicity"] if is_toxic else []
    return {"text": text, "group": group, "labels": labels, "weight": weight, "measured": measured}


def _lines(name: str) -> list[str]:
    content = (files(__package__) / name).read_text(encoding="utf-8")
    return [line for line in content.splitlines() if line and not line.startswith("#")]
