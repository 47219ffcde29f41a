"""A stage of a user's own, and a plan that has it: what `--stages tests.e2e.example_package.plan:STAGES` names."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.engine.fitting import FitContext
from pipeline.engine.stage import Params, stage
from pipeline.engine.tables import FittedTables
from pipeline.plan import STAGES as GIVEN
from pipeline.rows.reasons import dropped, first_reason
from schemas.columns import TEXT, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

CAPITALS = Column("capitals", pa.float64(), "share of the letters that are capitals", None)
MEANING = "Most of it is written in capitals."


class ShoutingParams(Params):
    """Parameters of shouting."""

    most: float = 0.5
    """Share of capitals above which a text goes."""
    limits: ClassVar[frozenset[str]] = frozenset({"most"})


def share_of_capitals(text: str) -> float:
    """Return the share of the letters that are capitals."""
    letters = [sign for sign in text if sign.isalpha()]
    return sum(map(str.isupper, letters)) / len(letters) if letters else 0.0


def measure_capitals(rows: BatchStream, params: ShoutingParams, _: FittedTables) -> BatchStream:
    """Add the share of capitals of each text."""
    for batch in rows:
        shares = [share_of_capitals(text) for text in batch.column(TEXT.name).to_pylist()]
        yield with_columns(batch, {CAPITALS: pa.array(shares, CAPITALS.type)})


def count_texts(context: FitContext, params: ShoutingParams) -> None:
    """Count the texts for the report."""
    context.note(texts=context.rows, most=params.most)


def report_shouting(notes: Mapping[str, Any]) -> Iterator[str]:
    """Yield how many texts were listened to."""
    yield f"{notes['texts']} texts were listened to, for more than {notes['most']:.0%} of capitals"


@stage(
    needs=(TEXT,),
    adds=(CAPITALS,),
    measure=measure_capitals,
    fit=count_texts,
    report=report_shouting,
    meanings={"too_loud": MEANING},
)
def shouting(docs: "DataFrame", params: ShoutingParams) -> "DataFrame":
    """Drop texts that shout."""
    from pyspark.sql import functions as F  # noqa: N812

    share = F.col(CAPITALS.name)
    return first_reason(docs, F.when(share > params.most, dropped("shouting", "too_loud", share, params.most)))


STAGES = (*GIVEN[:3], shouting, *GIVEN[3:])
