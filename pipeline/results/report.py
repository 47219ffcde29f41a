"""What a run did, in words: the funnel from records to shards, the mix reached, and where the results are."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.engine.stage import Stage
from pipeline.release.layout import ANNEAL, MANIFEST, TRAIN, VALIDATION
from pipeline.results.decisions import damaged_inputs
from pipeline.results.losses import WARN_OVER, loss_lines
from pipeline.results.redaction import shown_notes
from pipeline.runs.funnel import funnel
from pipeline.runs.table import Table
from pipeline.stores import storage

REPORT = "report.json"
_SHOWN = 2
_WARNING = "warning: "
"""What a stage's line begins with that everybody has to read."""


def funnel_lines(tables: Sequence[Table], seconds: Mapping[str, float], *, verbose: bool) -> Iterator[str]:
    """Yield the funnel as a table: a line per stage with the most frequent reasons, or a line per reason too.

    Args:
        tables: The chain.
        seconds: Stage → seconds that it took this time; their shares are of all of them together.
        verbose: Whether to say every reason.
    """
    heads = f"{'stage':<16}{'in':>12}{'kept':>12}{'dropped':>12}{'seconds':>10}{'of all':>8}"
    yield f"{heads}{'' if verbose else '   most of them for'}"
    total = sum(seconds.values())
    for stage, before, kept, dropped in funnel(tables):
        reasons = sorted(dropped.items(), key=lambda x: (-x[1], x[0]))
        most = ", ".join(f"{reason} {count:,}" for reason, count in reasons[:_SHOWN])
        more = ", …" if len(reasons) > _SHOWN else ""
        spent = f"{seconds[stage]:>10.1f}{seconds[stage] / total:>8.0%}" if seconds.get(stage) else " " * 18
        counts = f"{stage:<16}{before:>12,}{kept:>12,}{before - kept:>12,}{spent}"
        yield f"{counts}{'' if verbose else f'   {most}{more}'}".rstrip()
        if verbose:
            yield from (f"  {reason:<38}{count:>12,}" for reason, count in reasons)


def write_report(run: str, tables: Sequence[Table], release: dict[str, Any] | None, kept: Sequence[str] = ()) -> None:
    """Write what a run did as JSON: the funnel, what the fits noted, the mix, damaged inputs, and kept results."""
    stages = [
        {"stage": stage, "in": before, "kept": kept, "dropped": dropped, "notes": shown_notes(table)}
        for table, (stage, before, kept, dropped) in zip(tables, funnel(tables), strict=True)
    ]
    damaged = [{"file": file, "error": error} for file, error in damaged_inputs(tables[0])]
    mix = None if release is None else {name: release[name] for name in ("mix", "totals", "cells")}
    report: dict[str, Any] = {"stages": stages, "mix": mix, "damaged_inputs": damaged}
    if kept:
        report["kept_results"] = sorted(kept)
    storage.write_json(storage.join(run, REPORT), report)


def mix_lines(release: dict[str, Any]) -> list[str]:
    """Return the mix reached, category by category, and what limits its size."""
    mix, totals = release["mix"], {row["category"]: row for row in release["totals"] if row["split"] == TRAIN}
    weights, nothing = mix["weights"], {"documents": 0, "tokens": 0, "rows": 0}
    tokens = sum(total["tokens"] for total in totals.values())
    lines = [f"{'category':<16}{'documents':>12}{'tokens':>14}{'epochs':>8}{'share':>9}{'target':>9}"]
    asked = sum(weight for name, weight in weights.items() if name in totals) or 1.0
    for category in sorted(weights, key=lambda name: -weights[name]):
        total = totals.get(category, nothing)
        epochs = total["rows"] / total["documents"] if total["documents"] else 0
        share = 100 * total["tokens"] / tokens if tokens else 0
        lines.append(
            f"{category:<16}{total['documents']:>12,}{total['tokens']:>14,}{epochs:>8.2f}{share:>8.2f}%"
            f"{100 * weights[category] / asked if category in totals else 0:>8.1f}%"
        )
    if not tokens:
        return [*lines, "nothing is left to mix"]
    missing = [category for category, weight in weights.items() if weight > 0 and category not in totals]
    if missing:
        lines.append(f"no document in {', '.join(missing)}: the other categories share its weight")
    if mix["limited_by"] and mix["write"] == "mix":
        lines.append(f"{tokens:,} tokens in all; what limits the size is {mix['limited_by']}")
    often = max((cell["rows"] / cell["documents"] for cell in release["cells"] if cell["documents"]), default=0)
    if often > 1:
        lines.append(
            f"documents stand in it up to {math.ceil(often)} times, for the shares and tokens that mix asks for"
        )
    for split, what in ((VALIDATION, "held out, by site, for validation"), (ANNEAL, "for the end of training")):
        of_split = [row for row in release["totals"] if row["split"] == split]
        if of_split:
            said = ", ".join(f"{row['category']} {row['tokens']:,}" for row in of_split)
            lines.append(f"{split}: {sum(row['tokens'] for row in of_split):,} tokens {what}: {said}")
    return lines


