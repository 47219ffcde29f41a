"""The page: its elements in order. All that is not ours is escaped, or data that a script reads as text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pipeline.charts.figures import Figure, Section
from pipeline.report_page.chart_data import chart_data, has_rows, looks, note_of
from pipeline.report_page.escaping import escaped, json_block
from pipeline.report_page.facts import Facts
from pipeline.report_page.findings import Finding
from pipeline.report_page.parts import HELP, REVIEW, SAMPLE, WORDS
from pipeline.report_page.scripts import licence, our_script, policy, style, vega_script, vega_versions
from pipeline.report_page.steps import Link
from pipeline.report_page.tables import table_html

_LEVELS: Final = {
    "wrong": "Probably wrong with the release",
    "upstream": "Look upstream: the filter did its job",
    "look": "Worth a look",
}


@dataclass(frozen=True)
class Content:
    """All that a page shows.

    Attributes:
        name: Of the run, a heading.
        facts: Of the run, for the summary.
        findings: What stands out.
        sections: Of charts.
        sample: What `documents.sample_of` returns.
        review: What `reviewing.review_data` returns.
    """

    name: str
    facts: Facts
    findings: Sequence[Finding]
    sections: Sequence[Section]
    sample: Sequence[dict[str, Any]] = ()
    review: Sequence[dict[str, Any]] = field(default_factory=tuple)


def page(content: Content) -> str:
    """Return the page: one file of HTML that loads nothing and runs no script but its own.

    Raises:
        ConfigError: vl-convert is not installed.
    """
    return "\n".join(_lines(content)) + "\n"


def _lines(content: Content) -> Iterator[str]:
    vega, ours = vega_script(), our_script()
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{escaped(policy(vega, ours))}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">'
    yield f"<title>{escaped(content.name)}: report</title>\n<style>\n{style()}</style>\n</head>\n<body>"
    yield '<a class="skip" href="#main">Skip to what stands out</a>'
    yield from _header(content)
    yield '<main id="main" tabindex="-1">'
    yield from _findings(content)
    for section in content.sections:
        yield from _section(section)
    yield SAMPLE
    yield REVIEW
    yield "</main>"
    yield from _footer()
    yield HELP
    yield from _data(content)
    yield f"<script>{vega}</script>\n<script>{ours}</script>\n</body>\n</html>"


def summary(facts: Facts) -> str:
    """Return what went in and what came out.

    >>> summary(Facts(steps=[{"rows_in": 333, "kept": 218}]))
    '333 records → 218 documents'
    """
    counting = " in the training split, repeats counted" if facts.mix or facts.hosts else ""
    tokens = f"; {facts.tokens:,} tokens{counting}" if facts.tokens else ""
    return f"{facts.records:,} records → {facts.documents:,} documents{tokens}"


def _header(content: Content) -> Iterator[str]:
    yield f'<header>\n<div class="top"><h1>{escaped(content.name)}</h1>'
    yield '<div class="tools"><button type="button" id="look">Dark</button>'
    yield '<button type="button" id="help">Keys <kbd>?</kbd></button></div></div>'
    yield f'<p class="summary">{escaped(summary(content.facts))}</p>'
    yield WORDS
    yield '<nav aria-label="Sections"><ul>'
    names = [("findings", "What stands out"), *((section.name, section.title) for section in content.sections)]
    for name, title in (*names, ("sample", "Documents"), ("review", "Review")):
        yield f'<li><a href="#{escaped(name)}">{escaped(title)}</a></li>'
    yield "</ul></nav>\n</header>"
    yield '<noscript><p class="note">Charts, search and review need JavaScript; tables do not.</p></noscript>'


def _findings(content: Content) -> Iterator[str]:
    yield '<section id="findings" aria-labelledby="findings-title">\n<h2 id="findings-title">What stands out</h2>'
    drawn = {figure.name for section in content.sections for figure in section.figures if has_rows(figure)}
    if not content.findings:
        yield "<p>Nothing does: no language, category or host lost far more than the others, no page stands very often,"
        yield "no host fills the release, no input is damaged.</p>"
    else:
        yield '<p class="note">Computed from the run, the most important first.</p>\n<ol class="findings">'
        yield from (_finding(finding, finding.figure in drawn) for finding in content.findings)
        yield "</ol>"
    yield "</section>"


def _finding(finding: Finding, is_drawn: bool) -> str:  # noqa: FBT001  (private)
    link = f' <a href="#{escaped(finding.figure)}">See the chart</a>' if is_drawn else ""
    advice = f'<p class="note">What to look at: {escaped(finding.advice)}</p>' if finding.advice else ""
    advice += "".join(f"<pre><code>{escaped(command)}</code></pre>" for command in finding.commands)
    if finding.links:
        advice += f'<p class="note">{" · ".join(map(_link, finding.links))}</p>'
    level = f'<strong class="level">{_LEVELS[finding.level]}</strong>'
    return f'<li class="{finding.level}">{level} <p>{escaped(finding.sentence)}{link}</p>{advice}</li>'


def _link(link: Link) -> str:
    """Return a link; the scripts of documents and review set their fields by what it carries."""
    told = {"reason": link.reason, "language": link.language, "query": link.query, "stage": link.stage}
    carried = "".join(f' data-{name}="{escaped(value)}"' for name, value in told.items())
    return f'<a href="#{escaped(link.target)}" class="to"{carried}>{escaped(link.said)}</a>'


def _section(section: Section) -> Iterator[str]:
    name = escaped(section.name)
    yield f'<section id="{name}" aria-labelledby="{name}-title">\n<h2 id="{name}-title">{escaped(section.title)}</h2>'
    yield f"<p>{escaped(section.sentence)}</p>"
    for figure in section.figures:
        if has_rows(figure):
            yield from _figure(figure)
    empty = list(dict.fromkeys(figure.title for figure in section.figures if not has_rows(figure)))
    if empty:
        yield f'<p class="note">Not drawn, for want of anything to show: {escaped("; ".join(empty))}.</p>'
    yield "</section>"


def _figure(figure: Figure) -> Iterator[str]:
    name, note = escaped(figure.name), note_of(figure)
    yield f'<figure id="{name}" tabindex="-1">\n<figcaption><h3>{escaped(figure.title)}</h3>'
    yield f'<p class="note">{escaped(note)}</p></figcaption>' if note else "</figcaption>"
    yield f'<div class="scroll" tabindex="0" role="region" aria-label="Chart: {escaped(figure.title)}">'
    yield f'<div class="chart" role="img" data-chart="{name}" aria-label="{escaped(figure.description)}"></div>'
    yield "</div>"
    yield "<details><summary>The numbers</summary>"
    yield f'<p class="note">{escaped(figure.description)}</p>'
    yield from table_html(figure.table, f"Numbers: {figure.title}")
    yield "</details>\n</figure>"


def _footer() -> Iterator[str]:
    yield "<footer><p>Made by <code>gristmill report</code>. The page loads nothing and sends nothing.</p>"
    yield f"<details><summary>Charts are drawn by {escaped(vega_versions())}: their licence</summary>"
    yield f'<pre tabindex="0">{escaped(licence())}</pre></details></footer>'


def _data(content: Content) -> Iterator[str]:
    figures = [figure for section in content.sections for figure in section.figures if has_rows(figure)]
    yield json_block("looks", looks())
    yield json_block("charts", {figure.name: chart_data(figure) for figure in figures})
    yield json_block("about", {"run": content.facts.run, "records": content.facts.records})
    yield json_block("documents", list(content.sample))
    yield json_block("decisions", list(content.review))
