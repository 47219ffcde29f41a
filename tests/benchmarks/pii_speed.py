"""What finding personal data costs on one core, with plain presidio and datatrove's formatter on the same texts.

`python -m tests.benchmarks.pii_speed --run RUN [--python DIR/bin/python] [--model NAME]`: the documents of a finished
run (stage `route`), cut into texts of 2,600 code points, the first of each document first. CPU time of one process. Our
row finds *and* replaces, in titles too.

Plain presidio is an `AnalyzerEngine` with all its English recognisers and a spaCy model, asked of fewer texts, for it
takes long. Where no model is named, one is made with the architecture of `en_core_web_sm` (a convolutional encoder of
96 × 4, tagger, parser, entity recogniser) and weights that are not fitted: what it finds is worth nothing, what it
costs is what a fitted one costs. datatrove's formatter (e-mail and IP addresses) needs an interpreter that has it.
"""

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.dataset as ds

from pipeline.kernels.pii.find import find_pii
from pipeline.kernels.text.spans import Edit, apply_edits
from pipeline.kernels.urls.addresses import suffix_list
from pipeline.pii.params import PiiParams
from pipeline.results.locations import locate
from schemas.columns import NO_PROSE

CHARS = 2600
_AT_ONCE = 256
_PEER = """
import json, sys, time
from datatrove.pipeline.formatters.pii import PIIFormatter
texts, formatter = json.load(open(sys.argv[1])), PIIFormatter()
start = time.process_time()
for text in texts:
    formatter.format(text)
print(time.process_time() - start)
"""
Piece = dict[str, Any]


def pieces_of(run: str) -> Iterator[Piece]:
    """Yield texts of CHARS code points: the first piece of every document, then every second one, and so on."""
    columns = ["doc_id", "text", "title", "spans", "language", "host"]
    rows = ds.dataset(locate(run, "route"), format="parquet").to_table(columns=columns).to_pylist()
    rows = [row for row in sorted(rows, key=lambda row: str(row["doc_id"])) if len(row["text"]) >= CHARS]
    number = 0
    while rows:
        start = number * CHARS
        rows = [row for row in rows if len(row["text"]) >= start + CHARS]
        for row in rows:
            inside = [(max(0, span["start"] - start), span["end"] - start, span["kind"]) for span in row["spans"] or ()]
            code = [(first, min(last, CHARS)) for first, last, kind in inside if kind in NO_PROSE and first < last]
            title = row["title"] if not number else None
            yield {**row, "text": row["text"][start : start + CHARS], "title": title, "code": code}
        number += 1


def redact_all(pieces: Sequence[Piece]) -> int:
    """Find and replace as the stage does; return how many values there were."""
    settings = PiiParams().find_params().settings()
    count = 0
    for at in range(0, len(pieces), _AT_ONCE):
        some = pieces[at : at + _AT_ONCE]
        languages, hosts = [one["language"] for one in some], [one["host"] for one in some]
        texts = pa.array([one["text"] for one in some], pa.string())
        result = find_pii(texts, [one["code"] for one in some], languages, hosts, settings)
        find_pii(pa.array([one["title"] for one in some], pa.string()), [()] * len(some), languages, hosts, settings)
        for one, values in zip(some, result, strict=True):
            edits = [Edit(value.start, value.end, f"<{value.entity}>") for value in values or ()]
            apply_edits(one["text"], [], edits)
            count += len(edits)
    return count


def unfitted_model(folder: Path) -> str:
    """Write a spaCy pipeline of the architecture of `en_core_web_sm` with weights that are not fitted."""
    import spacy
    from spacy.training import Example

    nlp = spacy.blank("en")
    encoder = {
        "@architectures": "spacy.HashEmbedCNN.v2",
        "pretrained_vectors": None,
        "width": 96,
        "depth": 4,
        "embed_size": 2000,
        "window_size": 1,
        "maxout_pieces": 3,
        "subword_features": True,
    }
    nlp.add_pipe("tok2vec", config={"model": encoder})
    for name in ("tagger", "parser", "ner"):
        nlp.add_pipe(name)
    words = ["Jane", "grinds", "corn"]
    marks = {"words": words, "tags": ["NNP", "VBZ", "NN"], "heads": [1, 1, 1], "deps": ["nsubj", "ROOT", "dobj"]}
    doc = nlp.make_doc(" ".join(words))
    nlp.initialize(lambda: [Example.from_dict(doc, {**marks, "entities": ["U-PERSON", "O", "O"]})])
    nlp.to_disk(folder)
    return str(folder)


def presidio_seconds(texts: Sequence[str], model: str) -> float:
    """Return the CPU seconds that plain presidio takes."""
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    engine = AnalyzerEngine(nlp_engine=SpacyNlpEngine([{"lang_code": "en", "model_name": model}]))
    with patch("tldextract.extract", suffix_list()):  # its own would ask the network for a list
        engine.analyze("jane@example.org, +1 202-555-0143", "en")
        start = time.process_time()
        for text in texts:
            engine.analyze(text, "en")
        return time.process_time() - start


def peer_seconds(python: str, texts: Sequence[str]) -> float:
    """Return the CPU seconds that datatrove's formatter takes in an interpreter of its own."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(texts, file)
        file.flush()
        result = subprocess.run([python, "-I", "-c", _PEER, file.name], check=True, capture_output=True, text=True)
    return float(result.stdout)


def main() -> None:
    """Print a row per way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", required=True)
    parser.add_argument("--documents", type=int, default=5000)
    parser.add_argument("--python", help="an interpreter that has datatrove")
    parser.add_argument("--model", help="an installed spaCy model for plain presidio")
    asked = parser.parse_args()
    pieces = list(islice(pieces_of(asked.run), asked.documents))
    texts = [one["text"] for one in pieces]
    redact_all(pieces[:64])
    start = time.process_time()
    count = redact_all(pieces)
    ways = {f"gristmill, {count:,} values replaced": (time.process_time() - start, len(pieces))}
    if asked.python:
        ways["datatrove's PIIFormatter: e-mail and IP addresses"] = (peer_seconds(asked.python, texts), len(texts))
    some = texts[: max(1, len(texts) // 20)]
    with tempfile.TemporaryDirectory() as folder:
        model = asked.model or unfitted_model(Path(folder) / "model")
        name = asked.model or "a pipeline as en_core_web_sm, not fitted"
        ways[f"presidio, all recognisers of English, {name}"] = (presidio_seconds(some, model), len(some))
    print(
        f"{len(pieces):,} texts of {CHARS:,} code points\n| way | texts | µs per text | texts/s/core |\n"
        "|---|--:|--:|--:|"
    )
    for name, (seconds, number) in ways.items():
        print(f"| {name} | {number:,} | {seconds / number * 1e6:,.0f} | {number / seconds:,.0f} |")


if __name__ == "__main__":
    main()
