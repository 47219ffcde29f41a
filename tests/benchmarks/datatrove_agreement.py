"""How far our verdicts agree with those of datatrove's four filters, text by text and reason by reason.

`python -m tests.benchmarks.datatrove_agreement --python DIR/bin/python --input 'TEXTS.jsonl.gz'` runs the real filters
with another interpreter (see `datatrove_peer` for how to install it) and ours over the same texts. The four are
compared one by one, each over the original text, and in FineWeb's order, with the text that comes out. `--perturbed`
spoils the texts first: odd line breaks and white space, brackets, repeated lines, signs of other scripts.

The speed is that of the four in sequence. datatrove asks no further filter of a text that one has dropped; we measure
all numbers of every text.
"""

from __future__ import annotations

import argparse
import glob
import gzip
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, Final

FILTERS: Final = ("gopher_repetition", "gopher_quality", "c4", "fineweb_quality")
SEQUENCE: Final = "all four"
KEPT: Final = "kept"
Outcome = tuple[str, str]
"""datatrove's reason, or that a text is kept; and the text that comes out."""
_BATCH: Final = 250


def read_texts(patterns: Iterable[str]) -> Iterator[str]:
    """Give the field "text" of JSON lines, compressed or not."""
    for pattern in patterns:
        for path in sorted(glob.glob(pattern)):  # noqa: PTH207  (a pattern may be absolute)
            with gzip.open(path, "rt") if path.endswith(".gz") else Path(path).open() as lines:
                yield from (row["text"] for row in map(json.loads, lines) if row.get("text"))


def _peer_filters() -> dict[str, Any]:
    filters = import_module("datatrove.pipeline.filters")
    made = (
        filters.GopherRepetitionFilter(),
        filters.GopherQualityFilter(),
        filters.C4QualityFilter(filter_no_terminal_punct=False),
        filters.FineWebQualityFilter(),
    )
    return dict(zip(FILTERS, made, strict=True))


def _peer_outcome(text: str, filters: Iterable[Any]) -> Outcome:
    document = import_module("datatrove.data").Document(text=text, id="")
    for one in filters:
        try:
            answer = one.filter(document)
        except (ZeroDivisionError, AssertionError) as error:
            return f"error: {error!r}", document.text
        if answer is not True:
            return answer[1], document.text
    return KEPT, document.text


def answer_as_peer(source: Path, target: Path) -> None:
    """Write datatrove's outcomes for a file of texts; this runs where nothing of this project is known."""
    filters = _peer_filters()
    texts = json.loads(source.read_text())
    _peer_outcome("The mill grinds corn. " * 60, filters.values())  # loads the tokenizer
    start = time.perf_counter()
    result = {SEQUENCE: [_peer_outcome(text, filters.values()) for text in texts]}
    seconds = time.perf_counter() - start
    for name, one in filters.items():
        result[name] = [_peer_outcome(text, [one]) for text in texts]
    target.write_text(json.dumps({"seconds": seconds, "outcomes": result}))


def _our_outcomes(texts: list[str], filters: Iterable[str]) -> list[Outcome]:
    from pipeline.heuristics.datatrove import DatatroveParams
    from pipeline.heuristics.datatrove_verdicts import verdicts

    params = DatatroveParams(**{name: name in filters for name in FILTERS})
    result = []
    for start in range(0, len(texts), _BATCH):
        result += verdicts(texts[start : start + _BATCH], params)
    return [(one.reason or KEPT, one.text_after) for one in result]


