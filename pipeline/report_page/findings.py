"""What stands out in a run, worst first: each a sentence, with the chart that shows it and what to look at next.

A finding has a level and a weight. Levels are what a reader is to do. `wrong`: the release lacks or holds what it
should not. `upstream`: the stage did what it is for, the crawl is what to look at. `look`: worth a minute. Within a
level the weight decides: the square root of the share of the run that it is about, times how far it is from the usual.
The root lets a language that is lost whole stand above a tenth of a percent of everything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final, Literal

from pipeline.charts.duplicates import from_hosts
from pipeline.charts.words import counted, named, percent
from pipeline.report_page.facts import Facts
from pipeline.report_page.losses import Loss, losses
from pipeline.report_page.steps import Link, advice, commands, links, to_drop_host, to_explain, what_if
from pipeline.report_page.surprises import at_least, z_of
from schemas.columns import CATEGORY, HOST, SOURCE_URL

Level = Literal["wrong", "upstream", "look"]
LEVELS: Final[tuple[Level, ...]] = ("wrong", "upstream", "look")
MOST: Final = 12
"""Findings that a page lists: nobody reads more, and the charts have all."""
_HOST_LOOK, _HOST_WRONG = 0.05, 0.2
"""Share of the release's tokens. The largest hosts of web corpora have a percent or less; a fifth is one voice."""
_LEAST_DOCUMENTS: Final = 50
"""Documents that a release needs before hosts' shares mean anything: of ten documents, each is a tenth."""
_COPIES_LOOK, _COPIES_UPSTREAM = 0.01, 0.05
"""Share of what de-duplication was handed that is one page. Templates and mirrors are well below a hundredth."""
_COPIES_LEAST, _COPIES_MANY = 20, 1000
"""Copies below which no group is called out, and from which on every one is, however large the run."""
_MIX: Final = 0.05
"""Points by which a share of the mix may miss its target before it is said."""
_REASON: Final = 0.25
"""Share of what a stage was handed that one reason takes before it is said; copies and budget are spared."""
_SAME: Final = 0.9
"""Share of a reason's documents from which on a loss has told of it."""
_CONTAMINATED: Final = 5
"""Documents with items of a benchmark before a suite is named: a few quote an item by chance."""
_DAMAGED: Final = 0.01
"""Share of the input files that are damaged, from which on something is wrong with the input as a whole."""


@dataclass(frozen=True)
class Finding:
    """One thing that stands out.

    Attributes:
        sentence: What it is, with its numbers; text, and not markup.
        figure: Name of the chart that shows it; "" for none.
        level: What a reader is to do about it.
        weight: How much it matters among those of its level.
        advice: What to look at next; "" for nothing.
        commands: To copy, whole.
        links: To what it is about, on the page.
    """

    sentence: str
    figure: str
    level: Level
    weight: float
    advice: str = ""
    commands: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()


def findings(facts: Facts, most: int = MOST) -> list[Finding]:
    """Return what stands out, worst first.

    Args:
        facts: Of the run.
        most: How many to return.
    """
    makers = (_nothing_kept, _damaged, _lost, _copies, _hosts, _mix, _reasons, _benchmarks)
    made = [finding for maker in makers for finding in maker(facts)]
    return sorted(made, key=lambda finding: (LEVELS.index(finding.level), -finding.weight, finding.sentence))[:most]


def _nothing_kept(facts: Facts) -> Iterator[Finding]:
    for step in facts.steps:
        if step["rows_in"] and not step["kept"]:
            why = [row for row in facts.reasons if row["stage"] == step["stage"]]
            most = f", {counted(why[0]['records'], 'time')} for {why[0]['reason']}" if why else ""
            sentence = f"{step['stage']} kept nothing: it dropped all {step['rows_in']:,} that it was handed{most}"
            yield Finding(f"{sentence}.", "funnel_steps", "wrong", 2.0, advice(facts, step["stage"]))


def _damaged(facts: Facts) -> Iterator[Finding]:
    if not facts.damaged:
        return
    share = len(facts.damaged) / max(facts.files, len(facts.damaged))
    file, error = facts.damaged[0]
    sentence = (
        f"{counted(len(facts.damaged), 'input file')} of {max(facts.files, len(facts.damaged)):,}"
        f" {'is' if len(facts.damaged) == 1 else 'are'} damaged, and may hold more than was read:"
        f" {named(file.rsplit('/', 1)[-1])}: {named(error)}."
    )
    next_step = "fetch the file again, and run the same command: what is sound is not read twice"
    yield Finding(sentence, "", "wrong" if share >= _DAMAGED else "look", sqrt(share), next_step)


def _lost(facts: Facts) -> Iterator[Finding]:
    for loss in losses(facts):
        level: Level = "wrong" if loss.is_severe else "look" if loss.is_judged else "upstream"
        figure = f"funnel_losses_by_{loss.by}" if loss.by != HOST.name else "funnel_hosts"
        to_try = commands(facts, loss)
        said = _TRY if to_try else advice(facts, loss.stage)
        yield Finding(loss.sentence(), figure, level, loss.weight, said, to_try, links(loss))


_TRY: Final = "what a looser limit would do, without a run:"


