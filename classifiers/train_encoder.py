"""Fine-tunes an encoder: `python -m classifiers.train_encoder CONFIG.yaml --output FOLDER --work FOLDER`.

One fold of five, by groups, is never learnt from: early stopping looks at half of its groups, and what is printed is
measured on the other half by the model that the folder gets, int8 and all. A training that was interrupted goes on from
its last epoch if it is started again with the same work folder. Needs the extra `train`.
"""

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from classifiers.encoders.settings import TOKENIZER
from classifiers.encoders.tokens import WindowTokenizer
from classifiers.export_onnx import export
from classifiers.load import load_classifier
from classifiers.model_folder import CARD, ModelError
from classifiers.protocol import as_strings
from classifiers.training.cards import card_of
from classifiers.training.config import run_training
from classifiers.training.encoder_config import EncoderTraining, starting_model
from classifiers.training.errors import ExamplesError
from classifiers.training.examples import Examples
from classifiers.training.folds import FOLDS, folds_of
from classifiers.training.measures import measure

_COMPARED: Final = 200
"""Texts on which int8 is compared with float32."""
_STAMP: Final = "training.sha256"


def train(config: EncoderTraining, examples: Examples, output: Path, work: Path) -> dict[str, Any]:
    """Fine-tune a model, write its folder and return what it reaches on examples that it has not seen.

    Args:
        config: Of the training.
        examples: Of which four folds in five are learnt from.
        output: The model's folder.
        work: A folder for checkpoints, of this training alone.

    Raises:
        ExamplesError: There are too few examples, or class weights for labels that do not exclude each other.
        ModelError: The base is not here, `output` is there already, or `work` is of another training.
    """
    if output.exists():
        raise ModelError(f"{output} is there already: nothing is overwritten")
    _stamp(work, f"{config.model_dump_json()}\n{examples.digest()}")
    seen, watched, unseen = parts_of(examples, config.seed)
    model = starting_model(config, examples.labels, iter(as_strings(seen.texts)), work)
    tokenizer = WindowTokenizer(work / TOKENIZER, config.max_tokens, "head", 1)
    weights = class_weights(seen) if config.class_weights else np.ones(len(examples.labels))
    rows = [_rows(part, tokenizer, weights, config.max_chars) for part in (seen, watched)]
    best = _fit(config, model, rows, work)
    best.save_pretrained(work / "best")
    (work / "best" / TOKENIZER).write_bytes((work / TOKENIZER).read_bytes())
    info = config.describe("encoder", seen, {"activation": config.activation, "max_tokens": config.max_tokens})
    compared = as_strings(watched.texts.slice(0, _COMPARED))
    difference = export(work / "best", output, info, compared, quantised=config.quantised)
    measures = measure(load_classifier(output).predict(unseen.texts), unseen, config.positive_from)
    looks_at = f"the first {config.max_tokens} tokens; started from {config.base or 'random weights'}; {difference}"
    where = f"{len(unseen):,} examples that it has not seen, of half a fold of {FOLDS}"
    (output / CARD).write_text(card_of(info, looks_at, measures, where, config.notes), encoding="utf-8")
    return measures


def _stamp(work: Path, training: str) -> None:
    """Make a work folder of this training's own; refuse that of another."""
    digest = hashlib.sha256(training.encode()).hexdigest()
    work.mkdir(parents=True, exist_ok=True)
    stamp = work / _STAMP
    if stamp.exists() and stamp.read_text(encoding="ascii") != digest:
        raise ModelError(f"{work} holds checkpoints of another training: other settings, or other examples")
    stamp.write_text(digest, encoding="ascii")


def parts_of(examples: Examples, seed: int) -> tuple[Examples, Examples, Examples]:
    """Return the examples to learn from, those that early stopping watches, and those that are measured.

    Raises:
        ExamplesError: One of them is empty.
    """
    folds = folds_of(examples.groups, 2 * FOLDS, seed)
    seen, watched, unseen = (examples.take(np.flatnonzero(rows)) for rows in (folds > 1, folds == 0, folds == 1))
    if not len(seen) or not len(watched) or not len(unseen):
        raise ExamplesError(
            f"{len(examples)} examples of {len(set(examples.groups))} groups are too few to hold some out"
        )
    return seen, watched, unseen


def class_weights(examples: Examples) -> npt.NDArray[np.float64]:
    """Return what an example of each label counts, so that all labels count alike, float64 (labels,).

    Raises:
        ExamplesError: The labels do not exclude each other.
    """
    if not examples.exclusive:
        raise ExamplesError("class weights are of labels that exclude each other")
    counts = (examples.targets * examples.weights[:, None]).sum(axis=0)
    weights: npt.NDArray[np.float64] = counts.sum() / (len(counts) * np.maximum(counts, 1e-9))
    return weights


