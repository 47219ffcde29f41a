"""What has to be known of an encoder beside its weights: a schema that refuses what does not fit together."""

import json
import re
from pathlib import Path
from typing import Final, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from classifiers.model_folder import ModelError

Window: TypeAlias = Literal["head", "middle", "tail", "chunks", "head+tail", "head+middle+tail"]
Activation: TypeAlias = Literal["none", "sigmoid", "softmax"]
Aggregate: TypeAlias = Literal["mean", "max", "length-weighted"]
_FIELDS: Final = re.compile(r"\{([^{}]*)\}")
ONNX: Final = "model.onnx"
TOKENIZER: Final = "tokenizer.json"
CONFIG: Final = "config.json"
WEIGHTS: Final = "model*.safetensors*"
"""torch's weights: one file, or several and the index of them."""


def outputs_of(source: Path) -> list[str]:
    """Return the names of an encoder's outputs in their order: what is under `id2label`, sorted by its numbers.

    Raises:
        ModelError: The configuration is none.
    """
    try:
        config = json.loads((source / CONFIG).read_text(encoding="utf-8"))
        labels: dict[str, str] = config.get("id2label") or {}
        return [labels[number] for number in sorted(labels, key=int)]
    except (ValueError, AttributeError) as error:
        raise ModelError(f"{source / CONFIG} is not an encoder's configuration: {error}") from None


class Backbone(BaseModel):
    """An encoder, and what it is shown of a text.

    Attributes:
        model: Where it is: `.` for the model's folder, a path, or `org/name` in the cache of a hub.
        revision: Of a model of the hub: a commit, a branch or a tag.
        sha256: Files outside the model's folder → their hashes: of all that are read, or nothing is loaded.
        onnx: The graph's file in it.
        backend: ONNX Runtime, torch, or torch where it sees a GPU and the folder has weights for it.
        pool: What becomes of the vectors of tokens: the first one stands for the text, or their mean; `model` where the
            encoder's own class answers with one row of outputs.
        input: What it is shown; `{text}` and `{url}` are those of the document.
        max_tokens: So many it is shown at once, special ones among them.
        window: Which tokens of a longer text: its head, middle or tail, those of several, or chunk after chunk.
        most_chunks: So many of these at the most, from the start.
        end_chars: So many code points of a text are read, from each end that `window` names; None for
            `ModelInfo.max_chars`, from the start.
        tokens_a_batch: So many at the most in a batch of torch's, padding among them. On a CPU more than some 2,000 are
            slower, not faster.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = "."
    revision: str | None = None
    sha256: dict[str, str] = {}
    onnx: str = ONNX
    backend: Literal["auto", "onnx", "torch"] = "auto"
    pool: Literal["cls", "mean", "model"] = "model"
    input: str = "{text}"
    max_tokens: int = Field(512, ge=8)
    window: Window = "head"
    most_chunks: int = Field(8, ge=1)
    end_chars: int | None = Field(None, ge=1)
    tokens_a_batch: int = Field(2048, ge=8)

    @model_validator(mode="after")
    def _shows_the_text(self) -> Self:
        fields = set(_FIELDS.findall(self.input))
        if "text" not in fields or fields - {"text", "url"}:
            raise ValueError(f"the input {self.input!r} shows {{text}}, and {{url}} if at all")
        if self.tokens_a_batch < self.max_tokens:
            raise ValueError(f"a batch of {self.tokens_a_batch} tokens has no room for a text of {self.max_tokens}")
        return self


class Rounding(BaseModel):
    """Grades of a regression: a score is cut off at both ends, then rounded to a whole number.

    Attributes:
        low: The lowest grade.
        high: The highest.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    low: int
    high: int


class Reading(BaseModel):
    """How scores are made of a model's outputs.

    Attributes:
        outputs: Their names, in the model's own order: with `id2label {0: High, 1: Medium}`, High and Medium.
        activation: softmax where one label excludes the others, sigmoid where none does, none for regressions.
        weights: Output → weight: the only score is the sum of weight × output, of none means each label is its output.
        combine: Whether weighted outputs are added up, or the largest of them is the score.
        rounding: How the value of a regression becomes a grade; None to keep it as it is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    outputs: tuple[str, ...] = Field(min_length=1)
    activation: Activation
    weights: dict[str, float] = {}
    combine: Literal["sum", "max"] = "sum"
    rounding: Rounding | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if len(set(self.outputs)) < len(self.outputs):
            raise ValueError(f"outputs have names of their own, unlike {', '.join(self.outputs)}")
        if self.activation == "softmax" and len(self.outputs) == 1:
            raise ValueError("a softmax of one output is always 1: a regression's activation is none")
        if self.rounding is not None and self.activation != "none":
            raise ValueError("grades are of regressions, whose activation is none")
        if unknown := sorted(set(self.weights) - set(self.outputs)):
            raise ValueError(f"no output is called {', '.join(unknown)}: there are {', '.join(self.outputs)}")
        return self


class EncoderSettings(Backbone, Reading):
    """What an encoder with a head for sequences needs to know.

    Attributes:
        head: The head's weights, where `pool` is not `model`: an .npz in the model's folder (`dense_head.py`).
        aggregate: What becomes of the scores of several windows; by length, or all the same.
    """

    head: str | None = None
    aggregate: Aggregate = "mean"

    @model_validator(mode="after")
    def _has_one_head(self) -> Self:
        if (self.head is None) != (self.pool == "model"):
            raise ValueError("a head is named where pool is cls or mean; with `model` the encoder's own class has it")
        return self
