"""The job: a run in; the run without a stage, three arms of as many tokens, and what proxies make of them, out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from classifiers.tokenizers import TokenizerError, load_encoder
from pipeline.ablation.arguments import Request
from pipeline.ablation.arms import SCHEMA, Arm
from pipeline.ablation.cuts import equal_budgets
from pipeline.ablation.proxies import (
    ARMS,
    CONTROL,
    WITH,
    WITHOUT,
    Judged,
    by_ngrams,
    by_transformers,
    judged,
    read_sample,
)
from pipeline.ablation.report import Outcome, lines_of, write_outcome
from pipeline.ablation.targets import Reserved, reserved_of_run, validation_sites
from pipeline.ablation.without import make_without
from pipeline.cells.parts import digest
from pipeline.cells.table_file import TableFile
from pipeline.errors import ConfigError
from pipeline.experiments.corpus import Sample, Target
from pipeline.experiments.ngram_model import Stream
from pipeline.experiments.run_cells import table_before_mix
from pipeline.experiments.target_files import read_targets
from pipeline.experiments.transformer import shape_of
from pipeline.runs.table import Table
from pipeline.stores import storage
from schemas.columns import TEXT

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Say = Callable[[str], None]
RUN = "run"
TARGETS = "targets"


def ablate(session: "Callable[[], SparkSession]", request: Request, say: Say) -> list[str]:
    """Make the arms, judge them, and return what to print.

    Args:
        session: Gives the session; not asked where the question is wrong.
        request: What is asked for.
        say: Told how far it is.

    Raises:
        ConfigError: The question is wrong, or the run lacks what is needed.
        InputError: A file cannot be read or is not what it should be.
        ManifestError: Nothing is committed.
    """
    if request.proxy == "transformer":
        shape_of(request.size)
    given = read_targets(request.targets, request.wanted.dev_bytes) if request.targets else ()
    path = storage.join(request.output, RUN)
    tables = make_without(request.run, request.stage, path, request.settings)
    outcome = _written(session(), request, tables, given, say)
    if request.proxy != "none":
        outcome = replace(outcome, judged=tuple(_judged(request, outcome, say)))
    write_outcome(request, outcome)
    return lines_of(request, outcome)


def _written(
    spark: "SparkSession", request: Request, tables: tuple[Table, Table], given: Sequence[Target], say: Say
) -> Outcome:
    """Write the arms and the targets."""
    wanted, validation = request.wanted, validation_sites(request.run)
    if given:
        reserved = Reserved(tuple(given), validation=validation)
    else:
        reserved = reserved_of_run(spark, tables, wanted, validation)
    own, other = (Arm(spark, table, reserved, wanted.seed) for table in tables)
    try:
        budgets = equal_budgets([own.tokens, other.tokens], request.tokens)
        if not sum(budgets.values()):
            raise ConfigError(f"{request.run}: the arms share no category with documents that may be drawn")
        halves = {name: tokens // 2 for name, tokens in budgets.items()}
        cuts = {WITH: own.cuts(budgets), WITHOUT: other.cuts(budgets), CONTROL: own.cuts(halves)}
        arms: dict[str, Any] = {}
        for name in ARMS:
            folder = storage.join(request.output, name)
            storage.remove(folder)
            epochs = 2 if name == CONTROL else 1
            holds = (other if name == WITHOUT else own).write(folder, cuts[name], epochs)
            categories = {
                category: {"tokens": cut.tokens * epochs, "documents": cut.documents}
                for category, cut in sorted(cuts[name].items())
            }
            arms[name] = {
                "tokens": sum(shard.tokens for shard in holds),
                "rows": sum(shard.rows for shard in holds),
                "categories": categories,
                "digest": digest([(shard.path, shard.sha256) for shard in holds]),
                "shards": [shard._asdict() for shard in holds],
            }
            say(f"{name}: {arms[name]['rows']:,} rows, {arms[name]['tokens']:,} tokens")
        only = {
            WITH: own.documents_not_in(other, cuts[WITH], cuts[WITHOUT]),
            WITHOUT: other.documents_not_in(own, cuts[WITHOUT], cuts[WITH]),
        }
        _write_targets(request.output, reserved.targets)
        params = next((m.params for m in tables[0].chain if m.stage == request.stage), {})
        return Outcome(
            params=dict(params),
            arms=arms,
            available={WITH: own.tokens, WITHOUT: other.tokens},
            left_out={WITH: own.left_out, WITHOUT: other.left_out},
            only=only,
            targets=reserved.targets,
            notes=reserved.notes,
        )
    finally:
        own.close()
        other.close()


def _write_targets(output: str, targets: Sequence[Target]) -> None:
    """Write each target's texts, for trainers."""
    folder = storage.join(output, TARGETS)
    storage.remove(folder)
    for target in targets:
        file = TableFile(storage.join(folder, f"{target.name}.parquet"), pa.schema([SCHEMA.field(TEXT.name)]))
        try:
            file.write(pa.table([pa.array(target.texts)], names=[TEXT.name]))
            file.close()
        except BaseException as error:
            file.abandon(error)
            raise


def _judged(request: Request, outcome: Outcome, say: Say) -> list[Judged]:
    """Train on a sample of each arm, as many tokens of each."""
    least = min(arm["tokens"] for arm in outcome.arms.values())
    most = min(request.wanted.sample_tokens, least)
    samples: dict[str, Sample] = {}
    for name in ARMS:
        sample = read_sample(storage.join(request.output, name), most // 2 if name == CONTROL else most)
        samples[name] = sample.some([*range(len(sample.texts))] * 2) if name == CONTROL else sample
    if request.proxy == "transformer":
        seeds = [request.wanted.seed + number for number in range(request.seeds)]
        bits = by_transformers(samples, outcome.targets, request.size, request.vocabulary, seeds, say)
        return judged(bits, outcome.targets, request.wanted.seed, is_jackknife=False)
    encode, vocabulary = _encoder(request.run)
    bits = by_ngrams(samples, outcome.targets, encode, vocabulary, say)
    return judged(bits, outcome.targets, request.wanted.seed, is_jackknife=True)


def _encoder(path: str) -> tuple[Callable[[Sequence[str]], Stream], int]:
    mixed: Mapping[str, Any] = table_before_mix(path)[1]
    try:
        encoder = load_encoder(str(mixed.get("tokenizer", "tekken")))
    except TokenizerError as error:
        raise ConfigError(str(error)) from error

    def encode(texts: Sequence[str]) -> Stream:
        tokens = encoder.tokens(texts)
        return Stream(tokens.ids.astype(np.int64), tokens.offsets)

    return encode, encoder.vocabulary
