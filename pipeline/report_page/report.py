"""The command: a run as one page of HTML."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.charts.figures import Section
from pipeline.charts.parts import altair
from pipeline.charts.sections import figures
from pipeline.report_page.documents import sample_of
from pipeline.report_page.facts import facts_of
from pipeline.report_page.findings import findings
from pipeline.report_page.page import Content, page
from pipeline.report_page.reviewing import review_data
from pipeline.report_page.scripts import vega_script
from pipeline.runs.run import Run
from pipeline.stores import storage


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes:
        run: The run directory.
        output: The file to write, local or of fsspec.
        against: Another run to compare it with; None for none.
        sample: Documents of each reason.
        review: Decisions of each stage to be judged.
    """

    run: str
    output: str
    against: str | None = None
    sample: int = 5
    review: int = 50


def write_page(request: Request, say: Callable[[str], None]) -> int:
    """Write the page, and return its bytes.

    Args:
        request: What is asked for.
        say: Told what is being made, a line each.

    Raises:
        ManifestError: One of the runs holds nothing.
        ConfigError: Altair or vl-convert is not installed.
    """
    altair(), vega_script()  # what is lacking is said before the run is read
    Run(request.run).tables()
    if request.against is not None:
        Run(request.against).tables()
    say("what stands out")
    facts = facts_of(request.run)
    sections = list(_sections(request, say))
    say("documents")
    sample = sample_of(request.run, request.sample)
    say("review")
    review = review_data(request.run, request.review)
    name = request.run.rstrip("/").rsplit("/", 1)[-1] or request.run
    content = Content(name, facts, findings(facts), sections, sample, review)
    written = page(content).encode("utf-8", "backslashreplace")
    with storage.create(request.output) as stream:
        stream.write(written)
    return len(written)


def _sections(request: Request, say: Callable[[str], None]) -> Iterator[Section]:
    for section in figures(request.run, request.against):
        say(f"charts: {section.title}")
        yield section
