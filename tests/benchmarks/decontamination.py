"""Measures `decontaminate`: recall of injected items, speed, and what it flags of real pages.

`python -m tests.benchmarks.decontamination SUITES PAGES [--items N]`: SUITES is a folder of test sets in JSON lines,
PAGES a file of JSON lines with `url`, `type` and `text`. One core, CPU time; the limits are the defaults.
"""

import argparse
import gzip
import json
import random
import re
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.decontamination.deciding import limit_of
from pipeline.decontamination.items import MIN_WORDS, Item, item_batches, matched_texts, read_items
from pipeline.decontamination.params import DecontaminateParams
from pipeline.decontamination.shared_index import item_texts
from pipeline.decontamination.suite_files import declared_suites, suite_files
from pipeline.kernels.contamination.grams import Index, ItemTexts, build_index, scales_and_breaks
from pipeline.kernels.contamination.match import NO_ANSWER, PRESENT, Hits, count_grams, match_items
from pipeline.kernels.contamination.units import find_units
from tests.injected_items import INJECTIONS

CLASSES = ((8, 9), (10, 12), (13, 19), (20, 49), (50, 1 << 30))
SUITES, ITEMS = 50, 1_000
DOCUMENT_CHARACTERS = 2_600
_NONE = np.empty(0, np.uint64)
_PARAMS = DecontaminateParams()
_BATCH = 1_000


class Suites(NamedTuple):
    """Items of suites: what was read, their words, and the index of them."""

    names: list[str]
    items: list[Item]
    words: Any
    table: Index


def read_suites(folder: str) -> Suites:
    """Return the items of a folder."""
    files = suite_files([folder], [], declared_suites(None))
    named = [(file.suite, item) for file in files for item in read_items(file)]
    table = pa.Table.from_batches([batch for file in files for batch in item_batches(file)])
    index = build_index(item_texts(table), _NONE)
    return Suites([name for name, _ in named], [item for _, item in named], table["words"].to_numpy(), index)


def reaching(hits: Hits, words: Any) -> Any:
    """Tell which matches reach their limits."""
    limits = [
        limit_of(words[item], None if answer == NO_ANSWER else answer == PRESENT, _PARAMS)
        for item, answer in zip(hits.items.tolist(), hits.answers.tolist(), strict=True)
    ]
    return np.round(hits.coverage.astype(np.float64), 6) >= np.array(limits)


def print_recall(suites: Suites, pages: Sequence[str], count: int) -> None:
    """Print the share of injected items that are found, by kind and by words of the item."""
    chance = random.Random(8)
    long = np.flatnonzero(suites.words >= MIN_WORDS).tolist()
    chosen = chance.sample(long, min(count, len(long)))
    sizes = suites.words[chosen]
    classes = [(sizes >= low) & (sizes <= high) for low, high in CLASSES]
    heads = [f"{low}–{high}" if high < 1 << 30 else f"{low} or more" for low, high in CLASSES]
    columns = [f"{head} words ({mask.sum():,})" for head, mask in zip(heads, classes, strict=True)]
    print(f"| injected | all ({len(chosen):,}) | {' | '.join(columns)} |")
    print("|---|" + "---:|" * (len(CLASSES) + 1))
    for has_answer in (False, True):
        for kind in INJECTIONS:
            is_found = _found(suites, chosen, _injected(suites, chosen, kind, pages, chance, has_answer=has_answer))
            shares = [is_found.mean(), *(is_found[mask].mean() for mask in classes)]
            name = f"{kind}, its answer behind it" if has_answer else kind
            print(f"| {name} | {' | '.join(f'{share:.3f}' for share in shares)} |")


def _injected(
    suites: Suites, chosen: Sequence[int], kind: str, pages: Sequence[str], chance: random.Random, *, has_answer: bool
) -> list[str]:
    words = [word for page in pages[:300] for word in re.findall(r"[a-z]{3,}", page[:3_000])]
    change, place = INJECTIONS[kind]
    texts = []
    for number in chosen:
        questions, answers, _ = matched_texts([suites.items[number]])
        question = change(questions[0], words, chance)
        behind = f"\n\nAnswer: {answers[0]}" if has_answer and answers[0] else ""
        texts.append(place(question + behind, chance.choice(pages)))
    return texts


