"""Curating from a program: as `gristmill curate` does, with the run as what comes back."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.curation import Request
from pipeline.curation import curate as run_job
from pipeline.library.opened_run import Run
from pipeline.results.losses import WARN_OVER
from pipeline.spark.progress import Progress
from pipeline.spark.session import left_as_found


def curate(  # noqa: PLR0913  (each is an option of the command)
    inputs: str | Sequence[str] = (),
    output: str = "",
    *,
    settings: Mapping[str, Any] | None = None,
    configs: str | Sequence[str] = (),
    recipe: str | None = None,
    first: str | None = None,
    last: str | None = None,
    only: str | None = None,
    against: Sequence[str] | None = None,
    stages: str | None = None,
    keep_results: Sequence[str] = (),
    strict: bool = False,
    quiet: bool = False,
) -> Run:
    """Bring a run up to date, and return it.

    A SparkSession that is running is used, and left as it was. What is done already is not done again.

    Args:
        inputs: WARC files, or tables of pages: paths, globs, folders, fsspec URLs, `@listing`; empty for those of the
            run's last time.
        output: The run directory, local or fsspec URL.
        settings: Parameters, `{"heuristics.min_words": 30}`; they win over files.
        configs: YAML files, later ones win.
        recipe: A published corpus's parameters by name, below those of files; `gristmill recipes` lists them.
        first: Stage to start from.
        last: Stage to end with.
        only: The one stage to run.
        against: Earlier runs to de-duplicate against; None for those of the run's last time.
        stages: Stages of your own, `my_package.plan:STAGES`; None for those of the run's last time.
        keep_results: Stages whose results are kept though their code has changed.
        strict: Whether a damaged input file is an error.
        quiet: Whether nothing is printed.

    Raises:
        CurationError: What is wrong, where, and what to do.
        ValueError: Arguments do not go together.
    """
    if not output:
        raise ValueError("name the run directory: output=…")
    if only and (first or last):
        raise ValueError("only goes without first and last")
    request = Request(
        output=output.rstrip("/"),
        inputs=_listed(inputs),
        configs=_listed(configs),
        assignments=tuple(
            f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in (settings or {}).items()
        ),
        first=only or first,
        last=only or last,
        strict=strict,
        against=None if against is None else tuple(against),
        stages=stages,
        kept=tuple(keep_results),
        warn_over=WARN_OVER,
        recipe=recipe,
    )
    with left_as_found():
        run_job(request, Progress(is_quiet=quiet))
    return Run(output)


def _listed(words: str | Sequence[str]) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)