def _rows(
    examples: Examples, tokenizer: WindowTokenizer, weights: npt.NDArray[np.float64], max_chars: int
) -> list[dict[str, Any]]:
    """Return what the trainer is handed of each example: tokens, and targets with the example's weight behind them."""
    windows = tokenizer.windows([text[:max_chars] for text in as_strings(examples.texts)])
    counts = examples.weights * (examples.targets @ weights if examples.exclusive else 1.0)
    targets = np.concatenate([examples.targets, counts[:, None]], axis=1).astype(np.float32)
    return [{"input_ids": ids[0], "labels": row} for ids, row in zip(windows, targets, strict=True)]


def _fit(config: EncoderTraining, model: Any, rows: Sequence[list[dict[str, Any]]], work: Path) -> Any:
    """Train a model, from the last checkpoint if there is one; return that of the best epoch."""
    import torch
    import transformers

    steps = -(-len(rows[0]) // config.batch) * config.epochs
    arguments = transformers.TrainingArguments(
        output_dir=str(work),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch,
        per_device_eval_batch_size=config.batch,
        learning_rate=config.learning_rate,
        warmup_steps=int(config.warmup * steps),
        weight_decay=config.weight_decay,
        seed=config.seed,
        bf16=torch.cuda.is_available() and torch.cuda.is_bf16_supported(),
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        remove_unused_columns=False,
        label_names=["labels"],
        report_to=[],
        disable_tqdm=True,
        logging_strategy="epoch",
    )
    padding = model.config.pad_token_id or 0

    def collate(batch: Sequence[dict[str, Any]]) -> dict[str, Any]:
        ids = torch.full((len(batch), max(len(row["input_ids"]) for row in batch)), padding)
        mask = torch.zeros_like(ids)
        for number, row in enumerate(batch):
            ids[number, : len(row["input_ids"])] = torch.tensor(row["input_ids"])
            mask[number, : len(row["input_ids"])] = 1
        labels = torch.from_numpy(np.stack([row["labels"] for row in batch]))
        return {"input_ids": ids, "attention_mask": mask, "labels": labels}

    base: Any = transformers.Trainer  # whose types say more than a loss must know

    class Weighing(base):  # type: ignore[misc]
        """A trainer whose loss knows soft targets and weights of examples."""

        def compute_loss(
            self,
            model: Any,
            inputs: dict[str, Any],
            return_outputs: bool = False,  # noqa: FBT001, FBT002  (transformers' own signature)
            **_: Any,
        ) -> Any:
            labels = inputs["labels"]
            outputs = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"])
            loss = weighed_loss(outputs.logits.float(), labels[:, :-1], labels[:, -1], config.activation)
            return (loss, outputs) if return_outputs else loss

    trainer = Weighing(
        model=model,
        args=arguments,
        train_dataset=rows[0],
        eval_dataset=rows[1],
        data_collator=collate,
        callbacks=[transformers.EarlyStoppingCallback(config.patience)],
    )
    checkpoints: Any = transformers.trainer_utils
    trainer.train(resume_from_checkpoint=checkpoints.get_last_checkpoint(str(work)))
    return trainer.model


def weighed_loss(logits: Any, targets: Any, weights: Any, activation: str) -> Any:
    """Return the mean loss of a batch, each example by its weight: torch tensors in and out.

    Args:
        logits: (texts, labels).
        targets: (texts, labels): 0 and 1, probabilities, or scores.
        weights: (texts,).
        activation: softmax: cross-entropy with the targets as they are; sigmoid: binary cross-entropy; none: squares.
    """
    from torch.nn import functional

    if activation == "softmax":
        losses = -(targets * functional.log_softmax(logits, -1)).sum(-1)
    elif activation == "sigmoid":
        losses = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none").mean(-1)
    else:
        losses = functional.mse_loss(logits, targets, reduction="none").mean(-1)
    return (losses * weights).sum() / weights.sum().clamp(min=1e-9)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train a model as the command line says; return the exit code."""
    assert __doc__ is not None
    return run_training(
        "train_encoder",
        __doc__.partition("\n")[0],
        EncoderTraining,
        lambda config, examples, options: train(config, examples, options.output, options.work),
        arguments,
        checkpoints=True,
    )


if __name__ == "__main__":
    sys.exit(main())
