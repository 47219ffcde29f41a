"""How often languages are identified rightly, by what is added to lid.176, and what that costs.

`python -m tests.benchmarks.languages --data shared/data/lid [--speed-only]`: the folder holds
`paragraphs-17-languages.jsonl.gz` (`text`, `language`: a name) and `udhr.jsonl.gz`, translations of the Universal
Declaration (`lang`: a code, `paragraphs`). Nothing was trained on either. A row per variant, each with what those above
it have; then a row per language.

Sets: *paragraphs*; *sentences*, of up to two translations into each language that the table of letters or a script
decides about; their *two words*, the first ones; *others*, sentences in the other languages of lid.176; *unknown*, in
languages that neither lid.176 nor letters have: the share that gets one with .5 or more, which should be small. *Two*:
pages of paragraphs in two languages, the share that names both; *false*: pages of one for which a second is named.
Documents/s: of one core's CPU time, for texts of 2,600 code points.
"""

# ruff: noqa: SIM905  (a list of pairs reads better as a text)

import argparse
import gzip
import json
import random
import re
import time
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from classifiers.languages.codes import code_of, group_of
from classifiers.languages.identify import Identified, Options, identify_pages
from classifiers.languages.model import labels
from classifiers.languages.ngrams import load_ngrams

_PLAIN: Final = Options(scripts=False, macrolanguages=False, letters=False, segment_chars=None)
VARIANTS: Final = {
    "lid.176": _PLAIN,
    "+ scripts": _PLAIN._replace(scripts=True),
    "+ macrolanguages": _PLAIN._replace(scripts=True, macrolanguages=True),
    "+ segments": Options(letters=False),
    "+ letters (default)": Options(),
}
_NAMES: Final = dict(
    pair.split("=")
    for pair in (
        "Arabic=ar Danish=da Dutch=nl English=en French=fr German=de Greek=el Hindi=hi Italian=it Kannada=kn"
        " Malayalam=ml Portugeese=pt Russian=ru Spanish=es Sweedish=sv Tamil=ta Turkish=tr"
    ).split()
)
"""As the set spells them."""
_BY_SCRIPT: Final = tuple("bn el gu he hy ja ka ko pa ta te th zh".split())
_SENTENCE: Final = re.compile(r"(?<=[.;:!?。؛।])\s*")
_SHORTEST: Final = 15
_LONG: Final = 100
_CHARS: Final = 2600
_TRANSLATIONS: Final = 2
_SURE: Final = 0.5
_SEED: Final = 7

Labelled = list[tuple[str, str]]


