"""How many tokens each cell gives to a mix, as functions of the size of its category.

Within a category each group (a topic, a language, or what weights name) has a share of the tokens. A group gives
min(K, λ · w) tokens at level λ: w is its share, K what it has under the caps. Within a group a document of value v
(the curve at its quality, times what its copies count) stands min(c, s · v) times at scale s, c being the cap. Both are
piecewise linear and never fall. So each copy of a document has one level from which on it stands in the mix, which does
not depend on how large the mix is: a larger mix is a superset of a smaller one. `schedule.py` computes these levels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipeline.mixing.cells import BUCKET, COPIES_CLASS, GROUP, copies_weight
from pipeline.mixing.params import AllocationParams
from pipeline.mixing.shares import BY_LANGUAGE, Share, parse_shares, share_of
from schemas.columns import CATEGORY

GENERAL = "general"


@dataclass(frozen=True)
class Cell:
    """A cell as the mix wants it.

    Attributes:
        category: Of its documents.
        group: Topic or language.
        bucket: Quality bucket, -1 where the quality is not known.
        copies_class: Class of copies.
        documents: How many it has.
        tokens: Their tokens.
        bytes: Bytes of their texts.
        copies: Exact and near copies that they are kept in place of.
        value: Times that its documents stand in the mix, in proportion to others of its share and group.
        share: Share of the tokens of its category that its share and group are asked for; 0 for none.
        part: Number of its share and group, by which its tokens are added up.
        cap: Times that a document may stand in the mix.
        most: Tokens that its share and group have at most under the caps.
    """

    category: str
    group: str
    bucket: int
    copies_class: int
    documents: int
    tokens: int
    bytes: int
    copies: int
    value: float
    share: float
    part: int
    cap: float
    most: float


CELLS = (
    "category string, group string, bucket int, copies_class int, documents long, tokens long, bytes long, copies long,"
    " value double, share double, part int, cap double, most double"
)
"""Columns of a table of cells, in the order of the fields of `Cell`."""
_SIZED = ("category", "group", "bucket", "copies_class", "documents", "tokens", "bytes", "copies", "value")


def planned_cells(sizes: pa.Table, params: AllocationParams) -> list[Cell]:
    """Return the cells with what is asked of them.

    Args:
        sizes: `KEYS` and `SIZES`, sorted by the keys.
        params: Weights, curve, factors, temperature and caps.
    """
    shares = parse_shares(params.weights)
    curve = params.curve.values()
    rows = sizes.to_pylist()
    parts: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for row in rows:
        category, group, bucket = (row[column.name] for column in (CATEGORY, GROUP, BUCKET))
        number = share_of(shares, category, group, None if bucket < 0 else bucket)
        row["value"] = (1.0 if bucket < 0 else float(curve[bucket])) * copies_weight(params, row[COPIES_CLASS.name])
        row["key"] = None if number is None or shares[number].weight == 0 else (number, group)
        if row["key"] is not None and row["value"] > 0 and row["tokens"] > 0:
            parts.setdefault(row["key"], []).append(row)
    wanted = _wanted(parts, shares, params)
    numbers = {key: number for number, key in enumerate(parts)}
    natural: dict[tuple[int, str], float] = {}
    for row in rows:
        if row["key"] is not None:
            natural[row["key"]] = natural.get(row["key"], 0.0) + row["tokens"]
    most = {key: _most(cells, natural[key], params) for key, cells in parts.items()}
    plan: list[dict[str, Any]] = [
        {
            "share": wanted.get(row["key"], 0.0),
            "part": numbers.get(row["key"], -1),
            "cap": params.cap,
            "most": most.get(row["key"], 0.0),
        }
        for row in rows
    ]
    return [Cell(**{name: row[name] for name in _SIZED}, **more) for row, more in zip(rows, plan, strict=True)]


def _most(cells: Sequence[Mapping[str, Any]], natural: float, params: AllocationParams) -> float:
    """Return the tokens that cells give at most: under the cap, and on average as the curve's integral says."""
    under_cap = params.cap * float(sum(cell["tokens"] for cell in cells))
    integral = params.curve.integral
    return under_cap if integral is None else min(under_cap, integral * natural)


def _wanted(
    parts: Mapping[tuple[int, str], Sequence[Mapping[str, Any]]], shares: Sequence[Share], params: AllocationParams
) -> dict[tuple[int, str], float]:
    """Return the share of its category's tokens that each share and group is asked for."""
    natural = {key: float(sum(cell["tokens"] for cell in cells)) for key, cells in parts.items()}
    sizes = {}
    for key, tokens in natural.items():
        category = shares[key[0]].category
        is_split = sum(share.category == category for share in shares) > 1
        if category == BY_LANGUAGE and not is_split:
            sizes[key] = tokens ** (1 / params.language_temperature)
        elif category == GENERAL and not is_split:
            sizes[key] = tokens * params.topic_factors.get(key[1], 1.0)
        else:
            sizes[key] = tokens
    by_share: dict[int, float] = {}
    for (number, _), size in sizes.items():
        by_share[number] = by_share.get(number, 0.0) + size
    by_category: dict[str, float] = {}
    for number, size in by_share.items():
        if size > 0:
            share = shares[number]
            by_category[share.category] = by_category.get(share.category, 0.0) + share.weight
    return {
        key: shares[key[0]].weight / by_category[shares[key[0]].category] * size / by_share[key[0]]
        for key, size in sizes.items()
        if size > 0
    }
