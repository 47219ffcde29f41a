"""The order of the stages, and the stages as an input and their parameters want them."""

from collections.abc import Collection, Mapping, Sequence
from importlib import import_module

from pipeline.code_digests.stage_code import code_of
from pipeline.engine.config import known_stage
from pipeline.engine.recipes import Step
from pipeline.engine.stage import Params, Stage
from pipeline.errors import ConfigError
from pipeline.inputs.files import Inputs
from pipeline.inputs.table_columns import table_columns
from pipeline.stages.anneal import anneal
from pipeline.stages.decontaminate import decontaminate
from pipeline.stages.dedup_document import dedup_document
from pipeline.stages.dedup_line import dedup_line
from pipeline.stages.dedup_url import dedup_url
from pipeline.stages.extract import extract, extract_table
from pipeline.stages.heuristics import heuristics
from pipeline.stages.ingest import IngestParams, ingest
from pipeline.stages.ingest_table import ingest_table
from pipeline.stages.language import language
from pipeline.stages.log_lines import log_lines
from pipeline.stages.mix import mix
from pipeline.stages.opt_out import opt_out
from pipeline.stages.pii import pii
from pipeline.stages.quality import quality
from pipeline.stages.route import route
from pipeline.stages.safety import safety
from pipeline.stages.topic import topic
from pipeline.stages.url_screen import url_screen
from schemas.columns import Column

STAGES: tuple[Stage, ...] = (
    ingest,
    url_screen,
    dedup_url,
    opt_out,
    extract,
    language,
    route,
    safety,
    pii,
    dedup_document,
    dedup_line,
    decontaminate,
    log_lines,
    heuristics,
    quality,
    topic,
    mix,
    anneal,
)
NAMES = tuple(stage.name for stage in STAGES)


def stages_named(source: str) -> tuple[Stage, ...]:
    """Return the stages that a module holds under a name; the project's own where no module is named.

    Args:
        source: `package.module:NAME`.

    Raises:
        ConfigError: There is no such module, or what it holds is no sequence of stages that begins with `ingest`.
    """
    if not source:
        return STAGES
    module, _, name = source.partition(":")
    try:
        stages = tuple(getattr(import_module(module), name or "STAGES"))
    except (ImportError, AttributeError, TypeError) as error:
        raise ConfigError(f"--stages {source}: {error}") from error
    are_stages = bool(stages) and all(isinstance(stage, Stage) for stage in stages)
    if not are_stages or not issubclass(stages[0].params, IngestParams):
        raise ConfigError(f"--stages {source}: expected stages, the first of them `ingest`")
    if len({stage.name for stage in stages}) < len(stages):
        raise ConfigError(f"--stages {source}: two stages have the same name")
    return stages


def stages_without(stages: Sequence[Stage], without: Collection[str]) -> tuple[Stage, ...]:
    """Return the stages of a plan less some of them.

    Args:
        stages: Of the plan.
        without: Names of those that are left out.

    Raises:
        ConfigError: There is no such stage, or it is the first one.
    """
    left_out = {known_stage(name, stages) for name in without}
    if stages[0].name in left_out:
        raise ConfigError(f"'{stages[0].name}' reads the input: no run goes without it")
    return tuple(stage for stage in stages if stage.name not in left_out)


def columns_of(inputs: Inputs, params: Params) -> list[Column]:
    """Return the columns that the input brings, by the names that ingest's parameters give them."""
    assert isinstance(params, IngestParams)
    return table_columns(inputs, params.url_column, params.text_column, params.html_column)


def steps_for(stages: Sequence[Stage], inputs: Inputs, params: Mapping[str, Params]) -> tuple[Step, ...]:
    """Return the stages with their parameters: a table needs no stage whose columns it brings.

    Args:
        stages: Of the plan.
        inputs: The input files.
        params: Of every stage.
    """
    first = params[stages[0].name]
    assert isinstance(first, IngestParams)
    columns = columns_of(inputs, first)
    have = {column.name for column in columns}
    variants = {}
    if inputs.kind != "warc":
        table, html = ingest_table(inputs.fields, columns), extract_table(first.html_column or "")
        variants = {ingest.name: table, extract.name: html}
    steps = []
    for stage in stages:
        if (
            inputs.kind != "warc"
            and stage.skip_if_present
            and have >= {column.name for column in stage.skip_if_present}
        ):
            continue
        made = variants.get(stage.name, stage) if stage is ingest or stage is extract else stage
        wanted = made.for_params(params[stage.name])
        steps.append(Step(wanted, params[stage.name], code_of(wanted.params, *wanted.functions).files))
    return tuple(steps)