def _copies(facts: Facts) -> Iterator[Finding]:
    handed = max((step["rows_in"] for step in facts.steps if step["stage"].startswith("dedup_")), default=0)
    z = z_of(max(len(facts.groups), 1))
    for group in facts.groups[:3]:
        copies = int(group["copies"])
        sure = at_least(copies, max(handed, copies), z)
        if copies < _COPIES_LEAST or (sure < _COPIES_LOOK and copies < _COPIES_MANY):
            continue
        kinds = ", ".join(f"{group[kind]:,} {kind}" for kind in _KINDS if group[kind])
        after = "" if group["stage"] == "kept" else f" The one that was kept was later dropped by {group['stage']}."
        share = percent(copies / max(handed, copies))
        sentence = (
            f"{copies + 1:,} pages are the same page: {copies:,}{from_hosts(group['hosts'])} were dropped as"
            f" copies ({kinds}) of {named(group[SOURCE_URL.name])}, {share} of all that were compared.{after}"
        )
        level: Level = "upstream" if sure >= _COPIES_UPSTREAM else "look"
        next_step = "read the page, and ask why the crawl has it so often:"
        url = group[SOURCE_URL.name] or ""
        yield Finding(
            sentence, "duplicates_biggest", level, sqrt(copies / max(handed, copies)), next_step,
            to_explain(facts, url), (Link("Search for it", "sample", query=url),) if url else (),
        )  # fmt: skip


_KINDS: Final = ("older captures", "exact copies", "near duplicates")


def _hosts(facts: Facts) -> Iterator[Finding]:
    if facts.documents < _LEAST_DOCUMENTS:
        return
    for host in facts.hosts:
        if host[HOST.name] is None or host["share"] < _HOST_LOOK:  # rows of a table that have ids and no URL
            continue
        rows = int(host["rows"])
        often = f", which are in it {rows / host['documents']:.1f} times on average" if rows > host["documents"] else ""
        sentence = (
            f"One host fills {percent(host['share'])} of the release: {named(host[HOST.name])} has"
            f" {host['tokens']:,} of its tokens, from {counted(host['documents'], 'document')}{often}."
        )
        level: Level = "wrong" if host["share"] >= _HOST_WRONG else "look"
        next_step = (
            "its pages, and whether one site may say so much. The mix has no limit per host. To drop the whole host,"
            " write it on a list, and run again with that list and the options that the run was made with:"
        )
        name = host[HOST.name]
        yield Finding(
            sentence, "mix_hosts", level, sqrt(host["share"]), next_step, to_drop_host(facts, name),
            (Link("See some of its pages", "sample", query=name),),
        )  # fmt: skip


def _mix(facts: Facts) -> Iterator[Finding]:
    for row in facts.mix:
        off = row["reached_share"] - row["target_share"]
        if abs(off) < _MIX:
            continue
        bound = f"; what bound it: {row['bound_by']}" if row["bound_by"] else ""
        sentence = (
            f"The mix has {percent(row['reached_share'])} of its tokens from {named(row[CATEGORY.name])}, not the"
            f" {percent(row['target_share'])} that were asked for{bound}."
        )
        yield Finding(sentence, "mix_categories", "look", abs(off), "mix.weights, and what the categories have to give")


def _reasons(facts: Facts) -> Iterator[Finding]:
    handed = {step["stage"]: step["rows_in"] for step in facts.steps}
    z = z_of(max(len(facts.reasons), 1))
    told = [loss for loss in losses(facts) if loss.is_judged]
    emptied = {step["stage"] for step in facts.steps if not step["kept"]}  # which another finding says
    for row in facts.reasons:
        of = handed[row["stage"]]
        if row["stage"] in emptied or any(_is_about(loss, row) for loss in told):
            continue
        if row["is_expected"] or at_least(row["records"], of, z) < _REASON:
            continue
        meaning = f" ({row['meaning'].rstrip('.')})" if row["meaning"] else ""
        sentence = (
            f"{row['stage']} dropped {percent(row['records'] / of)} of what it was handed for one reason,"
            f" {named(row['reason'])}{meaning}: {row['records']:,} of {of:,}."
        )
        weight = sqrt(row["records"] / max(facts.records, 1)) * row["records"] / of
        to_try = what_if(facts, row["stage"], row["reason"])
        said = _TRY if to_try else advice(facts, row["stage"])
        shown = Link("See some of them", "sample", reason=f"{row['stage']}: {row['reason']}")
        yield Finding(sentence, "funnel_reasons", "look", weight, said, to_try, (shown,))


def _is_about(loss: Loss, reason: Mapping[str, Any]) -> bool:
    """Return whether nearly all documents of a reason are those of a loss, which says it."""
    is_same = (loss.stage, loss.reason) == (reason["stage"], reason["reason"])
    return is_same and loss.by_reason >= _SAME * reason["records"]


def _benchmarks(facts: Facts) -> Iterator[Finding]:
    handed = next((step["rows_in"] for step in facts.steps if step["stage"] == "decontaminate"), 0)
    for row in _whole(facts.benchmarks):
        if row["documents"] < _CONTAMINATED or row["is_training"]:
            continue
        sentence = (
            f"{counted(row['documents'], 'document')} of {handed:,} hold items of the benchmark {named(row['suite'])};"
            f" {percent(row['share'])} of its items are whole in documents."
        )
        weight = sqrt(row["documents"] / max(handed, 1)) + row["share"]
        yield Finding(sentence, "mix_benchmarks", "look", weight, advice(facts, "decontaminate"))


def _whole(rows: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    return (row for row in rows if row["coverage"] >= 1)
