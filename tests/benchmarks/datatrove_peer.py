"""Removes near duplicates with datatrove, and explains where its choice differs from that of a run.

`PYTHON -I tests/benchmarks/datatrove_peer.py TABLES WORK [--workers N]` is what `dedup_scaling --peer` starts, with an
interpreter that need know nothing of this project, for datatrove's pins are not ours:

    python3 -m venv DIR && DIR/bin/pip install 'datatrove[io,processing]' spacy

spaCy splits English into words by default, and is in no extra but `multilingual`, which brings tensorflow too. The
blank English model is part of its package: nothing is fetched at run time. Without `processing` pip may choose xxhash
4, which takes no strings, and datatrove fails.

The configuration is the default one: word 5-grams of the text in lower case without punctuation and accents, numbers
as 0; 14 buckets of 8 hashes of 64 bits; one survivor for each connected group; nothing verified; languages not told
apart. Steps have as many tasks as workers, but the buckets, one for each of 14, and the groups, which must be one task.
Both outputs are JSON lines without compression; the groups' numbers are written too, so that differences can be
explained.
"""

import argparse
import json
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ID, TEXT, LANGUAGE = "id", "text", "language"
SHINGLE: Final = 5
ROWS_A_FILE: Final = 2_500  # its workers share files out, so many small ones load them evenly
GROUP: Final = "minhash_cluster_id"
Array = np.ndarray[Any, np.dtype[Any]]

OTHER_SURVIVOR = "same group, the other side keeps another of its documents"
MISSED = "as similar as the threshold, pair not found by the other side"
BELOW_THEIRS = "below our threshold: datatrove verifies no pair"
BELOW_OURS = "our estimate reaches the threshold, the exact similarity does not"
OTHER_LANGUAGE = "as similar as the threshold only to documents of another language"
CHAINED = "as similar as the threshold only to documents that gave way themselves"


def deduplicate(tables: Path, work: Path, workers: int) -> dict[str, float]:
    """Run datatrove's four steps and return the seconds of each."""
    dedup = import_module("datatrove.pipeline.dedup")
    readers, writers = (import_module(f"datatrove.pipeline.{name}") for name in ("readers", "writers"))
    executor = import_module("datatrove.executor").LocalPipelineExecutor
    config = import_module("datatrove.pipeline.dedup.minhash").MinhashConfig()

    def reader() -> Any:
        return readers.ParquetReader(str(tables), text_key=TEXT, id_key=ID)

    def writer(name: str) -> Any:
        return writers.JsonlWriter(str(work / name), compression=None)

    signatures, pairs, groups = (str(work / name) for name in ("signatures", "pairs", "groups"))
    duplicates = dedup.MinhashDedupFilter(groups, exclusion_writer=writer("removed"), load_cluster_ids=True)
    steps: dict[str, tuple[list[Any], int]] = {
        "signatures": ([reader(), dedup.MinhashDedupSignature(signatures, config=config)], workers),
        "buckets": ([dedup.MinhashDedupBuckets(signatures, pairs, config=config)], config.num_buckets),
        "groups": ([dedup.MinhashDedupCluster(pairs, groups, config=config, save_cluster_id=True)], 1),
        "filter": ([reader(), duplicates, writer("kept")], workers),
    }
    seconds = {}
    for name, (pipeline, tasks) in steps.items():
        start = time.monotonic()
        executor(pipeline, tasks=tasks, workers=min(tasks, workers), logging_dir=str(work / "logs" / name)).run()
        seconds[name] = time.monotonic() - start
    return seconds


def write_texts(files: Iterable[str], directory: Path) -> None:
    """Write what the peer reads: the documents of some tables of a run, under their addresses."""
    directory.mkdir(parents=True)
    number = 0
    for path in files:
        for batch in pq.ParquetFile(path).iter_batches(ROWS_A_FILE, columns=["url", TEXT, LANGUAGE]):
            table = pa.Table.from_batches([batch]).rename_columns([ID, TEXT, LANGUAGE])
            pq.write_table(table, directory / f"texts-{number:05d}.parquet", compression="zstd")
            number += 1


@dataclass(frozen=True)
class Removed:
    """What both removed.

    Attributes:
        ours: Removed document → its survivor.
        theirs: Removed document → number of its group.
        groups: Number of a group → its documents, the one that is kept among them.
        of: Document → number of its group.
    """

    ours: dict[str, str]
    theirs: dict[str, int]
    groups: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    of: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, decisions: Path, work: Path) -> "Removed":
        """Read a run's decisions and the peer's output."""
        table = pq.read_table(decisions, columns=["url", "stage", "survivor_url"])
        table = table.filter(pc.equal(table["stage"], "dedup_document"))
        result = cls(dict(zip(table["url"].to_pylist(), table["survivor_url"].to_pylist(), strict=True)), {})
        for name in ("kept", "removed"):
            for key, group in _outcome(work / name):
                if group >= 0:
                    result.groups[group].append(key)
                    result.of[key] = group
                if name == "removed":
                    result.theirs[key] = group
        return result


def _outcome(directory: Path) -> Iterator[tuple[str, int]]:
    for path in sorted(directory.glob("*.jsonl")):
        with path.open("rb") as lines:
            for line in lines:
                row = json.loads(line)
                yield row["id"], row["metadata"][GROUP]


