"""opt_out: pages whose owners do not want them to be learned from, by headers, metas, robots.txt and tdmrep.json."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BeforeValidator, Field, field_validator

from pipeline.engine.batches import with_columns
from pipeline.engine.stage import Params, SideTables, SideWriter, dropped, first_reason, stage
from pipeline.kernels.opt_out.metas import FORBIDS
from pipeline.opt_out.files import ROBOTS, TDM, given_files
from pipeline.opt_out.meeting import FORBIDDEN, RESERVED, Asked, judge_pages
from pipeline.rows.verdicts import ROW
from pipeline.runs.parts import BatchStream, Part
from schemas.columns import (
    DECLARED_ROBOTS,
    DECLARED_TDM,
    OPT_OUT_SIGNAL,
    SOURCE_URL,
    TDM_RESERVATION,
    WARC_FILE,
    WARC_OFFSET,
    X_ROBOTS_TAG,
    Column,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Source = Literal["x_robots_tag", "meta_robots", "tdm_reservation", "robots_txt"]
SOURCES: tuple[Source, ...] = get_args(Source)
"""In the order in which the first that speaks names the reason."""
_SITES = "sites"
"""Side table, by part: rows that a file of their site opts out. What it holds follows from the part and the parameters,
so the part is not known by it: a row that stays is the same whatever the files say of others."""
_REASON = Column("__opt_out", pa.string(), "the first source that is honoured and speaks")
_SPEAKING = (X_ROBOTS_TAG, DECLARED_ROBOTS, TDM_RESERVATION, DECLARED_TDM)
_Places = Annotated[tuple[str, ...], BeforeValidator(lambda value: value.split() if isinstance(value, str) else value)]


class OptOutParams(Params):
    """Parameters of opt_out."""

    honour: tuple[Source, ...] = SOURCES
    """Whose word drops a page; `opt_out_signal` tells of the others too. Empty drops nothing."""
    agents: tuple[str, ...] = Field(
        (
            *("GPTBot", "CCBot", "ClaudeBot", "anthropic-ai", "Google-Extended", "Applebot-Extended", "Bytespider"),
            *("meta-externalagent", "FacebookBot", "Amazonbot", "cohere-ai", "cohere-training-data-crawler", "AI2Bot"),
            *("Diffbot", "PanguBot", "omgili"),
        ),
        min_length=1,
    )
    """Crawlers whose pages train models, and tokens that only forbid training: what they may not have is not taken."""
    directives: tuple[str, ...] = ("noai", "noimageai", "noindex", "none")
    """Directives of X-Robots-Tag and metas that opt a page out."""
    robots_txt: _Places = ()
    """robots.txt of the crawl or of today: folders of files named after their sites, WARC files, globs, listings."""
    robots_rule: Literal["any", "all"] = "any"
    """Whether a page is out if robots.txt forbids it to any of the agents, or only if to all of them."""
    tdmrep: _Places = ()
    """tdmrep.json of sites, likewise."""
    robots_digest: str | None = None
    """Hash of the files of robots; the run fills it in."""
    tdmrep_digest: str | None = None
    """Hash of the files of text and data mining; the run fills it in."""
    beside_results: ClassVar[frozenset[str]] = frozenset({"robots_txt", "tdmrep"})

    @field_validator("directives")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [word for word in value if word.lower() not in FORBIDS]:
            raise ValueError(f"no directive that is kept: '{unknown[0]}'; there are: {', '.join(sorted(FORBIDS))}")
        return value

    def content_settings(self) -> dict[str, Any]:
        """Return the parameters on which rows depend that stay: none where every signal drops its page.

        So new files of robots redo no page downstream that stays.
        """
        return {} if set(self.honour) == set(SOURCES) else super().content_settings()


def fit_opt_out(docs: "DataFrame", params: OptOutParams, side: SideWriter) -> None:
    """Judge the pages' addresses by the files of their sites; without any given, nothing is read or shuffled."""
    robots, _ = given_files("opt_out.robots_txt", params.robots_txt, ROBOTS)
    mining, _ = given_files("opt_out.tdmrep", params.tdmrep, TDM)
    if robots or mining:
        asked = Asked(params.agents, params.robots_rule == "all")
        found = judge_pages(docs.sparkSession, [*robots, *mining], side.part_files(), asked)
        saved = side.save(_SITES, found, by_part=True, scratch=True)
        side.note(robots_files=len(robots), tdmrep_files=len(mining), pages_of_their_sites_out=saved.count())


