"""The text that a page declares in JSON-LD, for pages whose body is filled by scripts and holds none.

schema.org's types that carry their content: articles, questions with answers, instructions, recipes; and, with less
weight, what is only described: products, jobs, events.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from pipeline.kernels.html.columns import BEGIN, STOP
from pipeline.kernels.html.names import no_words
from pipeline.kernels.html.references import unescape
from pipeline.kernels.html.tree.nodes import read_nodes
from pipeline.kernels.html.writing.blocks import read_blocks

_MARKUP: Final = re.compile(
    r"<(?:p|br|div|h[1-6]|ul|ol|li|a|strong|em|b|i|span|table|pre|code|blockquote)\b|</\w", re.IGNORECASE
)
_ESCAPED: Final = re.compile(r"&(?:lt|#60|#x3c);", re.IGNORECASE)
_DESCRIBED: Final = frozenset(
    ("product", "productgroup", "jobposting", "event", "course", "softwareapplication", "book")
)
_MAX_PARTS: Final = 500
_MAX_DEPTH: Final = 6
_PLACEHOLDERS: Final = re.compile("[\U000f0000-\U0010fffd]")
_SHORTEST: Final = 80
# Letters and digits of a probe, and how many of them are looked for in a page's body.
_PROBE, _PROBES = 24, 32
_NO_LETTERS: Final = re.compile(r"[\W_]+")


class DeclaredContent(NamedTuple):
    """What a page declares as its content.

    Attributes:
        title: Its heading; "" for none.
        text: Its lines.
        is_whole: Whether it is the content itself, rather than a description of it.
    """

    title: str
    text: str
    is_whole: bool


def declared_content(nodes: Iterable[Mapping[str, Any]]) -> DeclaredContent | None:
    """The longest content that some objects of JSON-LD carry; None where none is worth a page.

    What is declared not to be accessible for free is no content that a reader sees.

    >>> article = {"@type": "NewsArticle", "headline": "Rye", "articleBody": "<p>Rye is a grass.</p>" * 6}
    >>> declared_content([article]).title
    'Rye'
    """
    contents = [content for node in nodes if (content := _content(node))]
    whole = [content for content in contents if content.is_whole]
    best = max(whole or contents, key=lambda content: len(content.text), default=None)
    return best if best and len(best.text) >= _SHORTEST else None


def _content(node: Mapping[str, Any]) -> DeclaredContent | None:
    if str(node.get("isAccessibleForFree", "")).rpartition("/")[2].lower() == "false":
        return None
    kinds = {kind.rpartition("/")[2].lower() for kind in _strings(node.get("@type"))}
    title = " ".join(_plain(next(_strings(node.get("headline") or node.get("name") or node.get("title")), "")).split())
    parts = list(islice(_parts(node, kinds), _MAX_PARTS))
    is_whole = bool(parts)
    if not parts and kinds & _DESCRIBED:
        parts = list(_strings(node.get("description")))
    text = "\n".join(filter(None, map(_plain, parts)))
    return DeclaredContent(title, text, is_whole) if text else None


def _parts(node: Mapping[str, Any], kinds: set[str]) -> Iterator[str]:
    """What an object holds as content, in reading order."""
    yield from _strings(node.get("articleBody"))
    yield from _strings(node.get("reviewBody"))
    for update in _objects(node.get("liveBlogUpdate")):
        yield from _strings(update.get("headline"))
        yield from _strings(update.get("articleBody"))
    if "question" in kinds:
        yield from _question(node)
    if kinds & {"qapage", "faqpage"}:
        for question in _objects(node.get("mainEntity")):
            yield from _strings(question.get("name"))
            yield from _question(question)
    if kinds & {"discussionforumposting", "socialmediaposting"}:
        yield from _strings(node.get("text"))
        yield from _comments(node, 0)
    if kinds & {"howto", "recipe"}:
        yield from _instructions(node)


def _question(node: Mapping[str, Any]) -> Iterator[str]:
    yield from _strings(node.get("text"))
    for name in ("acceptedAnswer", "suggestedAnswer"):
        for answer in _objects(node.get(name)):
            yield from _strings(answer.get("text"))


def _comments(node: Mapping[str, Any], depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        return
    for comment in _objects(node.get("comment")):
        yield from _strings(comment.get("text"))
        yield from _comments(comment, depth + 1)


def _instructions(node: Mapping[str, Any]) -> Iterator[str]:
    steps = list(_steps(node.get("recipeInstructions") or node.get("step") or node.get("steps"), 0))
    if not steps:
        return
    yield from _strings(node.get("description"))
    for name in ("recipeIngredient", "ingredients", "supply", "tool"):
        yield from _strings(node.get(name))
        for item in _objects(node.get(name)):
            yield from _strings(item.get("name"))
    yield from steps


def _steps(value: Any, depth: int) -> Iterator[str]:
    """The steps of instructions: strings, steps with a text, sections of steps."""
    yield from _strings(value)
    for step in _objects(value) if depth <= _MAX_DEPTH else ():
        texts = list(_strings(step.get("text"))) or list(_strings(step.get("description")))
        inner = list(_steps(step.get("itemListElement"), depth + 1))
        if not texts or inner:
            yield from _strings(step.get("name"))
        yield from inner or texts


def _strings(value: Any) -> Iterator[str]:
    for item in value[:_MAX_PARTS] if isinstance(value, list) else (value,):
        if isinstance(item, str) and item.strip():
            yield item


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    for item in value[:_MAX_PARTS] if isinstance(value, list) else (value,):
        if isinstance(item, dict):
            yield item


def _plain(text: str) -> str:
    """A value's lines: markup in it is read as a page is, escaped once or not."""
    if _ESCAPED.search(text) and not _MARKUP.search(text):
        text = unescape(text)
    if _MARKUP.search(text) or "&" in text:
        text = text if _MARKUP.search(text) else text.replace("\n", "<br>")
        blocks = read_blocks(read_nodes(text.encode("utf-8", "ignore")), no_words())
        lines = [blocks.text[row[BEGIN] : row[STOP]].tobytes().decode("utf-8", "replace") for row in blocks.rows]
        text = _PLACEHOLDERS.sub("", "\n".join(lines))
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.splitlines())))


def share_in_body(text: str, body: Sequence[str]) -> float:
    """Which share of a text stands in the body of a page, by stretches of its letters here and there.

    >>> share_in_body("The mill stands at the end of the valley.", ["The mill stands at the", "end of the valley."])
    1.0
    """
    letters = _NO_LETTERS.sub("", text.lower())
    in_body = _NO_LETTERS.sub("", "".join(body).lower())
    step = max(1, (len(letters) - _PROBE) // _PROBES)
    probes = [letters[at : at + _PROBE] for at in range(0, max(1, len(letters) - _PROBE + 1), step)]
    return sum(probe in in_body for probe in probes) / len(probes)
