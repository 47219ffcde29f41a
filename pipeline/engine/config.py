"""Layered parameters: defaults, then a recipe, YAML files, and `--set`; a misspelt key is an error."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from pipeline.cells.parts import digest
from pipeline.engine.named_recipes import recipe_text, without_about
from pipeline.engine.stage import AgainstParams, Params, Stage
from pipeline.errors import ConfigError, near_miss
from pipeline.runs.run import Run
from pipeline.stores import storage
from schemas import renamed

Settings = dict[str, dict[str, Any]]


class _Loader(yaml.SafeLoader):
    """YAML as of 1.1, with the numbers of 1.2: `2e9` is one, too."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?(\d[\d_]*)(\.\d[\d_]*)?[eE][-+]?\d+$"), list("-+0123456789")
)


def load_settings(files: Sequence[str], assignments: Sequence[str], recipe: str | None = None) -> Settings:
    """Return what a recipe, YAML files and `--set stage.key=value` assignments say, later ones winning.

    Args:
        files: YAML files with a section for each stage; a section `recipe` says what a file is.
        assignments: `stage.key=value`.
        recipe: Name of one that ships, below all others; None for none.

    Raises:
        ConfigError: A recipe or file is missing or no mapping, or an assignment cannot be read.
    """
    settings: Settings = {}
    layers = [] if recipe is None else [(f"recipe {recipe}", _parsed(recipe_text(recipe), f"recipe {recipe}"))]
    layers += [(file, _read_yaml(file)) for file in files]
    for where, layer in layers:
        _merge(settings, _as_named_now(without_about(layer, where), where), where)
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        stage, dot, name = key.strip().partition(".")
        if not (equals and dot and name):
            raise ConfigError(f"--set {assignment}: write it as stage.key=value, heuristics.min_words=30 say")
        stage = renamed.now(renamed.STAGES, stage, f"--set {assignment}")
        first, *inner = name.split(".")
        first = renamed.now(renamed.PARAMETERS.get(stage, {}), first, f"--set {assignment}")
        current = settings.get(stage, {}).get(first)
        _merge(settings, {stage: {first: _nested(inner, _scalar(value), current)}}, f"--set {assignment}")
    return settings


def _as_named_now(layer: Any, where: str) -> Any:
    """Return the sections of a file with stages and parameters by the names that they have now."""
    if not isinstance(layer, Mapping):
        return layer
    named: dict[str, Any] = {}
    for stage, section in layer.items():
        is_section = isinstance(section, Mapping)
        name = renamed.now(renamed.STAGES, str(stage), where)
        names = renamed.PARAMETERS.get(name, {})
        keys = {renamed.now(names, str(key), where): section[key] for key in section} if is_section else section
        named[name] = {**named[name], **keys} if is_section and name in named else keys
    return named


def _nested(names: Sequence[str], value: Any, current: Any) -> Any:
    """Return a value below some names, beside what is set there: `heuristics.datatrove.min_doc_words=30`."""
    if not names:
        return value
    beside = current if isinstance(current, Mapping) else {}
    return {**beside, names[0]: _nested(names[1:], value, beside.get(names[0]))}


def _scalar(text: str) -> Any:
    try:
        return yaml.load(text, _Loader)  # noqa: S506  (a safe loader)
    except yaml.YAMLError:
        return text


def _read_yaml(file: str) -> Any:
    if not storage.exists(file):
        folder = Path(file).parent
        neighbours = [str(folder / name) for name in storage.names(str(folder))]
        raise ConfigError(f"no such configuration file: {file}{near_miss(file, neighbours)}")
    try:
        with storage.open_for_reading(file) as stream:
            return _parsed(stream.read(), file)
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error}") from error


def _parsed(text: str | bytes, where: str) -> Any:
    try:
        return yaml.load(text, _Loader) or {}  # noqa: S506  (a safe loader)
    except yaml.YAMLError as error:
        raise ConfigError(f"{where} is not YAML: {error}") from error


def _merge(settings: Settings, layer: Any, where: str) -> None:
    if not isinstance(layer, Mapping) or not all(isinstance(section, Mapping) for section in layer.values()):
        raise ConfigError(f"{where}: expected 'stage:' sections with 'key: value' lines")
    for stage, section in layer.items():
        settings.setdefault(str(stage), {}).update(section)


