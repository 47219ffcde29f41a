"""A made-up hub cache with tiny models under the names of public ones."""

import json
import shutil
from pathlib import Path
from typing import Any

from tests.unit.classifiers.encoder_models import TINY
from tests.unit.classifiers.fasttext_models import train

COMMIT = "0123456789" * 4


def put_files(cache: Path, hub: str, commit: str = COMMIT, ref: str = "main") -> Path:
    """Make a snapshot as huggingface_hub lays it into a cache; return its folder, which is empty."""
    folder = cache / ("models--" + hub.replace("/", "--"))
    files = folder / "snapshots" / commit
    files.mkdir(parents=True)
    (folder / "refs").mkdir(exist_ok=True)
    (folder / "refs" / ref).write_text(commit)
    return files


def put_fasttext(cache: Path, hub: str, file: str, labels: tuple[str, ...], **options: Any) -> Path:
    """Lay a tiny fastText model into a cache, whose labels are these; return its file."""
    path = put_files(cache, hub) / file
    path.parent.mkdir(parents=True, exist_ok=True)
    train(path, labels=labels, **options)
    return path


def put_encoder(cache: Path, hub: str, outputs: list[str], graph: str = "onnx/model.onnx") -> Path:
    """Lay the tiny encoder into a cache, whose outputs have these names; return its folder."""
    files = put_files(cache, hub)
    (files / graph).parent.mkdir(exist_ok=True)
    shutil.copyfile(TINY / "model.onnx", files / graph)
    shutil.copyfile(TINY / "tokenizer.json", files / "tokenizer.json")
    names = {str(number): name for number, name in reversed(list(enumerate(outputs)))}
    (files / "config.json").write_text(json.dumps({"id2label": names}))
    return files
