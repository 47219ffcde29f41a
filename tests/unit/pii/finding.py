"""Values that are found in a text, as tests speak of them."""

import pyarrow as pa

from pipeline.kernels.pii.engine import Settings
from pipeline.kernels.pii.entities import ENTITIES, NATIONAL_ID
from pipeline.kernels.pii.find import find_pii

ALL = Settings((*(name for name, entity in ENTITIES.items() if not entity.countries), NATIONAL_ID))


def values_in(
    text: str,
    language: str | None = "en",
    host: str | None = None,
    code: tuple[tuple[int, int], ...] = (),
    settings: Settings = ALL,
) -> list[tuple[str, str]]:
    """Return (entity, value) of what is found in a text."""
    (result,) = find_pii(pa.array([text]), [code], [language], [host], settings)
    assert result is not None
    return [(one.entity, text[one.start : one.end]) for one in result]