def _found(suites: Suites, chosen: Sequence[int], texts: Sequence[str]) -> Any:
    hits = match_items(find_units(pa.array(texts)), suites.table, 100)
    expected = np.array(chosen)[hits.rows] == hits.items
    is_found = np.zeros(len(chosen), bool)
    is_found[hits.rows[expected & reaching(hits, suites.words)]] = True
    return is_found


def many_items(suites: Suites, count: int) -> Index:
    """Return the index of as many items: those of the suites, and others put together of halves of two of them."""
    chance = random.Random(3)
    texts = [matched_texts([item])[0][0] for item in suites.items][:count]
    while len(texts) < count:
        head, tail = (chance.choice(suites.items).question.split() for _ in range(2))
        texts.append(" ".join(head[: len(head) // 2] + tail[len(tail) // 2 :]))
    units = find_units(pa.array(texts))
    numbers = *scales_and_breaks(units), np.zeros(count, np.int32)
    read = ItemTexts(units.offsets, units.hashes, *numbers, np.zeros(count + 1, np.int64), _NONE)
    return build_index(read, _NONE)


def print_speed(suites: Suites, pages: Sequence[str]) -> None:
    """Print how many documents per second one core counts grams of and matches."""
    index = many_items(suites, SUITES * ITEMS)
    whole = "\n\n".join(pages)
    documents = [whole[at : at + DOCUMENT_CHARACTERS] for at in range(0, len(whole), DOCUMENT_CHARACTERS)]
    batches = [pa.array(documents[at : at + _BATCH]) for at in range(0, len(documents), _BATCH)]
    counts = np.zeros(len(index.grams.keys), np.int64)
    count_grams(find_units(batches[0]), index, counts)
    match_items(find_units(batches[0]), index, 100)
    start = time.process_time()
    for batch in batches:
        count_grams(find_units(batch), index, counts)
    counted = time.process_time()
    for batch in batches:
        match_items(find_units(batch), index, 100)
    ended = time.process_time()
    per_document = [1e6 * spent / len(documents) for spent in (counted - start, ended - counted)]
    print(
        f"\n{SUITES} suites × {ITEMS:,} items, {len(counts):,} grams; {len(documents):,} documents of 2,600 characters"
    )
    print(f"counting {per_document[0]:.1f} µs, matching {per_document[1]:.1f} µs per document:")
    print(f"{1e6 / per_document[1]:,.0f} documents/s/core matched, {1e6 / sum(per_document):,.0f} with counting")


def print_flags(suites: Suites, pages: Sequence[dict[str, Any]], least: float) -> None:
    """Print what is flagged of pages, for a reader to confirm, and what comes near."""
    texts = [page["text"] for page in pages]
    hits = match_items(find_units(pa.array(texts)), suites.table, 100)
    is_flagged = reaching(hits, suites.words)
    flagged = len(set(hits.rows[is_flagged].tolist()))
    print(f"\n{flagged:,} of {len(pages):,} pages flagged ({sum(map(len, texts)) / 1e6:.1f} million characters)")
    for at in np.argsort(-hits.coverage, kind="stable").tolist():
        if hits.coverage[at] < least and not is_flagged[at]:
            continue
        page, number = pages[hits.rows[at]], hits.items[at]
        print(f"{'FLAGGED' if is_flagged[at] else 'near'} {hits.coverage[at]:.2f} {page.get('type', '')} {page['url']}")
        print(f"  {suites.names[number]} {suites.items[number].name}: {suites.items[number].question[:200]!r}")
        print(f"  page: {page['text'][hits.starts[at] : hits.ends[at]][:300]!r}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites")
    parser.add_argument("pages")
    parser.add_argument("--items", type=int, default=3_000)
    parser.add_argument("--near", type=float, default=0.6, help="coverage from which misses are printed too")
    given = parser.parse_args()
    suites = read_suites(given.suites)
    with gzip.open(given.pages, "rt", encoding="utf-8") as stream:
        pages = [page for page in map(json.loads, stream) if page.get("text")]
    texts = [page["text"] for page in pages]
    print(f"{len(suites.items):,} items, {(suites.words < MIN_WORDS).sum():,} of fewer than {MIN_WORDS} words\n")
    print_recall(suites, [text for text in texts if 500 < len(text) < 6_000], given.items)
    print_speed(suites, texts)
    print_flags(suites, pages, given.near)


if __name__ == "__main__":
    main()