class Sets(NamedTuple):
    """What is measured: codes and texts of each set."""

    paragraphs: Labelled
    sentences: Labelled
    others: Labelled
    unknown: Labelled


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a file of JSON lines.

    Raises:
        SystemExit: It is not there.
    """
    if not path.is_file():
        raise SystemExit(f"{path} is not there: --data names a folder with the two files of the set")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def read_sets(folder: Path) -> Sets:
    """Return the sets of a folder."""
    paragraphs = [
        (_NAMES[line["language"]], line["text"]) for line in read_lines(folder / "paragraphs-17-languages.jsonl.gz")
    ]
    sets = Sets(paragraphs, [], [], [])
    known_codes = {*labels(), *load_ngrams().languages}
    told = {*load_ngrams().languages, *_BY_SCRIPT}
    translations: dict[str, int] = defaultdict(int)
    for line in read_lines(folder / "udhr.jsonl.gz"):
        tag = line["lang"].partition("-")[0]
        code = "sq" if tag == "als" else code_of(tag)  # the set's als is Tosk Albanian, lid.176's is Alemannic
        sentences = [(code, some) for p in line["paragraphs"] for some in _SENTENCE.split(p) if len(some) >= _SHORTEST]
        translations[code] += 1
        if code in told:
            sets.sentences.extend(sentences if translations[code] <= _TRANSLATIONS else [])
        elif code in known_codes:
            sets.others.extend(sentences)
        elif group_of(code) not in {group_of(other) for other in known_codes}:
            sets.unknown.extend(sentences)
    return sets


def documents_of(paragraphs: Labelled, chars: int) -> Labelled:
    """Return texts of so many code points, each of paragraphs in one language, in no order of language."""
    texts: dict[str, str] = defaultdict(str)
    documents: Labelled = []
    for code, text in paragraphs:
        texts[code] += text + "\n"
        if len(texts[code]) >= chars:
            documents.append((code, texts.pop(code)[:chars]))
    random.Random(_SEED).shuffle(documents)
    return documents


def pairs_of(documents: Labelled) -> list[tuple[set[str], str]]:
    """Return pages of two languages: each document with the next one, where that is in another."""
    return [
        ({one, two}, f"{text}\n{other}")
        for (one, text), (two, other) in pairwise(documents)
        if group_of(one) != group_of(two)
    ]


def shares(pages: Sequence[Identified], codes: Sequence[str]) -> tuple[float, float]:
    """Return the share of texts whose language is right, and of those that are right and sure."""
    right = np.array([page.language == code for page, code in zip(pages, codes, strict=True)])
    sure = np.array([page.score >= _SURE for page in pages])
    return float(right.mean()), float((right & sure).mean())


def print_accuracy(sets: Sets) -> None:
    """Print a row per variant."""
    half = documents_of(sets.paragraphs, _CHARS // 2)
    pairs, documents = pairs_of(half), documents_of(sets.paragraphs, _CHARS)
    long = [(code, text) for code, text in sets.paragraphs if len(text) >= _LONG]
    words = [(code, " ".join(text.split()[:2])) for code, text in sets.sentences]
    print(
        f"{len(sets.paragraphs):,} paragraphs, {len(long):,} of {_LONG} characters; {len(sets.sentences):,} sentences"
        f" in {len({code for code, _ in sets.sentences})} languages, {len(sets.others):,} in"
        f" {len({code for code, _ in sets.others})} others, {len(sets.unknown):,} in"
        f" {len({code for code, _ in sets.unknown})} unknown ones; {len(pairs)} pages of two languages,"
        f" {len(documents)} of one\n"
    )
    print(
        "| | paragraphs | from 100 | sentences | right and ≥ .5 | two words | others | unknown ≥ .5 | two | false |"
        "\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    )
    for name, options in VARIANTS.items():

        def measured(rows: Labelled, options: Options = options) -> tuple[float, float]:
            return shares(identify_pages([text for _, text in rows], options), [code for code, _ in rows])

        unknown = identify_pages([text for _, text in sets.unknown], options)
        both = [
            {page.language, page.second_language} == codes
            for page, (codes, _) in zip(identify_pages([text for _, text in pairs], options), pairs, strict=True)
        ]
        second = [page.second_language is not None for page in identify_pages([t for _, t in documents], options)]
        figures = [measured(sets.paragraphs)[0], measured(long)[0], *measured(sets.sentences), measured(words)[0]]
        figures += [measured(sets.others)[0], float(np.mean([page.score >= _SURE for page in unknown]))]
        figures += [float(np.mean(both)), float(np.mean(second))]
        print(f"| {name} | " + " | ".join(f"{figure:.4f}".removeprefix("0") for figure in figures) + " |")


def print_languages(title: str, rows: Labelled) -> None:
    """Print how often each language is identified rightly, by lid.176 and by default, the worst first."""
    texts: dict[str, list[str]] = defaultdict(list)
    for code, text in rows:
        texts[code].append(text)
    both = {
        code: [shares(identify_pages(some, options), [code] * len(some))[0] for options in (_PLAIN, Options())]
        for code, some in texts.items()
    }
    print(f"\n| {title} | texts | lid.176 | default |\n|---|---:|---:|---:|")
    for code, (plain, default) in sorted(both.items(), key=lambda pair: (pair[1][1], pair[0])):
        print(f"| {code} | {len(texts[code])} | {plain:.3f} | {default:.3f} |")


def print_speed(documents: Labelled, rounds: int = 15) -> None:
    """Print documents per second of CPU time; the variants take turns, and each has its best round."""
    texts = [text for _, text in documents]
    best = dict.fromkeys(VARIANTS, float("inf"))
    for _ in range(rounds):
        for name, options in VARIANTS.items():
            identify_pages(texts[:16], options)
            start = time.process_time()
            for at in range(0, len(texts), 256):
                identify_pages(texts[at : at + 256], options)
            best[name] = min(best[name], time.process_time() - start)
    print(f"\n| {len(texts)} texts of {_CHARS:,} code points | documents/s |\n|---|---:|")
    for name, seconds in best.items():
        print(f"| {name} | {len(texts) / seconds:,.0f} |")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the two files")
    parser.add_argument("--speed-only", action="store_true", help="print documents per second alone")
    asked = parser.parse_args(arguments)
    sets = read_sets(asked.data)
    if not asked.speed_only:
        print_accuracy(sets)
        print_languages("paragraphs", sets.paragraphs)
        print_languages("sentences", sets.sentences)
    print_speed(documents_of(sets.paragraphs, _CHARS))


if __name__ == "__main__":
    main()
