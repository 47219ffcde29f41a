"""The targets that arms are judged by, and what must therefore be in no arm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.engine.tables import FittedTables
from pipeline.errors import ConfigError
from pipeline.experiments.corpus import OVERLAP_CHARS, Target, held_out
from pipeline.experiments.run_cells import DOMAIN, DRAW, Wanted, cell_sums, documents_of
from pipeline.experiments.run_corpus import dev_tokens, domains_in_order, held_targets
from pipeline.mixing.validation import SITES
from pipeline.rows.sites import SITE
from pipeline.runs.run import Run
from pipeline.runs.table import Table
from schemas.columns import CATEGORY, DOC_ID, TEXT

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Flags = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Reserved:
    """What is in no arm.

    Attributes:
        targets: Texts that arms are judged by.
        domains: Registered domains that targets are of, or doc_ids of documents without one.
        validation: Sites of the run's validation split.
        notes: What had to be decided on the way.
    """

    targets: tuple[Target, ...]
    domains: tuple[str, ...] = ()
    validation: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def whole_texts(self) -> tuple[str, ...]:
        """Return the texts of the targets, trimmed, and their long lines: what shares one is a leak."""
        texts = [text.strip() for target in self.targets for text in target.texts]
        return tuple(sorted({*texts, *self.lines()}))

    def lines(self) -> tuple[str, ...]:
        """Return the long lines of the targets, trimmed."""
        lines = (line.strip() for target in self.targets for text in target.texts for line in text.split("\n"))
        return tuple(sorted({line for line in lines if len(line) >= OVERLAP_CHARS}))


def leaks(texts: pa.Array, whole: pa.Array, lines: pa.Array) -> Flags:
    r"""Tell which texts share a long line with a target, or are one of its texts.

    Args:
        texts: Of documents.
        whole: Texts of targets, trimmed.
        lines: Long lines of targets, trimmed.

    >>> leaks(pa.array(["a", "b" * 100 + "\n c", None, "c"]), pa.array(["a"]), pa.array(["b" * 100])).tolist()
    [True, True, False, False]
    """
    trimmed = pc.fill_null(pc.utf8_trim_whitespace(texts), "")
    shared: Flags = pc.is_in(trimmed, whole).to_numpy(zero_copy_only=False).copy()
    pieces = pc.split_pattern(pc.fill_null(texts, ""), "\n")
    inside = pc.is_in(pc.utf8_trim_whitespace(pc.list_flatten(pieces)), lines).to_numpy(zero_copy_only=False)
    shared[pc.list_parent_indices(pieces).to_numpy()[inside]] = True
    return shared


def validation_sites(path: str) -> tuple[str, ...]:
    """Return the sites that a run's mix holds out; none where it has not been mixed."""
    run = Run(path)
    if "mix" not in run.stages:
        return ()
    files = run.table("mix").files("mix", SITES)
    return tuple(FittedTables({SITES: files}).table(SITES)[SITE.name].to_pylist()) if files else ()


def reserved_of_run(
    spark: "SparkSession", tables: tuple[Table, Table], wanted: Wanted, validation: tuple[str, ...]
) -> Reserved:
    """Hold registered domains out: targets are documents of theirs that both arms have, with the same text.

    Args:
        spark: The session.
        tables: Of the two arms.
        wanted: Seed, and bytes of a target.
        validation: Sites that are in no arm anyway.

    Raises:
        ConfigError: No category has domains enough.
    """
    own, other = (documents_of(spark, table, wanted, ()) for table in tables)
    both = own.join(other.select(DOC_ID.name).distinct(), DOC_ID.name, "left_semi").cache()
    try:
        sums, _ = cell_sums(both, wanted)
        chosen = held_out(domains_in_order(both, wanted.seed), dev_tokens(wanted, sums))
    finally:
        both.unpersist()
    domains = tuple(sorted({domain for names in chosen.values() for domain in names}))
    rows, differing = _equal_texts(spark, tables, wanted, domains) if domains else ([], 0)
    targets = tuple(held_targets(chosen, rows, wanted.dev_bytes))
    if not targets:
        raise ConfigError(
            "no category has two registered domains, each of at most a tenth of its tokens, with documents that both"
            " arms have alike: name --targets"
        )
    texts = sum(len(target.texts) for target in targets)
    notes = [
        f"targets are {texts:,} of the {len(rows):,} documents of {len(domains):,} domains that both arms have alike"
    ]
    if differing:
        notes.append(f"{differing:,} documents of these domains are in one arm only, or have another text in the other")
    if gone := [name for name in chosen if name not in {target.name for target in targets}]:
        notes.append(f"no target {', '.join(gone)}: the arms have no document of its domains alike")
    return Reserved(targets, domains, validation, tuple(notes))


def _equal_texts(
    spark: "SparkSession", tables: Sequence[Table], wanted: Wanted, domains: Sequence[str]
) -> tuple[list[tuple[str, str, str]], int]:
    """Return (category, domain, text) of documents of some domains that both arms have alike, and how many are not."""
    from pyspark.sql import functions as F  # noqa: N812

    arms: list[Mapping[tuple[Any, ...], Any]] = []
    for table in tables:
        rows = documents_of(spark, table, wanted, (TEXT,)).where(F.col(DOMAIN).isin(*domains))
        columns = (DRAW, DOC_ID.name, TEXT.name, CATEGORY.name, DOMAIN)
        arms.append({tuple(row[c] for c in columns[:3]): row for row in rows.select(*columns).toLocalIterator()})
    alike = sorted(key for key in arms[0] if key in arms[1])
    differing = len({key[1] for arm in arms for key in arm} - {key[1] for key in alike})
    return [(arms[0][key][CATEGORY.name], arms[0][key][DOMAIN], key[2]) for key in alike], differing
