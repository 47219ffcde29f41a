"""Makes the encoder that tests load without torch: `python -m tests.unit.classifiers.make_tiny_encoder FOLDER`.

A BERT of 2 layers, 16 wide, with random weights and a byte-level tokenizer of its own, as ONNX graphs of float32 and of
int8: outputs High, Medium and Low. Needs the extra `train`.
"""

import sys
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

SENTENCES = (
    "The mill grinds the grain that the farmers bring down to the river each autumn.",
    "Cheap watches, free shipping, buy now!!! Click here, click here.",
    "Die alte Mühle am Fluss mahlt das Korn, und das Wasser treibt das Rad.",
    "x = [row[0] for row in table if row]",
)
LABELS = ("High", "Medium", "Low")
POSITIONS = 64


def make_tokenizer(path: Path, size: int = 300) -> Tokenizer:
    """Train a byte-level tokenizer that frames texts by [CLS] and [SEP], and save it."""
    tokenizer = Tokenizer(models.BPE(unk_token=None))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=special, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(SENTENCES * 3, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    tokenizer.save(str(path))
    return tokenizer


def make_model(folder: Path, kind: str = "bert", labels: tuple[str, ...] = LABELS, **options: Any) -> Path:
    """Save a random model for sequences with its tokenizer, as transformers does; return its folder."""
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = make_tokenizer(folder / "tokenizer.json")
    shape = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    names = {"id2label": dict(enumerate(labels)), "label2id": {label: n for n, label in enumerate(labels)}}
    size = {"vocab_size": tokenizer.get_vocab_size(), "max_position_embeddings": POSITIONS + 2, "pad_token_id": 0}
    config = AutoConfig.for_model(kind, **{**shape, **size, **names, "initializer_range": 0.3, **options})
    torch.manual_seed(0)
    loader: Any = AutoModelForSequenceClassification
    loader.from_config(config).save_pretrained(folder)
    return folder


def shorten(path: Path) -> None:
    """Give all values of a graph short names: those of torch's modules are half of so small a file."""
    import onnx

    graph = onnx.load(path)
    kept = {value.name for value in [*graph.graph.input, *graph.graph.output]} | {""}
    names: dict[str, str] = {}

    def short(name: str) -> str:
        return name if name in kept else names.setdefault(name, f"v{len(names)}")

    del graph.graph.value_info[:]
    for weight in graph.graph.initializer:
        weight.name = short(weight.name)
    for number, node in enumerate(graph.graph.node):
        node.name = f"n{number}"
        node.input[:], node.output[:] = [*map(short, node.input)], [*map(short, node.output)]
    onnx.checker.check_model(graph, full_check=True)
    onnx.save(graph, path)


def main() -> None:
    """Write the graphs and the tokenizer."""
    import tempfile

    from classifiers.encoders.onnx_graphs import export_graph, quantise_graph

    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        source = make_model(Path(temporary))
        export_graph(source, out / "model.onnx", "model")
        export_graph(source, out / "vectors.onnx", "mean")
        quantise_graph(out / "model.onnx", out / "model.int8.onnx")
        for path in out.glob("*.onnx"):
            shorten(path)
        (out / "tokenizer.json").write_bytes((source / "tokenizer.json").read_bytes())


if __name__ == "__main__":
    main()