def cell_lines(release: dict[str, Any]) -> Iterator[str]:
    """Yield the topics and languages of the mix: natural, target and reached shares, epochs, and what bound them."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for cell in release["cells"]:
        groups.setdefault((cell["category"], cell["group"]), []).append(cell)
    heads = "".join(f"{name:>9}" for name in ("natural", "target", "reached"))
    yield f"{'category':<14}{'topic or language':<28}{'documents':>10}{heads}{'epochs':>8}  bound by"
    for (category, group), cells in sorted(groups.items()):
        natural, target, reached, rows, documents = (
            sum(cell[name] for cell in cells)
            for name in ("natural_share", "target_share", "reached_share", "rows", "natural_documents")
        )
        bound = ", ".join(sorted({cell["bound_by"] for cell in cells if cell["bound_by"]}))
        yield (
            f"{category:<14}{group or '(none)':<28}{documents:>10,}{natural:>9.2%}{target:>9.2%}{reached:>9.2%}"
            f"{rows / documents if documents else 0:>8.2f}  {bound}"
        ).rstrip()


def fit_lines(tables: Sequence[Table], stages: Sequence[Stage]) -> Iterator[str]:
    """Yield what the fits of a chain noted, a line or a few per stage.

    Args:
        tables: The chain.
        stages: Of the plan; they know how to say it.
    """
    by_name = {stage.name: stage for stage in stages}
    for table in tables:
        say = by_name[table.stage].report if table.stage in by_name else None
        if say is not None and (notes := shown_notes(table)):
            for number, line in enumerate(say(notes)):
                yield f"{table.stage if not number else '':<16}{line}"


def result_lines(
    tables: Sequence[Table],
    stages: Sequence[Stage],
    release: dict[str, Any] | None,
    seconds: Mapping[str, float],
    *,
    verbose: bool,
    warn_over: float = WARN_OVER,
) -> list[str]:
    """Return what a run ends with: the funnel, the mix, where the results are, and what nobody must miss.

    Args:
        tables: The chain.
        stages: Of the plan.
        release: Its manifest, where there is one.
        seconds: Stage → seconds that it took this time.
        verbose: Whether to say every reason, and what each stage has to report.
        warn_over: Share of a stage's rows above which what one reason took is told.
    """
    run = tables[0].root
    lines = ["", *funnel_lines(tables, seconds, verbose=verbose)]
    said = list(fit_lines(tables, stages))
    if verbose and said:
        lines += ["", *said]
    if release is not None:
        lines += ["", *mix_lines(release)]
        lines += ["", *cell_lines(release)] if verbose else []
    lines += ["", *_places(run, tables, stages, release), f"why was a page dropped?  gristmill explain {run} URL"]
    warnings = [f"{_WARNING}{file}: {error}" for file, error in damaged_inputs(tables[0])]
    warnings += [] if verbose else [line[16:] for line in said if line[16:].startswith(_WARNING)]
    warnings += [f"{_WARNING}{line}" for line in loss_lines(run, funnel(tables), warn_over)]
    return [*lines, *([""] if warnings else []), *warnings]


def _places(
    run: str, tables: Sequence[Table], stages: Sequence[Stage], release: dict[str, Any] | None
) -> Iterator[str]:
    """Yield what the results are and where: labels and paths never touch."""
    named = {"decisions": storage.join(run, "decisions"), "inputs": storage.join(run, "inputs")}
    if release is not None:
        named["release"] = storage.join(run, "release")
    else:
        named["the texts"] = f"gristmill export {run} {tables[-1].stage} DIRECTORY"
    names = (name for stage in stages for name in stage.publishes)
    named |= {name: storage.join(run, name) for name in names if storage.exists(storage.join(run, name))}
    named["report"] = storage.join(run, REPORT)
    width = max(map(len, named))
    yield from (f"{name:<{width}}  {path}" for name, path in named.items())
    if release is None and storage.exists(storage.join(run, "release", MANIFEST)):
        yield "the release there is of an earlier chain: run again without --only or --to to renew it"
