"""Scores a run with the shared scoring scripts, on data that are the ones the floors were set on."""

import hashlib
import importlib
import json
import os
import subprocess
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

from tests.conftest import shared

PINS = {
    "data/crawl/gold.jsonl.gz": "0db6684fbcfec385c99bde81d8aacd72657122f66e10a5d71cfbe0f16b845c15",
    "data/crawl/truth.jsonl.gz": "b0edfde54d815fcf090e4a8661870b2031a138ea7005ece9c77ae82eb28dead5",
    "data/neardup/articles_100.train": "8cfc8951614b613ef1562787ca05e2230144e61c322b51ef6197c4aa23d6defd",
    "data/neardup/articles_100.truth": "de4b4dcd40e7e4dc07b3ef27bf79f438fff62a80acf8e7c3ae04b1b26b11c307",
    "data/neardup/articles_1000.train.gz": "194b4bd85b24955e32d8cdd02209db902b7e9c3eecf204e7336795380d3dcbb6",
    "data/neardup/articles_1000.truth": "73f6d6629c27bfcd2a240b3d780559752156dc13ee8fa5e3853387178e616ad1",
    "data/neardup/articles_2500.train.gz": "cbb99fd897b2d1bdfce378f65abac4807bba21592ec82ff113e488b1356d86fc",
    "data/neardup/articles_2500.truth": "3c8a63529ffa02159fcc9242ef31f4b89955201e6ce202827b54222fb9b70793",
    "data/neardup/versions-pairs.tsv": "901f82dcdb5b1f70f05cb6238827df0f638c3de9bbd9b9a4d84e2ac65e673cf2",
    "data/neardup/versions.jsonl.gz": "38b915a692f1374c5e6477be4e6134ee9f6744c439ae367bd3cf6dd0b2fd5400",
    "data/pii/labelled-spans.jsonl.gz": "6dfd333bf3c418bd79449a897872bbeb3b2efc2aebd0930e726148811d171fca",
    "data/topics/web-documents.jsonl.gz": "5eb9ad4c881c6eaf1550f98e11185e81152f7a88b6868f6bbb596c02229a8d7c",
    "data/warc-fixtures/INDEX.tsv": "f59ef616abab5cb52f2d40c8ca4d52db1ae226fddb55ce75e3b22c18b660c8cb",
}


def pinned(name: str) -> Path:
    """Return a shared file whose content a floor is tied to, or skip the test where it is absent."""
    path = shared(name)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == PINS[name], f"{name} changed: set its floors anew"
    return path


def score(script: str, *arguments: str | Path) -> dict[str, Any]:
    """Return what a scoring script prints, or writes where the arguments name a `--json`."""
    result = subprocess.run(
        [sys.executable, f"{script}.py", *map(str, arguments)],
        cwd=shared("bench"),
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    print(result.stdout)  # `pytest -s` shows what BENCHMARKS.md quotes
    wanted = [Path(after) for flag, after in pairwise(arguments) if flag == "--json"]
    printed = result.stdout if result.stdout.lstrip().startswith("{") else result.stdout.strip().rpartition("\n")[2]
    answer: dict[str, Any] = json.loads(wanted[0].read_text() if wanted else printed)
    return answer


@cache
def bench(script: str) -> ModuleType:
    """Return a scoring script as a module: it is imported from where it is, and leaves no compiled file there."""
    with patch.object(sys, "dont_write_bytecode", True), patch.object(sys, "path", [str(shared("bench")), *sys.path]):
        return importlib.import_module(script)
