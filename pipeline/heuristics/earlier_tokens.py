"""The distributions of tokens that an earlier run learnt, for documents of a later one to be compared with."""

from collections.abc import Mapping

from pipeline.cells.parts import digest
from pipeline.code_digests.stage_code import require_same
from pipeline.errors import ConfigError
from pipeline.heuristics.token_scores import LEARNT
from pipeline.runs.run import Run
from pipeline.runs.table import Table


def _table(run: str) -> Table:
    """Return an earlier run's table of heuristics, with what it learnt beside it.

    Raises:
        ConfigError: It has none.
    """
    opened = Run(run)
    table = opened.table("heuristics") if "heuristics" in opened.stages else None
    if table is None or any(name not in table.manifest.tables for name in LEARNT):
        raise ConfigError(f"heuristics.token_distribution: {run} holds no run that learnt one")
    return table


def require_same_scores(run: str, here: Mapping[str, str], *, is_kept: bool) -> None:
    """Check that a run learnt by the functions by which this one scores.

    Args:
        run: The run directory.
        here: "file:name" → hash of the definitions, as the code is now.
        is_kept: Whether the user says that it does not matter.

    Raises:
        ConfigError: It learnt nothing, or functions differ.
    """
    there = _table(run).manifest.compared_by
    require_same(f"heuristics.token_distribution {run}", "heuristics", there, here, is_kept=is_kept)


def learnt_digest(run: str) -> str:
    """Return the hash of what a run learnt.

    Raises:
        ConfigError: It learnt nothing.
    """
    tables = _table(run).manifest.tables
    return digest([tables[name].digest for name in LEARNT])


def learnt_tokenizer(run: str) -> str | None:
    """Return the hash of the tokenizer that a run's tokens are of."""
    tokenizer: str | None = _table(run).manifest.params["tokenizer_digest"]
    return tokenizer


def learnt_files(run: str, name: str) -> tuple[str, ...]:
    """Return the files of a small table that a run learnt."""
    return _table(run).files("heuristics", name)
