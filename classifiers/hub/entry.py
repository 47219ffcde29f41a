"""What the registry says of a public classifier: a schema that refuses unknown keys and values that disagree."""

import re
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from classifiers.encoders.settings import Rounding

_FIELDS = re.compile(r"\{([^{}]*)\}")
_HUB_ID = r"^[\w.-]+/[\w.-]+$"
_SHA256 = r"^[0-9a-f]{64}$"


class HubFile(BaseModel):
    """Something on the hub.

    Attributes:
        hub: The model's name there, `org/name`.
        file: A path inside it, in which `*` stands for any letters; None for a whole model.
        revision: A commit, a branch or a tag; None for the branch `main`.
        sha256: Of the file; None where it is not known here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    hub: str = Field(pattern=_HUB_ID)
    file: str | None = None
    revision: str | None = None
    sha256: str | None = Field(None, pattern=_SHA256)


class Cut(BaseModel):
    """Where those who use a model cut.

    Attributes:
        percentile: That percentage of the tokens lies on the bad side of the cut; None where nobody says.
        value: The score at the cut; None where nobody says.
        source: Who says so, and of what.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    percentile: float | None = Field(None, gt=0, lt=100)
    value: float | None = None
    source: str


class RegistryEntry(HubFile):
    """A public model, and all that must be known to use it as its makers did.

    Attributes:
        also: What else it needs: a tokenizer, the encoder below a head.
        kind: What reads its weights.
        head: What its outputs are: of one softmax, of a sigmoid each, the value of a regression, several heads, words.
        pool: Which vector of an encoder stands for the text; `model` leaves that to its own class.
        activation: What is put on its outputs.
        labels: Label → weight; the score is made of weight × output. Empty where the labels are taken as they are.
        combine: Whether the weighted outputs are added up, or the largest of them is the score.
        good: Which end of the score speaks for a text; None where there is no score.
        input: What it is shown; `{text}` and `{url}` are those of the document.
        normaliser: What is done to a text before. `ultra-fineweb`: lower case, accents off, tokens of the tokenizer in
            `also` joined by spaces, line breaks written as backslash and n.
        max_tokens: So many tokens it is shown at once.
        max_chars: So many code points of a text are read at all, from either end that `window` names.
        window: Which tokens of a longer text it is shown.
        aggregate: What becomes of the scores of several windows.
        cut: Where its users cut.
        rounding: How the score becomes a grade.
        languages: ISO 639-1; empty for many.
        licence: Of the weights; None where it was not read.
        teacher: Whose verdicts it learned.
        teacher_licence: The terms of those verdicts.
        adapter: The code of ours that loads it, where the standard class would not.
        trust_remote_code: Whether it needs Python files from the hub, or a pickle.
        unverified: Keys of this entry whose values are likely, and were not read from the model.
        notes: What else its user should know.
    """

    also: list[HubFile] = []
    kind: Literal["fasttext", "encoder", "embedding+head", "generative"]
    head: Literal["softmax", "sigmoid", "regression", "multi-head", "generative"] = "softmax"
    pool: Literal["cls", "mean", "model"] | None = None
    activation: Literal["none", "sigmoid", "softmax"] = "softmax"
    labels: dict[str, float] = {}
    combine: Literal["sum", "max"] = "sum"
    good: Literal["high", "low"] | None = None
    input: str = "{text}"
    normaliser: Literal["none", "newlines-to-spaces", "ultra-fineweb"] = "none"
    max_tokens: int | None = Field(None, ge=1)
    max_chars: int | None = Field(None, ge=1)
    window: Literal["head", "middle", "tail", "head+tail", "chunks"] = "head"
    aggregate: Literal["mean", "max", "length-weighted"] | None = None
    cut: Cut | None = None
    rounding: Rounding | None = None
    languages: list[str] = []
    licence: str | None
    teacher: str | None = None
    teacher_licence: str | None = None
    adapter: Literal["nvidia-deberta", "nvidia-multi-head", "celadon", "jql", "qurater", "lines"] | None = None
    trust_remote_code: bool = False
    unverified: list[str] = []
    notes: str = ""

    @field_validator("input")
    @classmethod
    def _shows_the_text(cls, template: str) -> str:
        fields = set(_FIELDS.findall(template))
        if "text" not in fields or fields - {"text", "url"}:
            raise ValueError("an input shows {text}, and {url} if at all: nothing else is known of a document")
        return template

    @field_validator("unverified")
    @classmethod
    def _are_keys(cls, keys: list[str]) -> list[str]:
        if unknown := sorted(set(keys) - set(cls.model_fields)):
            raise ValueError(f"an entry has no {', '.join(unknown)}")
        return keys

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        wrong = {
            "labels with weights make a score, so one end of it must be good": bool(self.labels) != bool(self.good),
            "a regression's output is its score: its activation is none": (
                self.head == "regression" and self.activation != "none"
            ),
            "grades are of regressions": self.rounding is not None and self.head != "regression",
            "scores are aggregated where several windows are shown, and there they must be": (
                (self.window in ("chunks", "head+tail")) != (self.aggregate is not None)
            ),
            "this normaliser joins tokens: `also` must name a tokenizer.json": (
                self.normaliser == "ultra-fineweb" and not any(part.file == "tokenizer.json" for part in self.also)
            ),
            "a fastText model is one file: name it": self.kind == "fasttext" and self.file is None,
        }
        if problems := [problem for problem, so in wrong.items() if so]:
            raise ValueError("; ".join(problems))
        return self

    @property
    def parts(self) -> list[HubFile]:
        """What has to be fetched: the model itself, then what else it needs."""
        itself = HubFile(hub=self.hub, file=self.file, revision=self.revision, sha256=self.sha256)
        return [itself, *self.also]
