"""opt_out: pages whose owners do not want them to be learned from, by headers, metas, robots.txt and tdmrep.json."""

from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BeforeValidator, Field, field_validator

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream, digest
from pipeline.engine.fitting import FitContext
from pipeline.engine.stage import Params, stage
from pipeline.engine.tables import FittedTables
from pipeline.kernels.opt_out.metas import FORBIDS
from pipeline.opt_out.files import ROBOTS, TDM, given_files
from pipeline.opt_out.match_pages import FORBIDDEN, RESERVED, CrawlerPolicy, judge_pages
from pipeline.rows.reasons import dropped, first_reason
from schemas.columns import (
    CONTENT_USAGE,
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

Source = Literal["x_robots_tag", "content_usage", "meta_robots", "tdm_reservation", "robots_txt"]
SOURCES: tuple[Source, ...] = get_args(Source)
"""In the order in which the first that speaks names the reason."""
_SITES = "sites"
"""Set of the rows that a file of their site opts out."""
_REASON = Column("__opt_out", pa.string(), "the first source that is honoured and speaks", None)
_SPEAKING = (X_ROBOTS_TAG, CONTENT_USAGE, DECLARED_ROBOTS, TDM_RESERVATION, DECLARED_TDM, FORBIDDEN, RESERVED)
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
    directives: tuple[str, ...] = ("noai", "noml", "noimageai", "noindex", "none", "disallowaitraining")
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
    runtime: ClassVar[frozenset[str]] = frozenset({"robots_txt", "tdmrep"})

    @field_validator("directives")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [word for word in value if word.lower() not in FORBIDS]:
            raise ValueError(f"no directive that is kept: '{unknown[0]}'; there are: {', '.join(sorted(FORBIDS))}")
        return value

    def resolved(self) -> Self:
        """Return the parameters with the hashes of the files of sites, and of what reads them."""
        reader = version("protego")
        robots = given_files("opt_out.robots_txt", self.robots_txt, ROBOTS)[1]
        mining = given_files("opt_out.tdmrep", self.tdmrep, TDM)[1]
        hashes = {
            "robots_digest": robots and digest(reader, robots),
            "tdmrep_digest": mining and digest(reader, mining),
        }
        return self.model_copy(update=hashes)


def fit_opt_out(context: FitContext, params: OptOutParams) -> None:
    """Judge the pages' addresses by the files of their sites; without any given, nothing is read or shuffled."""
    robots, _ = given_files("opt_out.robots_txt", params.robots_txt, ROBOTS)
    mining, _ = given_files("opt_out.tdmrep", params.tdmrep, TDM)
    if robots or mining:
        policy = CrawlerPolicy(params.agents, params.robots_rule == "all")
        judged = judge_pages(context.spark, [*robots, *mining], context.cells(SOURCE_URL), policy)
        context.save_cells(_SITES, judged, (FORBIDDEN, RESERVED))
        pages = sum(piece.columns.rows for pieces in context.made.sets[_SITES].pieces.values() for piece in pieces)
        context.note(robots_files=len(robots), tdmrep_files=len(mining), pages_of_their_sites_out=pages)


def measure_opt_out(rows: BatchStream, params: OptOutParams, _: FittedTables) -> BatchStream:
    """Add what opts a page out, and what of it is honoured; rows without any signal cost nothing."""
    for batch in rows:
        signals: list[str | None] = [None] * batch.num_rows
        reasons: list[str | None] = [None] * batch.num_rows
        for row, values in _speaking(batch).items():
            given = _signals(values, params)
            signals[row] = "; ".join(given.values()) or None
            reasons[row] = next((source for source in SOURCES if source in given and source in params.honour), None)
        yield with_columns(
            batch, {OPT_OUT_SIGNAL: pa.array(signals, pa.string()), _REASON: pa.array(reasons, pa.string())}
        )


def _speaking(batch: pa.RecordBatch) -> dict[int, dict[str, Any]]:
    """Return the rows that say something, or of whose site a file does, with all that was said."""
    names = [column.name for column in _SPEAKING if column.name in batch.schema.names]
    speaks = np.zeros(batch.num_rows, bool)
    for name in names:
        speaks |= pc.is_valid(batch.column(name)).to_numpy(zero_copy_only=False)
    at = np.flatnonzero(speaks)
    values = batch.select(names).take(pa.array(at)).to_pylist() if names else [{}] * len(at)
    return dict(zip(at.tolist(), values, strict=True))


def _signals(values: dict[str, Any], params: OptOutParams) -> dict[Source, str]:
    """Return what opts a page out, in words, by source."""
    from pipeline.kernels.opt_out.directives import (
        header_directive,
        meta_directive,
        reserved_by,
    )
    from pipeline.kernels.opt_out.usage import refused_by_headers

    agents = frozenset(agent.lower() for agent in params.agents)
    words = frozenset(word.lower() for word in params.directives)
    header = header_directive(values.get(X_ROBOTS_TAG.name) or "", agents, words)
    usage = refused_by_headers(values.get(CONTENT_USAGE.name) or "")
    meta = meta_directive(values.get(DECLARED_ROBOTS.name) or "", agents, words)
    mining = reserved_by(
        values.get(DECLARED_TDM.name), values.get(TDM_RESERVATION.name), site_file=bool(values.get(RESERVED.name))
    )
    robots = values.get(FORBIDDEN.name)
    given: dict[Source, str | None] = {
        "x_robots_tag": header and f"header {header}",
        "content_usage": usage and f"header {usage}",
        "meta_robots": meta and f"meta {meta}",
        "tdm_reservation": mining and f"tdm-reservation by {mining}",
        "robots_txt": robots and f"robots.txt {robots}",
    }
    return {source: signal for source, signal in given.items() if signal}


@stage(
    needs=(
        SOURCE_URL,
        WARC_FILE,
        WARC_OFFSET,
        X_ROBOTS_TAG,
        CONTENT_USAGE,
        TDM_RESERVATION,
        DECLARED_ROBOTS,
        DECLARED_TDM,
    ),
    adds=(OPT_OUT_SIGNAL, _REASON),
    measure=measure_opt_out,
    measure_reads=_SPEAKING,
    fit=fit_opt_out,
)
def opt_out(docs: "DataFrame", params: OptOutParams) -> "DataFrame":  # noqa: ARG001
    """Drop the pages that are opted out by a source that is honoured."""
    from pyspark.sql import functions as F  # noqa: N812

    reason = F.col(_REASON.name)
    return first_reason(docs, F.when(reason.isNotNull(), dropped("opt_out", reason)))
