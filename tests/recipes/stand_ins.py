"""Tiny stand-ins for models that a recipe names and that no test can have: they are called so wherever they show."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.hub.registry import registry
from classifiers.languages.tables import LID_176
from classifiers.linear import GroupWeights, LinearSettings, NgramGroup
from pipeline.engine.config import load_settings
from tests.unit.classifiers.linear_models import keys_of, linear_folder, weights_of

WORDS = ("because", "history", "water", "mill", "che", "der", "que", "les", "och", "het", "jest", "og")
"""What a stand-in takes for signs of quality."""
LOWEST = -4.005
"""Log-odds of a text with none of these words: a probability of .0179, just below the limit of `dclm`."""


def stand_in(folder: Path, name: str, offset: int) -> Path:
    """Write a stand-in for a model of quality; return its folder.

    Args:
        folder: Where it is written.
        name: Of the model that it stands for.
        offset: Which of the words count most, so that two stand-ins differ.
    """
    group = NgramGroup(unit="words", low=1, high=1)
    ranked = {int(keys_of(group, [word])[0]): number for number, word in enumerate(WORDS)}
    keys = sorted(ranked)
    given = [[20 + 8 * ((ranked[key] + offset) % len(WORDS))] for key in keys]
    parts = GroupWeights(
        np.array(keys, np.uint32),
        np.ones(len(keys), np.float32),
        np.array(given, np.int8),
        np.array([0.1], np.float32),
    )
    target = folder / f"stand_in_{name}"
    target.mkdir(parents=True)
    about = {"good": "quality", "trained_on": f"nothing: a stand-in for {name}, made by hand for tests"}
    return linear_folder(
        target, LinearSettings(groups=(group,)), weights_of([parts], 1, biases=[LOWEST]), ["quality"], **about
    )


def settings_for(recipe: str, folder: Path) -> dict[str, Any]:
    """Return settings that put stand-ins in the place of the models of the registry that a recipe names.

    Args:
        recipe: Its name.
        folder: Where stand-ins are written.
    """
    quality = load_settings((), (), recipe).get("quality", {})
    stands = {
        name: str(stand_in(folder, name, number))
        for number, name in enumerate(quality.get("models", ()))
        if name in registry()
    }
    return dict(_replaced(quality, stands)) | dict(_languages(recipe))


def _replaced(quality: dict[str, Any], stands: dict[str, str]) -> Iterator[tuple[str, Any]]:
    if not stands:
        return
    yield "quality.models", [stands.get(name, name) for name in quality["models"]]
    for key in ("min_score", "weights"):
        if quality.get(key):
            yield f"quality.{key}", {stands.get(name, name): value for name, value in quality[key].items()}


def _languages(recipe: str) -> Iterator[tuple[str, str]]:
    """Yield lid.176, which ships, in the place of another model of languages."""
    if load_settings((), (), recipe).get("language", {}).get("model") in registry():
        yield "language.model", str(LID_176)


def assignments(settings: dict[str, Any]) -> list[str]:
    """Return settings as `--set` takes them.

    >>> assignments({"quality.models": ["a"]})
    ['quality.models=["a"]']
    """
    return [f"{name}={json.dumps(value)}" for name, value in settings.items()]
