"""Trains a head on sentence vectors: `python -m classifiers.train_head CONFIG.yaml --work FOLDER --output FOLDER`.

The configuration names encoders, which are on this machine already, and what a linear model beside the head looks at,
if there is to be one (`HeadTraining`). Vectors are kept in the work folder: a training that was interrupted goes on
where it was, and another one of the same encoder and texts takes minutes. What is printed is measured as `train_linear`
does.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import Field, field_validator

from classifiers.encoders.dense_head import save_head
from classifiers.encoders.embedding_head import EmbeddingSettings, joined
from classifiers.encoders.settings import Backbone
from classifiers.linear import LinearSettings, save_linear
from classifiers.model_folder import write_info
from classifiers.train_linear import LinearTraining, describe_model, require_apart
from classifiers.training.config import run_training
from classifiers.training.examples import Examples
from classifiers.training.head_fit import averaged_fits, fit_head
from classifiers.training.linear_design import names_of_columns
from classifiers.training.linear_fit import fit_linear
from classifiers.training.vectors import kept_vectors

_NGRAMS: Final = "ngrams"


class HeadTraining(LinearTraining):
    """How a head on sentence vectors is trained, and a linear model whose scores are averaged with the head's.

    Attributes:
        embeddings: The encoders, with the hashes of their files.
        unit_length: Whether each encoder's vector is scaled to length 1.
        head_penalty: Of the head's ridge regression; `penalty` is that of the linear model.
        model: What the linear model looks at; without groups and signals there is none. Its activation is the head's.
        ngrams_share: What the linear model's scores count, of 1.
    """

    embeddings: tuple[Backbone, ...] = Field(min_length=1)
    unit_length: bool = True
    head_penalty: float = Field(0.3, gt=0)
    model: LinearSettings = LinearSettings(groups=())
    ngrams_share: float = Field(0.5, gt=0, lt=1)

    @field_validator("embeddings")
    @classmethod
    def _are_pinned(cls, embeddings: tuple[Backbone, ...]) -> tuple[Backbone, ...]:
        for backbone in embeddings:
            if not backbone.sha256 or backbone.pool == "model":
                raise ValueError(
                    f"{backbone.model}: an embedding's pool is mean or cls; its files have hashes (sha256)"
                )
        return embeddings


def train(config: HeadTraining, examples: Examples, output: Path, work: Path) -> dict[str, Any]:
    """Fit a head, and the linear model beside it; write their folder and return what they reach together.

    Args:
        config: Of the training.
        examples: What is learnt from.
        output: The model's folder.
        work: A folder where vectors are kept.

    Raises:
        ExamplesError: Too many texts have near-duplicates in other folds, or the configuration names a label that the
            examples do not have.
        ModelError: An encoder is missing, or another than it was.
    """
    config.require_labels(examples)
    require_apart(examples, config.seed)
    linear = None
    if config.model.groups or config.model.signals:  # before the vectors: what is wrong with it is said at once
        linear = fit_linear(examples, config.model, config.penalty, config.max_chars, config.seed)
    info = config.describe("embedding+head", examples, {})
    vectors = joined(
        [kept_vectors(examples, named, output, info, work) for named in config.embeddings], config.unit_length
    )
    settings = EmbeddingSettings(
        outputs=examples.labels,
        activation=config.model.activation,
        embeddings=config.embeddings,
        unit_length=config.unit_length,
        ngrams=None if linear is None else _NGRAMS,
        ngrams_share=config.ngrams_share,
    )
    head = fit_head(examples, vectors, settings.activation, config.head_penalty, config.seed)
    output.mkdir(parents=True, exist_ok=True)
    layer, unseen, beside = head.layer, head.unseen, ""
    if linear is not None:
        both = averaged_fits(head, linear, examples, settings.activation, config.ngrams_share)
        layer, unseen = both.layer, both.unseen
        save_linear(output / _NGRAMS, config.model, both.weights)
        write_info(output / _NGRAMS, config.describe("linear", examples, config.model.model_dump(mode="json")))
        names = ", ".join(names_of_columns(config.model))
        beside = f"; a linear model has {config.ngrams_share:g} of the say: {names}, penalty {config.penalty:g}"
    save_head(output / settings.head, [layer])
    encoders = ", ".join(Path(backbone.model).name for backbone in config.embeddings)
    looks_at = f"vectors of {encoders}; ridge regression with penalty {config.head_penalty:g}{beside}"
    return describe_model(config, examples, unseen, output, ("embedding+head", settings, looks_at))


def main(arguments: Sequence[str] | None = None) -> int:
    """Train a model as the command line says; return the exit code."""
    assert __doc__ is not None
    return run_training(
        "train_head",
        __doc__.partition("\n")[0],
        HeadTraining,
        lambda config, examples, options: train(config, examples, options.output, options.work),
        arguments,
        checkpoints=True,
    )


if __name__ == "__main__":
    sys.exit(main())
