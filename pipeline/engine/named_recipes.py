"""Recipes that ship: the parameters of published corpora by name, as files that `--config` reads, too."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import ConfigError, near_miss

ABOUT: Final = "recipe"
"""The section of a recipe's file that says what it is; every other one is a stage's."""
_FOLDER: Final = ("conf", "recipes")
_PACKAGE: Final = "jobs"
_SUFFIX: Final = ".yaml"


class About(BaseModel):
    """What a recipe is.

    Attributes:
        corpus: The corpus that it follows.
        source: Where its choices are published.
        summary: What it chooses differently, in a line.
        differs: What of the original is not followed, or is done otherwise.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    corpus: str = Field(min_length=1)
    source: str = Field(min_length=1)
    summary: str = Field(min_length=1, max_length=120)
    differs: tuple[str, ...] = Field(min_length=1)


def recipe_names() -> list[str]:
    """Return the names of the recipes that ship, sorted.

    >>> recipe_names()
    ['dclm', 'dolma3', 'fineweb', 'llama3', 'multilingual', 'nemotron-cc']
    """
    folder = files(_PACKAGE).joinpath(*_FOLDER)
    return sorted(file.name.removesuffix(_SUFFIX) for file in folder.iterdir() if file.name.endswith(_SUFFIX))


def recipe_text(name: str) -> str:
    """Return a recipe's file.

    Raises:
        ConfigError: There is no recipe of that name; the message has the near miss.
    """
    names = recipe_names()
    if name not in names:
        raise ConfigError(f"no recipe '{name}' (there are: {', '.join(names)}){near_miss(name, names)}")
    return files(_PACKAGE).joinpath(*_FOLDER, name + _SUFFIX).read_text(encoding="utf-8")


def about_recipe(name: str) -> About:
    """Return what a recipe is.

    Raises:
        ConfigError: There is no recipe of that name.

    >>> about_recipe("fineweb").corpus
    'FineWeb'
    """
    return _about(yaml.safe_load(recipe_text(name))[ABOUT], f"recipe {name}")


def without_about(layer: Any, where: str) -> Any:
    """Return the sections of stages of a file; its section `recipe`, where it has one, is checked and left out.

    Args:
        layer: What the file holds.
        where: Its name, for errors.

    Raises:
        ConfigError: The section has a key that does not exist, or lacks one.
    """
    if not isinstance(layer, Mapping) or ABOUT not in layer:
        return layer
    _about(layer[ABOUT], where)
    return {stage: section for stage, section in layer.items() if stage != ABOUT}


def _about(section: Any, where: str) -> About:
    try:
        return About.model_validate(section)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join([ABOUT, *map(str, first["loc"])])
        if first["type"] == "extra_forbidden":
            fields = list(About.model_fields)
            raise ConfigError(
                f"{where}: no key '{key}' (there are: {', '.join(fields)}){near_miss(str(first['loc'][-1]), fields)}"
            ) from None
        raise ConfigError(f"{where}: {key}: {first['msg']}") from None
