"""A comparison in words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.comparison.joining import CHANGED, GAINED, LOST, MOVED, ONLY, SAME
from pipeline.comparison.outcome import Comparison, Group, Tally
from pipeline.comparison.recipes import StageDifference
from pipeline.comparison.samples import Fate, Sample

_LANGUAGES = 15
_WORDS = {
    GAINED: "gained (kept in the second run alone)",
    LOST: "lost (kept in the first run alone)",
    CHANGED: "changed (kept in both, not the same)",
    MOVED: "dropped in both, otherwise",
    SAME: "the same",
}
_MARKS = {"removed": "[-{}-]", "added": "{{+{}+}}", "left_out": " … {} … ", "same": "{}"}


def comparison_lines(made: Comparison) -> Iterator[str]:
    """Yield a comparison in lines."""
    yield f"first   {made.runs[0]}"
    yield f"second  {made.runs[1]}"
    yield ""
    for kind, words in _WORDS.items():
        yield f"{words:<40}{made.counts[kind]:>14,}"
    for kind, run, kept in zip(ONLY, made.runs, made.kept_only, strict=True):
        if made.counts[kind]:
            yield f"{f'only in the input of {run}':<40}{made.counts[kind]:>14,}, {kept:,} of them kept"
    yield f"{'records of either run':<40}{made.records:>14,}"
    more = ", or kept and in one input alone" if any(made.kept_only) else ""
    yield f"gained, lost or changed{more}: {percent(made.share)} of them"
    yield from _recipe_lines(made.recipes)
    yield from _group_lines(made.groups)
    yield from _tally_lines("language", made.languages[:_LANGUAGES], len(made.languages))
    yield from _tally_lines("host", made.hosts, len(made.hosts))
    for kind in (GAINED, LOST, CHANGED, MOVED):
        samples = [sample for sample in made.samples if sample.kind == kind]
        if samples:
            yield ""
            yield f"{_WORDS[kind]}, {len(samples):,} of {made.counts[kind]:,}:"
        for sample in samples:
            yield from _sample_lines(sample)


def percent(share: float) -> str:
    """Return a share in words.

    >>> percent(0.032), percent(0.0)
    ('3.2 %', '0 %')
    """
    return f"{100 * share:.3g} %"


def _recipe_lines(differences: Sequence[StageDifference]) -> Iterator[str]:
    yield ""
    if not differences:
        yield "parameters and code are the same"
        return
    yield "parameters and code that differ:"
    for stage in differences:
        if stage.only_in is not None:
            yield f"  {stage.stage}: only in the {('first', 'second')[stage.only_in]} run"
        if stage.versions is not None:
            yield f"  {stage.stage}: version {stage.versions[0]} → {stage.versions[1]}"
        for name, (before, after) in stage.parameters.items():
            yield f"  {stage.stage}.{name}: {before} → {after}"
        if stage.code:
            yield f"  {stage.stage}: code differs in {', '.join(stage.code)}"


def _group_lines(groups: Sequence[Group]) -> Iterator[str]:
    if not groups:
        return
    yield ""
    yield f"{'':<10}{'first run':<42}{'second run':<42}{'documents':>10}"
    for group in groups:
        first, second = _fated(group.first), _fated(group.second)
        what = f": {group.what}" if group.what else ""
        yield f"{group.kind:<10}{first:<42}{second + what:<42}{group.documents:>10,}"


def _fated(fate: tuple[str, str] | None) -> str:
    return "kept" if fate is None else " ".join(fate)


def _tally_lines(name: str, tallies: Sequence[Tally], total: int) -> Iterator[str]:
    if not tallies:
        return
    yield ""
    yield f"{name:<32}{GAINED:>10}{LOST:>10}{CHANGED:>10}"
    for tally in tallies:
        yield f"{tally.name or 'none':<32}{tally.gained:>10,}{tally.lost:>10,}{tally.changed:>10,}"
    if total > len(tallies):
        yield f"and {total - len(tallies):,} more"


def _sample_lines(sample: Sample) -> Iterator[str]:
    yield f"  {sample.url}"
    yield f"      {sample.doc_id}, {sample.language or 'no language'}"
    for word, fate in (("first", sample.first), ("second", sample.second)):
        if fate.stage is not None:
            yield f"      {word} run: {_measured(fate)}"
    if sample.kind == CHANGED:
        yield f"      differs in {sample.what}"
    text = "".join(_MARKS[op].format(piece) for op, piece in sample.differences) or sample.text or ""
    shown = " ⏎ ".join(line for line in text.splitlines() if line.strip())
    if shown:
        yield f"      {shown}"


def _measured(fate: Fate) -> str:
    values: Mapping[str, Any] = vars(fate)
    words = f"{values['stage']}, {values['reason']}"
    if fate.value is not None:
        words += f": {fate.value:.4g}" + (f", limit {fate.limit:.4g}" if fate.limit is not None else "")
    return words
