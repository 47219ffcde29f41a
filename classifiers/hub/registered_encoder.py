"""Encoders of the registry: which files of a snapshot are read, what their outputs are called, and what runs them."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from classifiers.encoders.backends import Backend, OnnxBackend, Opened
from classifiers.encoders.settings import CONFIG, TOKENIZER, WEIGHTS, EncoderSettings, outputs_of
from classifiers.encoders.tokens import WindowTokenizer
from classifiers.hub.entry import RegistryEntry
from classifiers.model_folder import ModelError

CATEGORIES: Final = ("Race/Origin", "Gender/Sex", "Religion", "Ability", "Violence")
"""What celadon's heads are about, in their order: its makers' code has it, its configuration does not."""
_READ: Final = (".safetensors", ".onnx", ".onnx_data", ".data", ".json")
_GRAPHS: Final = ("model.onnx", "onnx/model.onnx")
_UNNAMED: Final = "LABEL_0"
_ALL_CHUNKS: Final = 1 << 30


def files_of(part: Path) -> dict[str, Path]:
    """Return the files by which a part's scores are known: name → path."""
    if part.is_file():
        return {part.name: part}
    paths = sorted(path for path in part.rglob("*") if path.is_file() and path.suffix in _READ)
    return {path.relative_to(part).as_posix(): path for path in paths}


def encoder_weights(name: str, root: Path, *, needs_torch: bool = False) -> tuple[str | None, list[str]]:
    """Return the ONNX graph of a snapshot, None for torch's weights, and all files that are read.

    Raises:
        ModelError: There is nothing that could be run here; the message says what to do.
    """
    if not (root / TOKENIZER).is_file():
        raise ModelError(f"{name}: {root} has no {TOKENIZER}: save its tokenizer there as transformers' fast one does")
    graphs = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.onnx"))
    graph = next((each for each in (*_GRAPHS, *graphs) if each in graphs), None)
    if graph not in (None, *_GRAPHS) and len(graphs) > 1:
        raise ModelError(f"{name}: {root} has several graphs and none called model.onnx: {', '.join(graphs)}")
    if graph is not None and not needs_torch:
        return graph, [graph, TOKENIZER]
    weights = [path.name for path in sorted(root.glob(WEIGHTS))]
    if not weights:
        raise ModelError(f"{name}: {root} has no weights that are read: {WEIGHTS} or an ONNX graph")
    if find_spec("torch") is None:
        export = (
            ""
            if needs_torch
            else (
                f", or make a model folder where it is: python -m classifiers.export_onnx {root} OUT --description "
                "FILE --texts FILE, and name OUT"
            )
        )
        raise ModelError(
            f"{name} has weights for torch alone, which is missing: pip install 'gristmill[train]'{export}"
        )
    return None, [*weights, CONFIG, TOKENIZER]


def encoder_settings(name: str, entry: RegistryEntry, root: Path) -> EncoderSettings:
    """Return how an encoder is used, and check that its outputs are those that its entry weighs.

    Raises:
        ModelError: They are not, or nothing here can run it.
    """
    graph, _ = encoder_weights(name, root, needs_torch=entry.adapter is not None)
    if graph is None and entry.trust_remote_code:
        raise ModelError(f"{name} needs Python files of the hub, which are not run here: give it an ONNX graph")
    outputs = CATEGORIES if entry.adapter == "celadon" else tuple(outputs_of(root)) or ("LABEL_0", "LABEL_1")
    weights: Mapping[str, float] = entry.labels
    if len(outputs) == 1 and set(weights) == {_UNNAMED}:
        weights = {outputs[0]: weights[_UNNAMED]}
    if unknown := sorted(set(weights) - set(outputs)):
        raise ModelError(f"{name}: {root} has no output called {', '.join(unknown)}: it has {', '.join(outputs)}")
    most = entry.max_tokens or 512
    return EncoderSettings(
        outputs=outputs,
        activation="none" if entry.adapter == "celadon" else entry.activation,
        weights=dict(weights),
        combine=entry.combine,
        rounding=entry.rounding,
        input=entry.input,
        max_tokens=most,
        tokens_a_batch=max(2048, most),
        window=entry.window,
        most_chunks=_ALL_CHUNKS,
        end_chars=entry.max_chars,
        aggregate=entry.aggregate or "mean",
        backend="torch" if graph is None else "onnx",
        onnx=graph or "model.onnx",
    )


def open_encoder(name: str, entry: RegistryEntry, root: Path, settings: EncoderSettings) -> Opened:
    """Load an encoder.

    Raises:
        ModelError: Its files are not what its entry says.
    """
    tokenizer = WindowTokenizer(root / TOKENIZER, settings.max_tokens, settings.window, settings.most_chunks)
    if settings.backend == "onnx":
        return Opened(tokenizer, OnnxBackend(root / settings.onnx, "model"), None)
    backend: Backend
    if entry.adapter is not None:
        from classifiers.encoders.deberta_heads import DebertaHeads

        backend = DebertaHeads(root, entry.adapter, settings.tokens_a_batch)
        return Opened(tokenizer, backend, None)
    from classifiers.encoders.torch_backend import TorchBackend

    plain = TorchBackend(root, "model", settings.tokens_a_batch)
    if plain.outputs != len(settings.outputs):
        raise ModelError(f"{name}: {root} has {plain.outputs} outputs, and names {len(settings.outputs)}")
    return Opened(tokenizer, plain, plain.outputs)
