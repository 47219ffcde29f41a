"""Article pages for tests of extraction: real prose around whatever a test puts into it."""

import re
from collections.abc import Sequence

from pipeline.kernels.extraction import Extraction, extract

# Sentences are told apart by their numbers, so that one that is lost, doubled or moved shows.
_PROSE = """\
The first mill on this bend of the river was built of oak and thatch, and nobody living in the valley today can say
who paid for it. Its second owner, a widow from the coast, replaced the floor and hung a bell beside the door, so that
the carts would know when the stones were free.

A third of the harvest went to the abbey in those years, which is why the old ledgers are so careful about weights and
so careless about names. Four of these ledgers survive in the town archive, and the clerk who looks after them will
show you the pages that the flood of that autumn turned brown.

The fifth and hardest winter froze the wheel for eleven weeks, and the miller kept his children fed by mending harness
for the farms further up the slope. When the sixth spring came, he raised the sluice by the width of a hand, having
learnt that ice first forms where the water has the time to rest.

Seven neighbours helped to carry the new stones from the quarry, each of them as heavy as a pair of oxen, and they
were paid in flour until midsummer. An eighth man, who had only come to watch, wrote the letter from which we know all
this, and sent it to his brother across the sea.

Nine generations later the mill still grinds on Saturdays, although the flour is sold to visitors in small paper bags
with a drawing of the wheel on them. The tenth miller is a teacher during the week, and she explains the gears to
school classes as patiently as she explains fractions to them on Mondays.

Eleven gears turn between the wheel and the stones, and every one of them has a wooden tooth that is meant to break
before anything more expensive does. Twelve spare teeth hang from a nail by the stairs, cut from apple wood that has
dried for at least three summers in the loft above the office.

Thirteen steps lead down to the race, where the noise is so loud that people talk with their hands and children
suddenly become very quiet and very attentive. The fourteenth step was taken out after an accident, and the gap is
still there, painted white so that nobody who carries a sack can overlook it.

Fifteen kinds of grain have been ground here, if one counts the acorns of the hungry years, and each of them wants
another distance between the stones. A sixteenth kind arrived only recently, from a farmer who had read about it in an
old herbal and who would not be talked out of trying it.

Seventeen lanterns are lit along the bank on the last evening of the season, and the whole village comes to see the
wheel being stopped for the winter. The eighteenth is carried home by whoever guesses the weight of the last sack, and
it burns in that window until the water is let in again.
"""
LINES: tuple[str, ...] = tuple(" ".join(paragraph.split()) for paragraph in _PROSE.split("\n\n"))
_MIDDLE = 5

_NAV = "<nav><ul><li><a href=/>Home</a></li><li><a href=/visit>Visit</a></li><li><a href=/shop>Shop</a></li></ul></nav>"
_FOOTER = "<footer><p><a href=/imprint>Imprint</a> <a href=/privacy>Privacy</a> &copy; The mill</p></footer>"


def article(body: str, head: str = "") -> str:
    """The source of an article page with `body` between its fifth and its sixth paragraph."""
    prose = [f"<p>{line}</p>" for line in LINES]
    return (
        f"<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>The mill on the river bend</title>{head}</head>"
        f"<body><header>{_NAV}</header><main><article><h1>The mill on the river bend</h1>"
        + "\n".join([*prose[:_MIDDLE], body, *prose[_MIDDLE:]])
        + f"</article></main>{_FOOTER}</body></html>"
    )


def read(body: str, head: str = "") -> Extraction:
    """What is extracted from the article with `body` in its middle, its spans checked."""
    result = extract(article(body, head), "https://mill.test/history")
    check(result)
    return result


def between(found: Extraction) -> str:
    """What stands between the fifth and the sixth paragraph; all paragraphs must be there, once and in order."""
    before, after = "\n".join(LINES[:_MIDDLE]) + "\n", "\n".join(LINES[_MIDDLE:])
    assert before in found.text, "the paragraphs before are not as they were"
    assert after in found.text, "the paragraphs after are not as they were"
    for line in LINES:
        assert found.text.count(line) == 1
    start, end = found.text.index(before) + len(before), found.text.index(after)
    return found.text[start:end].removesuffix("\n")


def middle(body: str, head: str = "") -> list[str]:
    """The lines that `body` becomes in the middle of the article."""
    return between(read(body, head)).split("\n")


def kept(found: Extraction, kind: str) -> list[str]:
    """The texts of the spans of one kind."""
    return [found.text[span.start : span.end] for span in found.spans if span.kind == kind]


def words(text: str) -> Sequence[str]:
    """The words of a text, wherever its lines break; what is displayed may stand apart from brackets and stops."""
    return re.sub(r"(?<=\()\s+(?=\$\$)|(?<=\$\$)\s+(?=[).,-])", "", text).split()


def check(found: Extraction) -> None:
    """What holds of any page: a clean text, and sorted spans inside it; headings and tables may hold code and math."""
    assert not re.search("[\0\ud800-\udfff]", found.text)
    assert found.text.encode() is not None
    assert [span.start for span in found.spans] == sorted(span.start for span in found.spans)
    ends = {"leaf": 0, "table": 0, "heading": 0}
    for start, end, kind in found.spans:
        assert kind in ("code", "math", "table", "heading")
        level = kind if kind in ends else "leaf"
        assert ends[level] <= start < end <= len(found.text)
        ends[level] = end