class Documents:
    """Some documents' languages and shingles."""

    def __init__(self, tables: Path, wanted: set[str]) -> None:
        self._shingles: dict[str, Array] = {}
        self.language: dict[str, str] = {}
        keys = pa.array(sorted(wanted), pa.string())
        for path in sorted(tables.glob("*.parquet")):
            for batch in pq.ParquetFile(path).iter_batches(1_000):
                chosen = batch.filter(pc.is_in(batch.column(ID), keys))
                for row in chosen.to_pylist():
                    self._shingles[row[ID]] = _shingles(row[TEXT])
                    self.language[row[ID]] = row[LANGUAGE]

    def similarity(self, one: str, other: str) -> float:
        """Return the exact Jaccard similarity of the word 5-grams of two documents."""
        left, right = self._shingles[one], self._shingles[other]
        both = len(np.intersect1d(left, right, assume_unique=True))
        return both / (len(left) + len(right) - both)

    def nearest(self, one: str, others: Iterable[str]) -> float:
        """Return the similarity to the most similar of some documents; 0 where there is none."""
        return max((self.similarity(one, other) for other in others if other != one), default=0.0)


def _shingles(text: str) -> Array:
    words = re.findall(r"\w+", text.lower())
    result = {hash(tuple(words[at : at + SHINGLE])) for at in range(max(1, len(words) - SHINGLE + 1))}
    return np.fromiter(result, np.int64, len(result))


Reasons = dict[str, list[float]]
"""reason → the exact similarity of each document to the most similar one that speaks for removing it."""


def explain_ours(removed: Removed, documents: Documents, keys: list[str], threshold: float) -> Reasons:
    """Explain why the peer kept what the run removed."""
    result: Reasons = defaultdict(list)
    for key in keys:
        survivor = removed.ours[key]
        similarity = documents.similarity(key, survivor)
        if key in removed.of and removed.of[key] == removed.of.get(survivor):
            reason = OTHER_SURVIVOR
        else:
            reason = MISSED if similarity >= threshold else BELOW_OURS
        result[reason].append(similarity)
    return result


def explain_theirs(removed: Removed, documents: Documents, keys: list[str], threshold: float) -> Reasons:
    """Explain why the run kept what the peer removed."""
    result: Reasons = defaultdict(list)
    for key in keys:
        group = [one for one in removed.groups[removed.theirs[key]] if one != key]
        kept = [one for one in group if one not in removed.ours]
        alike = [one for one in kept if documents.language[one] == documents.language[key]]
        reason, similarity = BELOW_THEIRS, documents.nearest(key, group)
        if (to_kept := documents.nearest(key, alike)) >= threshold:
            reason, similarity = MISSED, to_kept
        elif any(removed.ours.get(one) == key for one in group):
            reason = OTHER_SURVIVOR
        elif documents.nearest(key, kept) >= threshold:
            reason = OTHER_LANGUAGE
        elif similarity >= threshold:
            reason = CHAINED
        result[reason].append(similarity)
    return result


def compare(decisions: Path, tables: Path, work: Path, threshold: float, sample: int = 300) -> tuple[list[str], Any]:
    """Return in words and in numbers what both removed, and why the rest differs.

    Args:
        decisions: Of the run.
        tables: What the peer has read.
        work: Where the peer has written.
        threshold: Similarity from which the run removes a document.
        sample: Documents to explain, of those that only one of the two removed.
    """
    removed = Removed.read(decisions, work)
    ours, theirs = set(removed.ours), set(removed.theirs)
    differing = {"gristmill": sorted(ours - theirs), "datatrove": sorted(theirs - ours)}
    chosen = {who: random.Random(0).sample(keys, min(sample, len(keys))) for who, keys in differing.items()}
    wanted = {one for keys in chosen.values() for one in keys}
    wanted.update(removed.ours[key] for key in chosen["gristmill"])
    wanted.update(one for key in chosen["datatrove"] for one in removed.groups[removed.theirs[key]])
    documents = Documents(tables, wanted)
    result = {
        "gristmill": explain_ours(removed, documents, chosen["gristmill"], threshold),
        "datatrove": explain_theirs(removed, documents, chosen["datatrove"], threshold),
    }
    counts = Counter(both=len(ours & theirs), **{who: len(keys) for who, keys in differing.items()})
    alone = " and ".join(f"{len(all_of):,} by {who}" for who, all_of in zip(differing, (ours, theirs), strict=True))
    lines = [f"removed {alone}: {counts['both']:,} by both, {counts['gristmill']:,} by gristmill alone,"]
    lines[0] += f" {counts['datatrove']:,} by datatrove alone"
    for who, reasons in result.items():
        lines += [
            "",
            f"| removed by {who} alone, {len(chosen[who])} of them | documents | similarity: 5 %, median, 95 % |",
        ]
        lines.append("|---|---:|---|")
        for reason, values in sorted(reasons.items(), key=lambda one: -len(one[1])):
            quantiles = ", ".join(f"{value:.2f}" for value in np.quantile(values, (0.05, 0.5, 0.95)))
            lines.append(f"| {reason} | {len(values)} | {quantiles} |")
    return lines, {"removed": dict(counts), "explained": result}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    print(json.dumps(deduplicate(asked.tables, asked.work, asked.workers)))
