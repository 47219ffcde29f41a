"""spaCy's rules for English, which need no model: chunks of text into words, and texts into sentences."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

# spaCy cannot split a text with a token of this name, which is one of its own; datatrove then takes the name out.
_UNSPLITTABLE = "IS_ALPHA"


@cache
def english() -> tuple[Any, Any]:
    """Return spaCy's English rules without a model, and what ends its sentences."""
    language = import_module("spacy").blank("en")  # a second to load, and only some runs need it
    return language, language.add_pipe("sentencizer")


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text, which joined give the text.

    >>> split_sentences("One. Two?  Three")
    ['One.', ' Two?', '  Three']
    """
    language, _ = english()
    language.max_length = len(text) + 1
    with language.memory_zone():
        ends = [sentence.end_char for sentence in language(text.replace(_UNSPLITTABLE, "")).sents]
    bounds = [0, *ends[:-1], len(text)]
    return [text[start:end] for start, end in pairwise(bounds)]


class Specials:
    """spaCy's special cases that are sought in whole texts.

    Attributes:
        pairs: Words that may stand side by side in one; `firsts` and `seconds` of these.
        marks: The longest word of each that changes anything; a chunk it was applied to holds that word.
        exact: Chunks that are a special case as they stand: those are not sought.
        bare: spaCy's rules without special cases.
    """

    def __init__(self) -> None:
        own: Any = english()[0].tokenizer
        affixes = own.prefix_search, own.suffix_search, own.infix_finditer, own.token_match, own.url_match
        self.bare = import_module("spacy.tokenizer").Tokenizer(own.vocab, {}, *affixes)
        self.exact = frozenset(own.rules)
        self.pairs: set[tuple[str, str]] = set()
        self.marks: set[str] = set()
        for text in own.rules:
            if not (own.find_prefix(text) or own.find_suffix(text) or own.find_infix(text)):
                continue
            sought, put = ([token.text for token in split(text)] for split in (self.bare, own))
            self.pairs.update(pairwise(sought))
            if sought != put:
                self.marks.add(max(put, key=len))
        self.firsts, self.seconds = ({pair[side] for pair in self.pairs} for side in (0, 1))

    def changed(self, chunks: list[str], words: list[list[str]]) -> npt.NDArray[np.bool_]:
        """Return which chunks were split otherwise than they would be without special cases."""
        marks = np.zeros(len(chunks), np.bool_)
        marked = [
            at for at, chunk in enumerate(chunks) if not self.marks.isdisjoint(words[at]) and chunk not in self.exact
        ]
        plain = split_chunks([chunks[at] for at in marked], self.bare)
        marks[marked] = [words[at] != bare for at, bare in zip(marked, plain, strict=True)]
        return marks


def split_chunks(chunks: list[str], tokenizer: Any) -> list[list[str]]:
    """Return the words of each chunk; a line break keeps them from touching each other."""
    texts = [chunk.replace(_UNSPLITTABLE, "").strip() for chunk in chunks]
    whole = "\n".join(filter(None, texts))
    with english()[0].memory_zone():
        tokens = [token.text for token in tokenizer(whole)]
    ends = [at for at, word in enumerate(tokens) if word == "\n"]
    pieces = iter(
        [word for word in tokens[start:end] if not word.isspace()]
        for start, end in zip([0, *(end + 1 for end in ends)], [*ends, len(tokens)], strict=True)
    )
    return [next(pieces) if text else [] for text in texts]
