"""A small corpus mixed by the shipped job, and what is read of its release."""

import json
import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds

from pipeline.curation import Request, curate
from pipeline.release.manifest import read_manifest

CATEGORIES = {"general": 240, "math": 50, "code": 60, "multilingual": 80}
TOPICS = ("Entertainment", "History & Geography", "Health", None)
LANGUAGES = ("de", "de", "de", "fr", "sv")


def made_documents() -> list[dict[str, Any]]:
    draw = random.Random(5)
    documents = []
    for category, count in CATEGORIES.items():
        for number in range(count):
            words = draw.choices(["corn", "weir", "plum", "the", "mill", "grinds"], k=draw.randrange(2, 60))
            documents.append(
                {
                    "url": f"https://www.{category[:2]}{number % 48}.org/{category}/{number}",
                    "text": " ".join(words),
                    "language": draw.choice(LANGUAGES) if category == "multilingual" else "en",
                    "category": category,
                    "topic": draw.choice(TOPICS),
                    "quality_percentile": draw.random(),
                }
            )
    return [*documents, {**documents[0], "url": "https://x.org/none", "category": None}]


DOCUMENTS = made_documents()


def run(
    folder: Path, *settings: str, documents: Sequence[dict[str, Any]] = DOCUMENTS, files: int = 3, last: str = "anneal"
) -> Path:
    """Mix documents from so many files."""
    tables = folder / "tables"
    tables.mkdir(parents=True, exist_ok=True)
    ends = [round(number * len(documents) / files) for number in range(files + 1)]
    for number, (start, end) in enumerate(pairwise(ends)):
        (tables / f"{number}.jsonl").write_text("\n".join(map(json.dumps, documents[start:end])), encoding="utf-8")
    curate(Request(str(folder / "run"), (str(tables / "*"),), first="mix", last=last, assignments=settings))
    return folder / "run"


def manifest(output: Path) -> dict[str, Any]:
    read = read_manifest(str(output / "release"))
    assert read is not None
    return read


def released(output: Path, split: str = "data") -> list[dict[str, Any]]:
    folder = output / "release" / split
    return ds.dataset(folder).to_table().to_pylist() if folder.exists() else []


def copies(output: Path, split: str = "data") -> set[tuple[str, int]]:
    return {(row["url"], row["epoch"]) for row in released(output, split)}


def shards(output: Path) -> dict[str, str]:
    return {file["path"]: file["sha256"] for file in manifest(output)["shards"]}


def run_with_all_splits(folder: Path) -> Path:
    """Mix documents into many shards with every split, licences and tokens."""
    settings = ("anneal.tokens=60", "anneal.min_bucket=15", "mix.shard_bytes=4000", "mix.write_tokens=megatron")
    licences = {0: "cc-by-4.0", 1: "cc0-1.0"}
    documents = [{**doc, "declared_license": licences.get(n % 5)} for n, doc in enumerate(DOCUMENTS)]
    return run(folder, *settings, documents=documents)
