"""The job: decisions of a stage, closest first; a reviewer's verdicts; and what these say of the stage."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TextIO

from pipeline.errors import InputError
from pipeline.review.agreement import agreement, agreement_lines
from pipeline.review.argued_limits import argued_limits
from pipeline.review.estimate import Estimate, estimate, estimate_lines
from pipeline.review.intervals import Method
from pipeline.review.items import ReviewItem, Selection, select_borderline, select_random
from pipeline.review.judging import judge, verdicts_of
from pipeline.review.keys import Keys
from pipeline.review.shown import item_lines
from pipeline.review.verdicts import Verdict, append_verdict, read_verdicts
from pipeline.terminal import json_lines, safe


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes:
        run: The run directory.
        stage: A committed stage.
        borderline: Decisions to judge, the closest first.
        random: Instead of these so many of the stage's drops, by chance; None for the closest.
        seed: Of the random sample.
        verdicts: File of the verdicts.
        reviewer: Who judges; "" for nobody in particular.
        interval: How intervals are made.
        agree: File of another reviewer's verdicts, to be compared with; None to judge.
        chars: Code points of a text to show.
        as_json: Whether to print one JSON object, and ask nothing.
    """

    run: str
    stage: str
    borderline: int
    random: int | None
    seed: int
    verdicts: str
    reviewer: str
    interval: Method
    agree: str | None
    chars: int
    as_json: bool


def review(request: Request, typed: TextIO, out: TextIO) -> None:
    """Have decisions judged, or compare two reviewers.

    Args:
        request: What is asked for.
        typed: Standard input.
        out: Standard output.

    Raises:
        ManifestError: The run has no such stage.
        ConfigError: The stage compares nothing with a limit.
        InputError: A file holds something else than verdicts, or none where they are needed.
    """
    if request.agree is not None:
        _agree(request, request.agree, out)
        return
    if request.random is not None:
        selection = select_random(request.run, request.stage, request.random, request.seed)
    else:
        selection = select_borderline(request.run, request.stage, request.borderline)
    all_of_file = read_verdicts(request.verdicts)
    given = verdicts_of(all_of_file, selection.run, request.stage, request.reviewer)
    if request.as_json:
        value: dict[str, Any] = {
            "run": selection.run,
            "stage": request.stage,
            "sample": selection.sample,
            "notes": selection.notes,
        }
        value["items"] = [item.as_value() for item in selection.items]
        value["estimate"] = _estimated(selection, given, request.interval).as_value()
        _print_json(value, out)
        return
    _judge(request, selection, given, len(all_of_file), typed, out)


def _judge(
    request: Request, selection: Selection, given: list[Verdict], in_file: int, typed: TextIO, out: TextIO
) -> None:
    has_colours = out.isatty() and "NO_COLOR" not in os.environ

    def say(line: str) -> None:
        out.write(f"{safe(line)}\n")
        out.flush()

    def show(item: ReviewItem, at: int) -> None:
        lines = item_lines(item, at + 1, len(selection.items), request.chars, has_colours=has_colours)
        out.writelines(f"{line}\n" for line in lines)

    by_item = {verdict.item: verdict for verdict in given}
    judged = sum((selection.run, item.stage, item.reason, item.doc_id) in by_item for item in selection.items)
    say(f"{request.run}: {request.stage}, {selection.sample}; {judged:,} of them judged in {request.verdicts}")
    for note in selection.notes:
        say(note)
    if in_file > len(given):
        say(f"{in_file - len(given):,} verdicts of the file are on other decisions or by other reviewers")
    judge(selection, by_item, request.reviewer, Keys(typed), show, say, _saver(request.verdicts))
    say("")
    for line in _told(selection, _estimated(selection, list(by_item.values()), request.interval), request):
        say(line)


def _saver(path: str) -> Any:
    def save(verdict: Verdict) -> None:
        append_verdict(path, verdict)

    return save


def _estimated(selection: Selection, given: list[Verdict], interval: Method) -> Estimate:
    """Return the estimate of the selected decisions; limits are argued for by all verdicts on the stage."""
    chosen = {(item.stage, item.reason, item.doc_id) for item in selection.items}
    made = estimate([v for v in given if (v.stage, v.reason, v.doc_id) in chosen], interval)
    return replace(made, limits=argued_limits(given, interval))


def _told(selection: Selection, made: Estimate, request: Request) -> Iterator[str]:
    yield from estimate_lines(made, selection.sample)
    if request.random is None:
        yield "these are no random sample: --random N estimates the precision of all drops of the stage"


def _agree(request: Request, other: str, out: TextIO) -> None:
    """Compare the verdicts of two files."""
    pair = []
    for path in (request.verdicts, other):
        verdicts = [verdict for verdict in read_verdicts(path) if verdict.stage == request.stage]
        if not verdicts:
            raise InputError(f"{path} holds no verdicts on {request.stage}")
        if len(names := sorted({verdict.reviewer for verdict in verdicts})) > 1:
            raise InputError(f"{path} holds verdicts of several reviewers ({', '.join(names)}): one file for each")
        pair.append(verdicts)
    made = agreement(*pair)
    if request.as_json:
        _print_json(made.as_value(), out)
    else:
        out.writelines(f"{safe(line)}\n" for line in agreement_lines(made))


def _print_json(value: dict[str, Any], out: TextIO) -> None:
    out.writelines(f"{safe(line)}\n" for line in json_lines(value))
