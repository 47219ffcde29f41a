"""Model folders around the tiny encoder, whose weights are random."""

import shutil
from pathlib import Path
from typing import Any

from classifiers.model_folder import ModelInfo, write_info

TINY = Path(__file__).with_name("tiny_encoder")
OUTPUTS = ["High", "Medium", "Low"]
TEXTS = [
    *("", "The mill grinds the grain.", "buy now!!! " * 9, "Die alte Mühle am Fluss mahlt das Korn.", "水車小屋"),
    *("x = [row[0] for row in table if row]", " ".join(str(n) for n in range(90)), "\ud800 a lone surrogate"),
]


def encoder_info(labels: list[str], **settings: Any) -> ModelInfo:
    """Describe an encoder."""
    given = {"outputs": OUTPUTS, "activation": "softmax", "backend": "onnx", "max_tokens": 32, **settings}
    about = {"name": "tiny", "licence": "Apache-2.0", "trained_on": "nothing: random", "training_digest": "0" * 64}
    return ModelInfo(kind="encoder", labels=labels, settings=given, **about)


def encoder_folder(folder: Path, labels: list[str], graph: str = "model.onnx", **settings: Any) -> Path:
    """Write a folder with the tiny encoder and what it is said to be; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(TINY / graph, folder / "model.onnx")
    shutil.copyfile(TINY / "tokenizer.json", folder / "tokenizer.json")
    write_info(folder, encoder_info(labels, **settings))
    return folder
