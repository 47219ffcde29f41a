"""Makes a backbone of an encoder: `python -m classifiers.export_vectors MODEL_DIR OUT_DIR --texts FILE`.

MODEL_DIR is as the transformers library saves it, with a `tokenizer.json`. OUT_DIR gets its ONNX graph, from tokens to
their vectors, and the tokenizer; heads on sentence vectors (`encoders/embedding_head.py`) name that folder with the
hashes that are printed. int8 is compared with float32 on the texts. Needs the extra `train`.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from classifiers.encoders.backends import OnnxBackend
from classifiers.encoders.onnx_graphs import export_graph, quantise_graph
from classifiers.encoders.settings import ONNX, TOKENIZER, Backbone
from classifiers.encoders.tokens import WindowTokenizer
from classifiers.model_folder import ModelError, sha256_of

LEAST_COSINE: Final = 0.98
"""Of a text's mean vector in int8 with the one in float32, in the mean of all texts."""
_FLOAT: Final = "float.onnx"


def export_vectors(
    source: Path, out: Path, texts: Sequence[str], *, max_tokens: int = 256, quantised: bool = True
) -> tuple[Backbone, float]:
    """Write a backbone's folder; return what a head's settings say of it, and the mean cosine of int8 and float32.

    Where all of int8 is too far from float32, narrowing products stay float32 (`quantise_graph`).

    Args:
        source: An encoder as the transformers library saves it.
        out: The folder, which must not exist yet.
        texts: On which int8 is compared.
        max_tokens: Of each, from its start.
        quantised: Whether the folder gets int8 or float32.

    Raises:
        ModelError: Weights are missing, the folder exists, or int8 is too far from float32.
    """
    if out.exists():
        raise ModelError(f"{out} is there already: nothing is overwritten")
    if not (source / TOKENIZER).is_file() or not texts:
        raise ModelError(f"{source} has no {TOKENIZER}, or there are no texts to compare on")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as temporary:
        folder = Path(temporary) / out.name
        folder.mkdir()
        shutil.copyfile(source / TOKENIZER, folder / TOKENIZER)
        export_graph(source, folder / _FLOAT, "mean")
        for narrowing in (True, False):
            quantise_graph(folder / _FLOAT, folder / ONNX, narrowing=narrowing)
            cosine = _cosine(folder, texts, max_tokens)
            if cosine >= LEAST_COSINE:
                break
        if quantised and cosine < LEAST_COSINE:
            raise ModelError(f"int8 has a cosine of {cosine:.3f} with float32, below {LEAST_COSINE}: keep float32")
        if quantised:
            (folder / _FLOAT).unlink()
        else:
            (folder / _FLOAT).replace(folder / ONNX)
        folder.rename(out)
    hashes = {name: sha256_of(out / name) for name in (ONNX, TOKENIZER)}
    return Backbone(model=str(out), sha256=hashes, pool="mean", max_tokens=max_tokens), cosine


def _cosine(folder: Path, texts: Sequence[str], max_tokens: int) -> float:
    """Return the mean cosine of texts' vectors by both graphs."""
    windows = [
        windows_of_text[0]
        for windows_of_text in WindowTokenizer(folder / TOKENIZER, max_tokens, "head", 1).windows(texts)
    ]
    pair = [OnnxBackend(folder / name, "mean").rows(windows).astype(np.float64) for name in (_FLOAT, ONNX)]
    plain, small = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in pair)
    return float((plain * small).sum(axis=1).mean())


def main(arguments: Sequence[str] | None = None) -> int:
    """Export a backbone; print what a head's settings say of it. Returns the exit code."""
    parser = argparse.ArgumentParser(description="Makes a backbone of an encoder that transformers saved.")
    parser.add_argument("model_dir", type=Path)
    parser.add_argument("out_dir", type=Path)
    parser.add_argument("--texts", type=Path, required=True, help="texts to compare on: a JSON string a line")
    parser.add_argument("--max-tokens", type=int, default=256, help="of a text, special ones among them")
    parser.add_argument("--float", action="store_true", dest="as_float", help="keep float32")
    options = parser.parse_args(arguments)
    texts = [json.loads(line) for line in options.texts.read_text(encoding="utf-8").splitlines() if line.strip()]
    try:
        named, cosine = export_vectors(
            options.model_dir, options.out_dir, texts, max_tokens=options.max_tokens, quantised=not options.as_float
        )
    except ModelError as error:
        print(error, file=sys.stderr)  # noqa: T201  (what a command says)
        return 1
    print(named.model_dump_json(exclude_defaults=True, indent=1))  # noqa: T201
    print(f"int8 has a cosine of {cosine:.4f} with float32", file=sys.stderr)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
