"""What `pii` finds in sentences with made-up values, and what it takes for one where there is none.

`python -m tests.benchmarks.pii_sentences` prints both, for the sentences beside the tests of quality. Their misses were
looked at when the recognisers were written: other sentences will do less well.
"""

import argparse
import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline.kernels.pii.find import Found, find_pii
from pipeline.pii.params import PiiParams

SENTENCES = Path(__file__).parents[1] / "quality" / "personal_data" / "sentences.jsonl.gz"
STRUCTURED = ("EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "US_SSN", "IP_ADDRESS")
"""Kinds by which recognisers are compared elsewhere, too."""
_BATCH = 256
Line = dict[str, Any]


class Scores(NamedTuple):
    """What was found in some lines.

    Attributes:
        values: Labelled values by kind.
        found: Those that something was found in.
        damage: Share of other characters, white space apart, that stand in something that was found.
        clean: Lines without a value.
        touched: Those in which something was found all the same.
    """

    values: Counter[str]
    found: Counter[str]
    damage: float
    clean: int
    touched: int

    def recall(self, kinds: tuple[str, ...] = STRUCTURED) -> float:
        """Return the share of values of some kinds that were found."""
        return sum(self.found[kind] for kind in kinds) / sum(self.values[kind] for kind in kinds)


def sentences() -> list[Line]:
    """Return the lines: `text`, `language`, `host`, and `values` as (start, end, kind)."""
    with gzip.open(SENTENCES, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def score(lines: list[Line]) -> Scores:
    """Compare what is found with what is labelled."""
    values: Counter[str] = Counter()
    result: Counter[str] = Counter()
    others = hit = clean = touched = 0
    for line, some in zip(lines, _found_in(lines), strict=True):
        covered = {place for one in some for place in range(one.start, one.end)}
        labelled = {place for start, end, _ in line["values"] for place in range(start, end)}
        for start, end, kind in line["values"]:
            values[kind] += 1
            result[kind] += not covered.isdisjoint(range(start, end))
        free = {place for place, sign in enumerate(line["text"]) if not sign.isspace()} - labelled
        others, hit = others + len(free), hit + len(free & covered)
        clean += not line["values"]
        touched += bool(some) and not line["values"]
    return Scores(values, result, hit / others, clean, touched)


def _found_in(lines: list[Line]) -> list[list[Found]]:
    settings = PiiParams().find_params().settings()
    every: list[list[Found]] = []
    for start in range(0, len(lines), _BATCH):
        some = lines[start : start + _BATCH]
        texts, languages, hosts = ([line[key] for line in some] for key in ("text", "language", "host"))
        every += [one or [] for one in find_pii(pa.array(texts), [()] * len(some), languages, hosts, settings)]
    return every


def main() -> None:
    """Print a table of kinds."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    scores = score(sentences())
    print("| kind | values | found |\n|---|---:|---:|")
    for kind, count in scores.values.most_common():
        print(f"| {kind} | {count:,} | {scores.found[kind] / count:.1%} |")
    structured = sum(scores.values[kind] for kind in STRUCTURED)
    print(f"| {', '.join(STRUCTURED)} | {structured:,} | {scores.recall():.1%} |")
    print(f"\nCharacters changed outside of labelled values: {scores.damage:.3%}.")
    print(f"Lines without a value that are touched: {scores.touched} of {scores.clean:,}.")


if __name__ == "__main__":
    main()
