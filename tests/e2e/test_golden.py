"""The sample's tables are those of the code that is here: see `tests.golden`."""

import json
from pathlib import Path

from tests.golden import FILE, made_by


def test_every_stage_gives_the_table_that_its_code_gave_before(finished: Path) -> None:
    written, made = json.loads(FILE.read_text()), made_by(finished)
    assert list(made) == [stage for stage in made if stage in written]
    other = [stage for stage in made if made[stage]["code"] == written[stage]["code"] and made[stage] != written[stage]]
    assert not other, f"other tables under the same code: {other}"
    renewed = [stage for stage in made if made[stage] != written[stage]]
    assert not renewed, f"the code of {renewed} has changed: python -m tests.golden"