def measure_opt_out(rows: BatchStream, part: Part, params: OptOutParams, sides: SideTables) -> BatchStream:
    """Add what opts a page out, and what of it is honoured; rows without any signal cost nothing."""
    judged = sides.slice(_SITES, part)
    known = np.empty(0, np.int64) if judged is None else judged[ROW.name].to_numpy()
    said = [] if judged is None else judged.select([FORBIDDEN, RESERVED]).to_pylist()
    start = 0
    for batch in rows:
        first, last = np.searchsorted(known, [start, start + batch.num_rows])
        by_site = {int(known[at]) - start: said[at] for at in range(first, last)}
        start += batch.num_rows
        signals: list[str | None] = [None] * batch.num_rows
        reasons: list[str | None] = [None] * batch.num_rows
        for row, values in _speaking(batch, by_site).items():
            found = _signals(values, by_site.get(row, {}), params)
            signals[row] = "; ".join(found.values()) or None
            reasons[row] = next((source for source in SOURCES if source in found and source in params.honour), None)
        yield with_columns(
            batch, {OPT_OUT_SIGNAL: pa.array(signals, pa.string()), _REASON: pa.array(reasons, pa.string())}
        )


def _speaking(batch: pa.RecordBatch, by_site: dict[int, Any]) -> dict[int, dict[str, str | None]]:
    """Return the rows that say something, or of whose site a file does, with their headers and metas."""
    names = [column.name for column in _SPEAKING if column.name in batch.schema.names]
    speaks = np.zeros(batch.num_rows, bool)
    for name in names:
        speaks |= pc.is_valid(batch.column(name)).to_numpy(zero_copy_only=False)
    speaks[list(by_site)] = True
    at = np.flatnonzero(speaks)
    held = batch.select(names).take(pa.array(at)).to_pylist() if names else [{}] * len(at)
    return dict(zip(at.tolist(), held, strict=True))


def _signals(values: dict[str, str | None], site: dict[str, Any], params: OptOutParams) -> dict[Source, str]:
    """Return what opts a page out, in words, by source."""
    from pipeline.kernels.opt_out.directives import (  # noqa: PLC0415  (a worker's, as all kernels here)
        header_directive,
        meta_directive,
        reserved_by,
    )

    agents = frozenset(agent.lower() for agent in params.agents)
    words = frozenset(word.lower() for word in params.directives)
    header = header_directive(values.get(X_ROBOTS_TAG.name) or "", agents, words)
    meta = meta_directive(values.get(DECLARED_ROBOTS.name) or "", agents, words)
    mining = reserved_by(
        values.get(DECLARED_TDM.name), values.get(TDM_RESERVATION.name), site_file=bool(site.get(RESERVED))
    )
    robots = site.get(FORBIDDEN)
    found: dict[Source, str | None] = {
        "x_robots_tag": header and f"header {header}",
        "meta_robots": meta and f"meta {meta}",
        "tdm_reservation": mining and f"tdm-reservation by {mining}",
        "robots_txt": robots and f"robots.txt {robots}",
    }
    return {source: signal for source, signal in found.items() if signal}


@stage(
    needs=(SOURCE_URL, WARC_FILE, WARC_OFFSET, X_ROBOTS_TAG, TDM_RESERVATION, DECLARED_ROBOTS, DECLARED_TDM),
    measures=(OPT_OUT_SIGNAL, _REASON),
    measure=measure_opt_out,
    fit=fit_opt_out,
)
def opt_out(docs: "DataFrame", params: OptOutParams) -> "DataFrame":  # noqa: ARG001
    """Drop the pages that are opted out by a source that is honoured."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    reason = F.col(_REASON.name)
    return first_reason(docs, F.when(reason.isNotNull(), dropped("opt_out", reason)))