def ask_peer(python: str, texts: list[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "texts.json", Path(folder) / "outcomes.json"
        source.write_text(json.dumps(texts))
        subprocess.run([python, "-I", __file__, "--peer", str(source), str(target)], check=True)
        return dict(json.loads(target.read_text()))


def _show(name: str, texts: list[str], ours: list[Outcome], theirs: list[Outcome], most: int) -> None:
    reasons = [mine[0] == their[0] for mine, their in zip(ours, theirs, strict=True)]
    keeps = [(mine[0] == KEPT) == (their[0] == KEPT) for mine, their in zip(ours, theirs, strict=True)]
    same = [tuple(mine) == tuple(their) for mine, their in zip(ours, theirs, strict=True)]
    shares = (f"{sum(flags)} ({100 * sum(flags) / len(texts):.3f} %)" for flags in (keeps, reasons, same))
    print(f"| {name} | {len(texts)} | {' | '.join(shares)} |")
    for at in [at for at, flag in enumerate(same) if not flag][:most]:
        first = texts[at].strip().split("\n")[0][:80]
        print(f"    ours {ours[at][0]}, theirs {theirs[at][0]}, same text {ours[at][1] == theirs[at][1]}: {first!r}")


def compare(texts: list[str], python: str, most: int = 10) -> None:
    """Print the agreement over some texts, and what both cost."""
    theirs = ask_peer(python, texts)
    _our_outcomes(["The mill grinds corn."], FILTERS)  # loads machine code and the tokenizer
    start = time.perf_counter()
    ours = {SEQUENCE: _our_outcomes(texts, FILTERS)}
    seconds = time.perf_counter() - start
    ours.update({name: _our_outcomes(texts, [name]) for name in FILTERS})
    print("| filter | documents | same verdict | same reason | same reason and text |\n|---|---:|---:|---:|---:|")
    for name in (*FILTERS, SEQUENCE):
        _show(name, texts, ours[name], theirs["outcomes"][name], most)
    reasons = Counter(reason for reason, _ in theirs["outcomes"][SEQUENCE])
    print("datatrove:", ", ".join(f"{number} {reason}" for reason, number in reasons.most_common()))
    for who, spent in (("gristmill", seconds), ("datatrove", theirs["seconds"])):
        print(f"{who}: {len(texts) / spent:.0f} documents/s, all four on one core")


def _lines_changed(change: Callable[[list[str], random.Random], None]) -> Callable[[str, random.Random], str]:
    def changed(text: str, random_: random.Random) -> str:
        lines = text.split("\n")
        change(lines, random_)
        return "\n".join(lines)

    return changed


def _inserted(pieces: tuple[str, ...]) -> Callable[[str, random.Random], str]:
    def changed(text: str, random_: random.Random) -> str:
        for _ in range(random_.randint(1, 12)):
            at = random_.randint(0, len(text))
            text = text[:at] + random_.choice(pieces) + text[at:]
        return text

    return changed


def _repeat_line(lines: list[str], random_: random.Random) -> None:
    for _ in range(random_.randint(1, 6)):
        lines.insert(random_.randrange(len(lines) + 1), random_.choice(lines))


def _end_lines(lines: list[str], random_: random.Random) -> None:
    ends = (
        "...",
        "…",
        "....",
        " . . .",
        '."',
        ".’",
        "?!",
        "!”",
        "。",
        " ",
        "\t",
        ".\u00a0",
        "[1]",
        " [edit]",
        ":",
        "·",
    )
    share = random_.random()
    lines[:] = [line + random_.choice(ends) if random_.random() < share else line for line in lines]


def _begin_lines(lines: list[str], random_: random.Random) -> None:
    starts = ("•", "- ", "  -", "\u00a0• ", "* ", "–", "[2] ", "\t")
    share = random_.random()
    lines[:] = [random_.choice(starts) + line if random_.random() < share else line for line in lines]


# fmt: off
_BREAKS: Final = ("\n\n", "\r\n", "\r", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x85", " \n ", "\n\n\n", " ", "  ")
_SIGNS: Final = (
    "{",
    "}",
    "[12]",
    "[",
    "]",
    "#",
    "##",
    "…",
    "...",
    "......",
    "\u00a0",
    "\t",
    "  ",
    "\u200b",
    "\x00",
    "\x1f",
)
_WORDS: Final = (
    "Lorem Ipsum", "lorem  ipsum", "JavaScript", "javascript {", "Privacy Policy", "use cookies", "use\u00a0cookies",
    "[citation needed]", "İ", "ß", "K", "😀👩‍👩‍👧", "水車が回る。", "x" * 1001, "e\u0301", " :) ", "foo:) )", " : ( ",
    "(a.m.", "it 's", "U.S.", "http://mill.example/a?b=c#d", "don’t", "3.14", " -- ", "٣", "[٣]", "a.B", "''", "…\"",
)
# fmt: on
_CHANGES: Final[tuple[Callable[[str, random.Random], str], ...]] = (
    lambda text, random_: text.replace("\n", random_.choice(_BREAKS)),
    lambda text, random_: text.replace(" ", random_.choice(("  ", "\u00a0", "\t", " \u3000")), random_.randint(1, 40)),
    lambda text, random_: text[: random_.randint(0, min(len(text), 600))],
    lambda text, random_: text.replace(".", random_.choice(("", "...", "…", ". ", "?", "#", ".\n")), 99),
    lambda text, random_: text.replace(random_.choice("etao"), random_.choice(("", "7", "水", "-", ".")), 400),
    lambda text, random_: random_.choice(("\n", " ", "\r\n", "\u2028")) + text + random_.choice(("\n\n", " ", "\t\n")),
    lambda text, random_: (text[:200] + random_.choice(("", "\n", "\n\n", " "))) * random_.randint(1, 5),
    _inserted(_BREAKS),
    _inserted(_SIGNS),
    _inserted(_WORDS),
    _lines_changed(_repeat_line),
    _lines_changed(_end_lines),
    _lines_changed(_begin_lines),
    _lines_changed(lambda lines, random_: random_.shuffle(lines)),
)
_ODD: Final = (
    "",
    " ",
    "\n",
    "\n\n",
    "\r\n",
    "\u2028",
    "\u00a0",
    "{",
    ".",
    "...",
    "a",
    "水",
    "\x00",
    "- ",
    "• a\n• a",
    "[1]",
)


def perturb(texts: Iterable[str], seed: int = 0) -> list[str]:
    """Return texts spoilt in one to four ways each, and a few that are hardly texts."""
    random_ = random.Random(seed)
    result = list(_ODD)
    for text in texts:
        spoilt = text
        for change in random_.choices(_CHANGES, k=random_.randint(1, 4)):
            spoilt = change(spoilt[:20_000], random_)
        result.append(spoilt)
    return result


def main() -> None:
    """Compare over the texts asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", required=True, help="interpreter that has datatrove")
    parser.add_argument("--input", nargs="+", required=True, help="JSON lines with a text; patterns")
    parser.add_argument("--documents", type=int, default=None)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--perturbed", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=10, help="disagreeing documents to show for each filter")
    asked = parser.parse_args()
    texts = list(islice(read_texts(asked.input), asked.skip, asked.documents and asked.skip + asked.documents))
    compare(perturb(texts, asked.seed) if asked.perturbed else texts, asked.python, asked.show)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peer"]:
        answer_as_peer(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
