"""Makes a model folder of an encoder: `python -m classifiers.export_onnx MODEL_DIR OUT_DIR --description FILE`.

MODEL_DIR is as the transformers library saves it, with a `tokenizer.json`; FILE is YAML of a `ModelInfo`, `kind` and
`files` apart. Its weights become an ONNX graph of int8, which is compared with that of float32 on given texts before
the folder is there. Needs the extra `train`.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import yaml

from classifiers.encoders.encoder import EncoderClassifier
from classifiers.encoders.onnx_graphs import export_graph, quantise_graph
from classifiers.encoders.settings import ONNX, TOKENIZER, EncoderSettings, outputs_of
from classifiers.model_folder import CARD, INFO, ModelError, ModelInfo, write_info

MEAN_LIMIT: Final = 0.02
"""So much int8 may differ from float32 in the mean of all probabilities."""
TAIL_LIMIT: Final = 0.10
"""And so much all but one of a hundred may."""
_FLOAT: Final = "float.onnx"


class Difference(NamedTuple):
    """How far int8 is from float32.

    Attributes:
        mean: Of the absolute differences of scores; where they are no probabilities, in units of their range.
        tail: Their 99th percentile.
        texts: On which it was measured.
    """

    mean: float
    tail: float
    texts: int

    def is_small(self) -> bool:
        """Return whether int8 will do."""
        return self.mean <= MEAN_LIMIT and self.tail <= TAIL_LIMIT

    def __str__(self) -> str:
        return f"int8 differs from float32 by {self.mean:.4f} in the mean, {self.tail:.4f} at the 99th percentile"


def export(source: Path, out: Path, info: ModelInfo, texts: Sequence[str], *, quantised: bool = True) -> Difference:
    """Write a model folder.

    Args:
        source: An encoder as the transformers library saves it.
        out: The folder, which must not exist yet.
        info: What the model is; `files` are filled in here, and the settings' `outputs` from the encoder's `id2label`
            where they have none.
        texts: Like those that it will be shown: int8 is compared with float32 on them. Where all of int8 is too far,
            narrowing products stay float32 (`quantise_graph`).
        quantised: Whether the folder gets the graph of int8, or that of float32.

    Raises:
        ModelError: Weights are missing, a label is no output, the folder exists, or int8 is too far from float32.
    """
    if out.exists():
        raise ModelError(f"{out} is there already: nothing is overwritten")
    if not (source / TOKENIZER).is_file():
        raise ModelError(f"{source} has no {TOKENIZER}: save its tokenizer with save_pretrained, as a fast one")
    if not texts:
        raise ModelError("int8 is compared with float32 on texts, and there are none")
    described = info.model_copy(update={"settings": {"outputs": outputs_of(source), **info.settings}})
    settings = EncoderSettings.model_validate(described.settings)
    if settings.pool != "model":
        raise ModelError("an encoder whose head is apart is exported for its vectors: use `export_graph`")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as temporary:
        folder = Path(temporary) / out.name
        folder.mkdir()
        shutil.copyfile(source / TOKENIZER, folder / TOKENIZER)
        export_graph(source, folder / _FLOAT, "model")
        for narrowing in (True, False):
            quantise_graph(folder / _FLOAT, folder / ONNX, narrowing=narrowing)
            difference = compare(folder, described, texts)
            if difference.is_small():
                break
        if quantised and not difference.is_small():
            raise ModelError(f"{difference}, above {MEAN_LIMIT} and {TAIL_LIMIT}: keep float32")
        if quantised:
            (folder / _FLOAT).unlink()
        else:
            (folder / _FLOAT).replace(folder / ONNX)
        write_info(folder, described)
        (folder / CARD).write_text(card_of(described, difference, quantised=quantised), encoding="utf-8")
        folder.rename(out)
    return difference


def compare(folder: Path, info: ModelInfo, texts: Sequence[str]) -> Difference:
    """Return how far the scores of a folder's graph of int8 are from those of the one of float32."""
    for name in (_FLOAT, ONNX):
        write_info(folder, info.model_copy(update={"settings": {**info.settings, "onnx": name, "rounding": None}}))
    scores = []
    for name in (_FLOAT, ONNX):
        settings = {**info.settings, "onnx": name, "rounding": None}
        described = ModelInfo.model_validate_json((folder / INFO).read_bytes())
        model = EncoderClassifier(folder, described.model_copy(update={"settings": settings}))
        scores.append(model.predict(texts).astype(np.float64))
    unit = max(float(np.ptp(scores[0])), 1e-6) if info.settings["activation"] == "none" else 1.0
    differences = np.abs(scores[0] - scores[1]).ravel() / unit
    return Difference(float(differences.mean()), float(np.percentile(differences, 99)), len(texts))


def card_of(info: ModelInfo, difference: Difference, *, quantised: bool) -> str:
    """Return what people want to know of the model: Markdown."""
    weights = "int8" if quantised else "float32"
    return (
        f"# {info.name}\n\nAn encoder for {', '.join(info.labels)}, as an ONNX graph of {weights}.\n\n"
        f"- Licence of the weights: {info.licence}\n- Trained on: {info.trained_on}\n"
        f"- {str(difference).capitalize()} (scores of {difference.texts} texts).\n"
    )


def main(arguments: list[str] | None = None) -> int:
    """Export a model, and print what became of it."""
    parser = argparse.ArgumentParser(description="Makes a model folder of an encoder that transformers saved.")
    parser.add_argument("model_dir", type=Path)
    parser.add_argument("out_dir", type=Path)
    parser.add_argument("--description", type=Path, required=True, help="YAML: name, labels, licence, settings, …")
    parser.add_argument("--texts", type=Path, required=True, help="texts to compare on: a JSON string a line")
    parser.add_argument("--float", action="store_true", dest="as_float", help="keep float32")
    options = parser.parse_args(arguments)
    described: Any = yaml.safe_load(options.description.read_text(encoding="utf-8"))
    texts = [json.loads(line) for line in options.texts.read_text(encoding="utf-8").splitlines() if line.strip()]
    try:
        info = ModelInfo.model_validate({**described, "kind": "encoder"})
        difference = export(options.model_dir, options.out_dir, info, texts, quantised=not options.as_float)
    except ModelError as error:
        print(error, file=sys.stderr)  # noqa: T201  (what a command says)
        return 1
    print(f"{options.out_dir}: {difference}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
