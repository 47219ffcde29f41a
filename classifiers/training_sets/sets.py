"""The sets, row by row: what is in them, and what was left out."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from classifiers.training.examples import registered_domain
from classifiers.training_sets.collections import Document, crawl, registers, web_documents
from classifiers.training_sets.formulas import with_formulas
from classifiers.training_sets.listings import listings, no_code
from classifiers.training_sets.verdicts import read_verdicts

Row = dict[str, Any]
TOPICS: Final = (
    "Adult Content", "Art & Design", "Software Development", "Crime & Law", "Education & Jobs",
    "Electronics & Hardware", "Entertainment", "Social Life", "Fashion & Beauty", "Finance & Business", "Food & Dining",
    "Games", "Health", "History & Geography", "Home & Hobbies", "Industrial", "Literature", "Politics", "Religion",
    "Science, Math & Technology", "Software", "Sports & Fitness", "Transportation", "Travel & Tourism",
)  # fmt: skip
"""WebOrganizer's topics, in the order of their numbers (Wettig et al., 2025)."""
_MAY_SHOW: Final = {"Software Development", "Software", "Electronics & Hardware", "Science, Math & Technology"}
"""Topics whose documents may show code or formulas, which nobody has marked."""
_LISTINGS, _NO_CODE, _SEED = 1_200, 300, 3
_WITH_FORMULAS, _FORMULA_WEIGHT, _LENGTHS = 1_500, 0.4, (600, 2_000, 5_000)
"""Documents into which formulas are put, what each counts, and code points of them."""
_SURE: Final = 0.8
"""Confidence of the model that gave topics from which it is taken at its word where another is measured."""


def topic_rows(shared: Path) -> Iterator[Row]:
    """Yield web documents with the topic that another model gave them, and how sure it was."""
    for document in web_documents(shared):
        facts = document.facts
        sure = facts["topic_confidence"]
        yield _row(document, label=TOPICS[facts["topic_id"]], weight=sure, measured=sure >= _SURE)


def quality_rows(shared: Path) -> Iterator[Row]:
    """Yield the documents that a large language model judged (`verdicts/quality.md`), with its score by five."""
    verdicts = read_verdicts("quality")
    for document in (*web_documents(shared), *registers(shared), *crawl(shared)):
        if document.key in verdicts:
            verdict = verdicts[document.key]
            yield _row(document, score=verdict["score"] / 5, cite="cite" if verdict["cite"] else "other")


def code_math_rows(shared: Path, sources: Sequence[Path]) -> Iterator[Row]:
    """Yield pages with whether they show code and whether math.

    Positive are the pages of the open crawl whose gold holds code or math, those that were read and found to
    (`verdicts/code_math.md`); for code, listings of source files; for math, documents into which made-up formulas are
    put. Negative are the other pages of the crawl, web documents about what is neither software nor science, registers,
    and made-up logs, tables and noise. Measured are the pages of the crawl alone, as their gold has them.
    """
    verdicts = read_verdicts("code_math")
    for document in crawl(shared):
        if document.facts:
            read = verdicts.get(document.key, {})
            labels = {kind for kind in ("code", "math") if document.facts.get(kind) or read.get(kind)}
            texts = dict.fromkeys(filter(None, (document.facts.get("text"), document.text)))
            for number, text in enumerate(texts):
                yield _row(document._replace(text=text), labels=labels, weight=1.0, measured=number == 0)
    others = [doc for doc in web_documents(shared) if TOPICS[doc.facts["topic_id"]] not in _MAY_SHOW]
    others += registers(shared)
    for document in others:
        yield _row(document, labels=(), weight=1.0, measured=False)
    chance = random.Random(_SEED)  # noqa: S311  (nothing secret)
    for document in chance.sample(others, _WITH_FORMULAS):
        text = with_formulas(document.text[: chance.choice(_LENGTHS)], chance)
        yield _row(document._replace(text=text), labels=("math",), weight=_FORMULA_WEIGHT, measured=False)
    for path, text in listings(sources, _LISTINGS, _SEED):
        yield _row(Document("", text, "", "", {}), group=path, labels=("code",), weight=1.0, measured=False)
    for number, text in enumerate(no_code(_NO_CODE, _SEED)):
        yield _row(Document("", text, "", "", {}), group=f"made-up {number}", labels=(), weight=1.0, measured=False)


def _row(document: Document, **said: Any) -> Row:
    said.setdefault("group", registered_domain(document.url) or document.key)
    said = {name: sorted(value) if isinstance(value, set | tuple) else value for name, value in said.items()}
    return {"text": document.text, "url": document.url, "language": document.language, **said}
