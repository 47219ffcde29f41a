"""How an encoder is trained: what a configuration says, and what a training starts from."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from classifiers.encoders.settings import CONFIG, TOKENIZER, WEIGHTS
from classifiers.model_files.located import located
from classifiers.model_folder import ModelError
from classifiers.training.config import TrainingConfig

_SPECIAL: Final = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")


class Scratch(BaseModel):
    """An encoder of random weights: a RoBERTa, and a byte-level BPE of the examples' own texts.

    Attributes:
        vocabulary: Tokens.
        layers: Of the encoder.
        width: Numbers of a token's vector.
        heads: Of attention, in each layer.
        inner_width: Of the feed-forward blocks.
    """

    model_config = ConfigDict(extra="forbid")

    vocabulary: int = Field(16_000, ge=300)
    layers: int = Field(4, ge=1)
    width: int = Field(256, ge=8)
    heads: int = Field(4, ge=1)
    inner_width: int = Field(1024, ge=8)


class EncoderTraining(TrainingConfig):
    """How an encoder is trained.

    Attributes:
        base: The encoder to start from: a path, or `org/name` in the cache of a hub; null for `scratch`.
        revision: Of a model of the hub: a commit, a branch or a tag.
        scratch: The encoder to begin with where there is no base.
        max_tokens: Of a text that are looked at, from its start.
        epochs: At the most; early stopping may end before.
        patience: Epochs without a better loss on unseen examples after which it ends.
        batch: Examples of a step.
        learning_rate: At the most, after the warm-up.
        warmup: Share of all steps in which the learning rate rises.
        weight_decay: Of AdamW.
        class_weights: Whether labels count alike however many examples they have; of labels that exclude each other.
        quantised: Whether the folder gets int8 or float32.
    """

    base: str | None = None
    revision: str | None = None
    scratch: Scratch | None = None
    max_tokens: int = Field(512, ge=8)
    epochs: int = Field(3, ge=1)
    patience: int = Field(1, ge=1)
    batch: int = Field(16, ge=1)
    learning_rate: float = Field(3e-5, gt=0)
    warmup: float = Field(0.1, ge=0, lt=1)
    weight_decay: float = Field(0.01, ge=0)
    class_weights: bool = False
    quantised: bool = True

    @model_validator(mode="after")
    def _begins_somewhere(self) -> Self:
        if (self.base is None) == (self.scratch is None):
            raise ValueError("a training starts from a base or from scratch: name one of them")
        return self

    @property
    def activation(self) -> str:
        """What is put on the model's outputs."""
        return {"label": "softmax", "probabilities": "softmax", "labels": "sigmoid", "score": "none"}[self.data.kind]


def starting_model(config: EncoderTraining, labels: Sequence[str], texts: Iterator[str], folder: Path) -> Any:
    """Return the model that a training starts from; write its tokenizer into a folder.

    Args:
        config: Of the training.
        labels: Names of its outputs, in their order.
        texts: Of which a tokenizer is made where there is no base.
        folder: Of the tokenizer.

    Raises:
        ModelError: The base is not here, or lacks weights other than those of the head.
    """
    from transformers import AutoModelForSequenceClassification, RobertaConfig, set_seed

    loader: Any = AutoModelForSequenceClassification  # whose methods have no types
    set_seed(config.seed)
    names: dict[str, Any] = {
        "id2label": dict(enumerate(labels)),
        "label2id": {label: number for number, label in enumerate(labels)},
    }
    if config.scratch is not None:
        size = make_tokenizer(texts, config.scratch.vocabulary, folder / TOKENIZER)
        wanted = config.scratch
        shape = RobertaConfig(
            vocab_size=size,
            num_hidden_layers=wanted.layers,
            hidden_size=wanted.width,
            num_attention_heads=wanted.heads,
            intermediate_size=wanted.inner_width,
            max_position_embeddings=config.max_tokens + 2,
            type_vocab_size=1,
            **names,
        )
        return loader.from_config(shape)
    base = located(folder, str(config.base), config.revision)
    if not (base / TOKENIZER).is_file() or not (base / CONFIG).is_file() or not list(base.glob(WEIGHTS)):
        raise ModelError(f"{base} is no encoder to start from: it needs {CONFIG}, {TOKENIZER} and {WEIGHTS}")
    (folder / TOKENIZER).write_bytes((base / TOKENIZER).read_bytes())
    model, report = loader.from_pretrained(
        str(base), output_loading_info=True, local_files_only=True, ignore_mismatched_sizes=True, **names
    )
    body = f"{model.base_model_prefix}."
    lacking = sorted(name for name in report["missing_keys"] if name.startswith(body) and ".pooler." not in name)
    if lacking:
        kind = json.loads((base / CONFIG).read_text(encoding="utf-8")).get("architectures")
        raise ModelError(f"{base} (saved as {kind}) lacks weights of the encoder itself: {', '.join(lacking[:5])}")
    return model


def make_tokenizer(texts: Iterator[str], vocabulary: int, path: Path) -> int:
    """Train a byte-level BPE that frames texts as RoBERTa does, and save it; return how many tokens it has."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(_SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    frame = [(sign, _SPECIAL.index(sign)) for sign in ("<s>", "</s>")]
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=frame)
    tokenizer.save(str(path))
    return int(tokenizer.get_vocab_size())
