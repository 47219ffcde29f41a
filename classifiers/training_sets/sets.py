"""The sets, row by row: what is in them, and what was left out."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from classifiers.training.examples import registered_domain
from classifiers.training_sets.collections import Document, crawl, registers, web_documents
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
_BESIDE: Final = 0.9
"""Weight of what stands beside the pages of the crawl as their gold has them; measures are taken on these alone."""


def topic_rows(shared: Path) -> Iterator[Row]:
    """Yield web documents with the topic that another model gave them, and how sure it was."""
    for document in web_documents(shared):
        facts = document.facts
        yield _row(document, label=TOPICS[facts["topic_id"]], weight=facts["topic_confidence"])


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
    (`verdicts/code_math.md`), and, for code, listings of source files. Negative are the other pages of the crawl, web
    documents about what is neither software nor science, registers, and made-up logs, tables and noise.
    """
    verdicts = read_verdicts("code_math")
    for document in crawl(shared):
        if document.facts:
            read = verdicts.get(document.key, {})
            labels = {kind for kind in ("code", "math") if document.facts.get(kind) or read.get(kind)}
            texts = dict.fromkeys(filter(None, (document.facts.get("text"), document.text)))
            for number, text in enumerate(texts):
                yield _row(document._replace(text=text), labels=labels, weight=_BESIDE if number else 1.0)
    for document in web_documents(shared):
        if TOPICS[document.facts["topic_id"]] not in _MAY_SHOW:
            yield _row(document, labels=(), weight=_BESIDE)
    for document in registers(shared):
        yield _row(document, labels=(), weight=_BESIDE)
    for path, text in listings(sources, _LISTINGS, _SEED):
        yield {"text": text, "url": "", "language": "", "group": path, "labels": ["code"], "weight": _BESIDE}
    for number, text in enumerate(no_code(_NO_CODE, _SEED)):
        yield {"text": text, "url": "", "language": "", "group": f"made-up {number}", "labels": [], "weight": _BESIDE}


def _row(document: Document, **said: Any) -> Row:
    group = registered_domain(document.url) or document.key
    said = {name: sorted(value) if isinstance(value, set | tuple) else value for name, value in said.items()}
    return {"text": document.text, "url": document.url, "language": document.language, "group": group, **said}