def params_for(stages: Sequence[Stage], settings: Settings) -> dict[str, Params]:
    """Return each stage's parameters.

    Raises:
        ConfigError: A stage or key does not exist, with the near miss, or a value is out of range, with the range.
    """
    names = [stage.name for stage in stages]
    for stage in settings:
        if stage not in names:
            raise ConfigError(f"no stage '{stage}' (there are: {', '.join(names)}){near_miss(stage, names)}")
    return {stage.name: make_params(stage, settings.get(stage.name, {})) for stage in stages}


def make_params(stage: Stage, values: Mapping[str, Any]) -> Params:
    """Return a stage's parameters from a mapping of some of them; see `params_for`."""
    fields = stage.params.model_fields
    old = {o: n for o, n in renamed.OF_WATCHED.items() if n in fields and o not in fields}
    try:
        return stage.params.model_validate(
            {renamed.now(old, name, stage.name): value for name, value in values.items()}
        )
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(piece) for piece in first["loc"])
        if not key:
            raise ConfigError(f"{stage.name}: {first['msg']}") from None
        where = f"{stage.name}.{key}"
        if first["type"] == "extra_forbidden":
            model = _model_of(stage.params, first["loc"][:-1])
            names = [name for name in model.model_fields if not name.endswith("_digest")]  # those a run fills in
            name = str(first["loc"][-1])
            owner = ".".join([f"stage '{stage.name}'", *map(str, first["loc"][:-1])])
            raise ConfigError(
                f"no parameter '{where}'{near_miss(name, names)} ({owner} has: {', '.join(names)})"
            ) from None
        raise ConfigError(f"{where} = {first['input']!r}: {first['msg']}") from None


def _model_of(model: type[BaseModel], path: Sequence[int | str]) -> type[BaseModel]:
    """Return the model of the parameters that stand at a path."""
    for name in path:
        inner = model.model_fields[str(name)].annotation
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return model
        model = inner
    return model


def known_stage(name: str, stages: Sequence[Stage]) -> str:
    """Return the name of a stage of the plan.

    Raises:
        ConfigError: There is none of that name, with the near miss.
    """
    names = [stage.name for stage in stages]
    if name not in names:
        name = renamed.now(renamed.STAGES, name, "the stage that is asked for")
    if name not in names:
        raise ConfigError(f"no stage '{name}' (there are: {', '.join(names)}){near_miss(name, names)}")
    return name


def settings_as_yaml(stages: Sequence[Stage], params: Mapping[str, Params]) -> str:
    """Return parameters as a YAML file that `--config` reads, each with what it means."""
    lines = []
    for stage in stages:
        if not stage.params.model_fields:
            continue
        lines += [f"{stage.name}:", *_described(params[stage.name], "  "), ""]
    return "\n".join(lines)


def _described(params: BaseModel, indent: str) -> Iterator[str]:
    values = params.model_dump(mode="json")
    for name, described in type(params).model_fields.items():
        if described.description:
            yield f"{indent}# {' '.join(described.description.split())}"
        inner = getattr(params, name)
        if isinstance(inner, BaseModel):
            yield f"{indent}{name}:"
            yield from _described(inner, indent + "  ")
        else:
            yield f"{indent}{name}: {json.dumps(values[name], ensure_ascii=False)}"


def resolved_params(
    stages: Sequence[Stage], settings: Settings, runs: Sequence[str], needed: Collection[str]
) -> dict[str, Params]:
    """Return each stage's parameters with the hashes of the files that they name, and what earlier runs hold today.

    Args:
        stages: Of the plan.
        settings: What the user set.
        runs: Run directories to de-duplicate against.
        needed: Names of the stages that are asked for.

    Raises:
        ConfigError: See `params_for`, and where an earlier run lacks a stage that is needed.
    """
    params = {name: values.resolved() for name, values in params_for(stages, settings).items()}
    return {name: _with_earlier_runs(values, name, runs, needed=name in needed) for name, values in params.items()}


def _with_earlier_runs(params: Params, stage: str, runs: Sequence[str], *, needed: bool) -> Params:
    """Write into the parameters of a stage that knows earlier runs which to go by, and what they hold today."""
    if not isinstance(params, AgainstParams):
        return params
    if params.against or params.against_digest:
        raise ConfigError(f"{stage}.against: name earlier runs with --against, which is for all levels")
    if not runs:
        return params
    there: list[list[str] | None] = []
    for path in runs:
        run = Run(path)
        if stage not in run.stages and needed:
            raise ConfigError(f"--against {path}: it has no committed '{stage}' (it has: {', '.join(run.stages)})")
        table = run.table(stage) if stage in run.stages else None
        there.append([table.manifest.key, table.digest_of_drops] if table is not None else None)
    return params.model_copy(update={"against": tuple(runs), "against_digest": digest(there)})
