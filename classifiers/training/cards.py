"""The card of a model: what it is, of what it was made, and what it reaches."""

import json
from collections.abc import Mapping
from typing import Any

from classifiers.model_folder import ModelInfo


def card_of(info: ModelInfo, looks_at: str, measures: Mapping[str, Any], measured_on: str, notes: str) -> str:
    """Return a card in Markdown.

    Args:
        info: What the model is.
        looks_at: What it looks at, in words.
        measures: As `training.measures` has them.
        measured_on: Which examples they were measured on.
        notes: What else people should know, what the model is not above all.
    """
    thresholds = [f"- `{label}` from {limit.value:g} on: {limit.how}" for label, limit in info.thresholds.items()]
    parts = [
        f"# {info.name}",
        notes.strip(),
        f"- Kind: {info.kind}, {looks_at}",
        f"- Labels: {', '.join(info.labels)}" + (f"; good is a high {info.good}" if info.good else ""),
        f"- Languages: {', '.join(info.languages) or 'any'}",
        f"- Licence of the weights: {info.licence}",
        f"- Trained on: {info.trained_on} (sha256 of these examples: `{info.training_digest}`)",
        *([f"## Thresholds\n\n{chr(10).join(thresholds)}"] if thresholds else []),
        f"## Measured\n\nOn {measured_on}:\n\n```\n{json.dumps(measures, indent=1, ensure_ascii=False)}\n```",
    ]
    head, rest = parts[:2], parts[2:]
    lines = [part for part in rest if part.startswith("- ")]
    sections = [part for part in rest if not part.startswith("- ")]
    return "\n\n".join([*head, "\n".join(lines), *sections]) + "\n"
