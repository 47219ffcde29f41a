"""What came of an experiment, as a table and as `ablation.json`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.ablation.arguments import Request
from pipeline.ablation.proxies import ARMS, CONTROL, LEAST_DOCUMENTS, MEAN, NOT_APART, WITH, WITHOUT, Judged
from pipeline.experiments.corpus import Target
from pipeline.stores import storage

FILE = "ablation.json"
PRIOR = "a trigram model is a prior: nobody has shown that large models want the texts that it wants"
_PRIVATE = {
    "opt_out": "pages that opt out",
    "pii": "personal data",
    "url_screen": "pages of screened sites",
    "safety": "pages that the run judged unsafe",
}


@dataclass(frozen=True)
class Outcome:
    """What an experiment made and showed.

    Attributes:
        params: Of the stage.
        arms: Arm → tokens, rows, categories, digest, shards.
        available: Arm → category → tokens of documents that could be drawn.
        left_out: Arm → what documents were left out for → how many.
        only: Arm → documents that the other one has not.
        targets: What arms are judged by.
        notes: What had to be decided on the way.
        judged: What proxies made of each target, and of their mean; empty without proxies.
    """

    params: Mapping[str, Any]
    arms: Mapping[str, Mapping[str, Any]]
    available: Mapping[str, Mapping[str, int]]
    left_out: Mapping[str, Mapping[str, Mapping[str, int]]]
    only: Mapping[str, int]
    targets: tuple[Target, ...]
    notes: tuple[str, ...] = ()
    judged: tuple[Judged, ...] = ()


def write_outcome(request: Request, outcome: Outcome) -> None:
    """Write `ablation.json`."""
    storage.write_json(
        storage.join(request.output, FILE),
        {
            "run": request.run,
            "stage": request.stage,
            "params": outcome.params,
            "seed": request.wanted.seed,
            "proxy": request.proxy,
            "sample_tokens": request.wanted.sample_tokens,
            "transformer": {"size": request.size, "seeds": request.seeds, "vocabulary": request.vocabulary}
            if request.proxy == "transformer"
            else None,
            "arms": outcome.arms,
            "available": outcome.available,
            "left_out": outcome.left_out,
            "documents_of_one_arm": outcome.only,
            "targets": [
                {"name": t.name, "weight": t.weight, "documents": len(t.texts), "digest": t.digest}
                for t in outcome.targets
            ],
            "notes": outcome.notes,
            "judged": [{**asdict(row), "verdict": row.verdict} for row in outcome.judged],
        },
    )


def lines_of(request: Request, outcome: Outcome) -> list[str]:
    """Return what to print."""
    stage, arms = request.stage, outcome.arms
    tokens = ", ".join(f"{name} {arms[name]['tokens']:,} in {arms[name]['rows']:,} rows" for name in ARMS)
    lines = [f"tokens: {tokens}"]
    lines.append(
        f"{outcome.only[WITHOUT]:,} documents are in the arm without '{stage}' only, {outcome.only[WITH]:,} in the"
        " arm with it only"
    )
    lines += [f"note: {note}" for note in outcome.notes]
    if stage in _PRIVATE:
        lines.append(f"note: the arm without '{stage}' holds {_PRIVATE[stage]}: for this experiment alone")
    if outcome.judged:
        lines += ["", *_table(outcome), "", *_said(request, outcome)]
    return [*lines, storage.join(request.output, FILE)]


def _table(outcome: Outcome) -> list[str]:
    wide = max(len(row.name) for row in outcome.judged)
    head = (
        f"{'target':<{wide}}  {'docs':>5}  {'with':>7}  {'without':>7}  {'without − with':<27}  {'control − with':<27}"
    )
    lines = ["bits per byte, with 95 % intervals", head]
    for row in outcome.judged:
        own, other = row.losses[WITH].value, row.losses[WITHOUT].value
        lines.append(
            f"{row.name:<{wide}}  {row.documents:>5}  {own:>7.4f}  {other:>7.4f}  {_signed(row.stage):<27}"
            f"  {_signed(row.control):<27}  {row.verdict}"
        )
    return lines


def _signed(interval: Any) -> str:
    return f"{interval.value:+.4f} [{interval.low:+.4f}, {interval.high:+.4f}]"


def _said(request: Request, outcome: Outcome) -> list[str]:
    mean = next(row for row in outcome.judged if row.name == MEAN)
    said = {NOT_APART: f"mean over targets, with and without '{request.stage}': {NOT_APART}"}
    lines = [said.get(mean.verdict, f"mean over targets: {mean.verdict} ('{request.stage}')")]
    if few := [row.name for row in outcome.judged if row.documents < LEAST_DOCUMENTS]:
        lines.append(f"{', '.join(few)}: fewer than {LEAST_DOCUMENTS} documents, too few for an interval")
    if mean.control.low <= 0:
        lines.append(
            f"the {CONTROL} is no worse than the arm that it repeats half of: this proxy is blind at this size"
        )
    if request.proxy == "ngram":
        lines.append(PRIOR)
    if not request.targets:
        lines.append(f"targets are documents that '{request.stage}' keeps: what it drops has no voice in them")
    return lines
