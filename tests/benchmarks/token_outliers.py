"""How well token outliers tell soup from real texts, and what they cost.

`python -m tests.benchmarks.token_outliers --texts FILE.jsonl[.gz] … [--foreign FILE] [--each 200] [--json FILE]`

Takes up to 5,000 real texts of 100 words and more, all of one language, plants soup of five kinds among them, and runs
`heuristics` on all of it. AUC is the share of pairs of a soup and a real text in which the soup has the higher score.
"""

import argparse
import gzip
import json
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.tokenizers import load_encoder
from pipeline.curation import Request, curate
from pipeline.heuristics.params import HeuristicsParams
from pipeline.kernels.tokens.divergence import count_tokens, divergences, log_shares
from tests.benchmarks.stored_rows import judged_rows
from tests.benchmarks.token_soup import KINDS, planted, real_of

MOST, FEWEST_WORDS, FEWEST_PARAGRAPHS = 5000, 100, 20
REAL = "real"
_TIMED = 2000
Array = np.ndarray[Any, np.dtype[Any]]


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a file of JSON lines."""
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    return [json.loads(line) for line in text.split("\n") if line]


def read_texts(paths: Sequence[Path], seed: int) -> tuple[list[str], list[str]]:
    """Return texts to judge, and others to spoil; the latter are the former where there are no more."""
    texts = sorted({line["text"] for path in paths for line in read_lines(path) if line.get("text")})
    long = [text for text in texts if len(text.split()) >= FEWEST_WORDS]
    random.Random(seed).shuffle(long)
    return long[:MOST], long[MOST:] or long[:MOST]


def read_foreign(path: Path, own: str) -> list[list[str]]:
    """Return the paragraphs of each language but one, by its name in the file."""
    result: dict[str, list[str]] = {}
    for line in read_lines(path):
        result.setdefault(line["language"], []).append(line["text"])
    return [some for language, some in sorted(result.items()) if language != own and len(some) >= FEWEST_PARAGRAPHS]


def run_heuristics(directory: Path, rows: Sequence[tuple[str, str]], language: str) -> dict[str, Array]:
    """Return number, score and length of the rows that have a score, as a run stores them.

    Args:
        directory: Where the run is to be.
        rows: Kind and text of each document.
        language: Label of all.
    """
    order = list(range(len(rows)))
    random.Random(0).shuffle(order)
    table = directory / "texts.jsonl"
    with table.open("w", encoding="utf-8") as file:
        for number in order:
            row = {"url": f"https://{number}.example/", "text": rows[number][1], "language": language}
            file.write(json.dumps({**row, "category": "general"}) + "\n")
    run = str(directory / "run")
    only = "heuristics"
    curate(Request(run, (str(table),), assignments=("ingest.html_column=null",), first=only, last=only))
    return stored_scores(run)


def stored_scores(run: str) -> dict[str, Array]:
    """Return what a run stored of the documents that have a score, those that it dropped too."""
    rows = judged_rows(run, "heuristics", ["url", "token_outlier_score", "n_tokens"])
    scored = [row for row in rows if row["token_outlier_score"] is not None]
    numbers = [int(row["url"].split("//")[1].split(".")[0]) for row in scored]
    return {
        "number": np.array(numbers, np.int64),
        "score": np.array([row["token_outlier_score"] for row in scored]),
        "tokens": np.array([row["n_tokens"] for row in scored]),
    }


def auc(positives: Array, negatives: Array) -> float:
    """Return the share of pairs whose positive is the higher; of equal ones, half.

    >>> auc(np.array([2.0, 3.0]), np.array([1.0, 2.0]))
    0.875
    """
    ordered = np.sort(negatives)
    below, up_to = (np.searchsorted(ordered, positives, side=side) for side in ("left", "right"))
    return float((below + up_to).sum() / 2 / len(positives) / len(negatives))


def evaluate(directory: Path, texts: Sequence[Path], foreign: Path, each: int, seed: int = 0) -> dict[str, Any]:
    """Return AUC and share above the default limit by kind, and correlations with the length on real texts."""
    sample, others = read_texts(texts, seed)
    soup = planted(real_of(sample, others, read_foreign(foreign, "English")), each, seed)
    rows = [(REAL, text) for text in sample] + soup
    result = run_heuristics(directory, rows, "en")
    kinds = np.array([kind for kind, _ in rows])[result["number"]]
    score, limit = result["score"], HeuristicsParams().max_token_outlier_score
    real, tokens = score[kinds == REAL], result["tokens"][kinds == REAL]
    assert limit is not None
    return {
        "documents": {kind: int((kinds == kind).sum()) for kind in (REAL, *KINDS)},
        "auc": {kind: auc(score[kinds == kind], real) for kind in KINDS},
        "above the limit": {kind: float((score[kinds == kind] > limit).mean()) for kind in (REAL, *KINDS)},
        "correlation with tokens": float(np.corrcoef(real, tokens)[0, 1]),
        "correlation with log tokens": float(np.corrcoef(real, np.log(tokens))[0, 1]),
    }


def cost(texts: Sequence[str]) -> dict[str, float]:
    """Return documents per second and core of each step of the divergence path, called directly."""
    encoder = load_encoder("tekken")
    chars = np.array([len(text) for text in texts])
    tokens = encoder.tokens(texts)
    counted = count_tokens(tokens.offsets, tokens.ids)
    logs = log_shares(counted.ids, np.ones(len(counted.ids), np.int64), encoder.vocabulary)
    divergences(counted, chars, logs)  # compiles
    steps: dict[str, Callable[[], Any]] = {
        "tokenising": lambda: encoder.tokens(texts),
        "counting": lambda: count_tokens(tokens.offsets, tokens.ids),
        "diverging": lambda: divergences(counted, chars, logs),
    }
    seconds = {}
    for name, step in steps.items():
        start = time.process_time()
        step()
        seconds[name] = time.process_time() - start
    seconds["all"] = sum(seconds.values())
    return {name: len(texts) / spent for name, spent in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, nargs="+", required=True)
    parser.add_argument("--foreign", type=Path, required=True)
    parser.add_argument("--each", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        result = evaluate(Path(scratch), asked.texts, asked.foreign, asked.each, asked.seed)
    result["documents/s/core"] = cost(read_texts(asked.texts, asked.seed)[0][:_TIMED])
    print("| kind | documents | AUC | above the limit |\n|---|---:|---:|---:|")
    for kind, number in result["documents"].items():
        told = f"{result['auc'][kind]:.4f}" if kind in result["auc"] else ""
        print(f"| {kind} | {number:,} | {told} | {result['above the limit'][kind]:.2%} |")
    for name in ("correlation with tokens", "correlation with log tokens"):
        print(f"{name}, of real texts: {result[name]:+.3f}")
    for name, speed in result["documents/s/core"].items():
        print(f"{name}: {speed:,.0f} documents/s/core")
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
