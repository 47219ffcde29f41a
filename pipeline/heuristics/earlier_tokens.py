"""The distributions of tokens that an earlier run learnt, for documents of a later one to be compared with."""

from pipeline.engine.committed import Committed
from pipeline.errors import ConfigError
from pipeline.heuristics.token_scores import LEARNT
from pipeline.runs import storage
from pipeline.runs.manifest import StageTable
from pipeline.runs.parts import digest


def _table(run: str) -> StageTable:
    """Return an earlier run's table of heuristics, with what it learnt beside it.

    Raises:
        ConfigError: It has none.
    """
    committed = Committed(run)
    table = committed.table("heuristics") if "heuristics" in committed.chain.stages else None
    if table is None or any(name not in table.manifest.sides for name in LEARNT):
        raise ConfigError(f"heuristics.token_distribution: {run} holds no run that learnt one")
    return table


def learnt_digest(run: str) -> str:
    """Return the hash of what a run learnt.

    Raises:
        ConfigError: It learnt nothing.
    """
    sides = _table(run).manifest.sides
    return digest([sides[name]["files"] for name in LEARNT])


def learnt_tokenizer(run: str) -> str | None:
    """Return the hash of the tokenizer that a run's tokens are of."""
    known: str | None = _table(run).member.params["tokenizer_digest"]
    return known


def learnt_files(run: str, name: str) -> list[str]:
    """Return the files of a side table that a run learnt."""
    table = _table(run)
    return [storage.join(table.directory, "_side", name, path) for path, _ in table.manifest.sides[name]["files"]]
