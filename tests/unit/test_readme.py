"""What the documents say of the tree and of the parameters is true."""

from pathlib import Path

import pytest

from pipeline.curate import show_config
from pipeline.plan import STAGES
from schemas.signals import SIGNALS

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    *(
        "jobs",
        "pipeline",
        "pipeline/dedup",
        "pipeline/heuristics",
        "pipeline/opt_out",
        "pipeline/privacy",
        "pipeline/screening",
        "pipeline/stages",
        "pipeline/kernels",
    ),
    *(f"pipeline/kernels/{room}" for room in ("html", "opt_out", "pii", "signals", "repeated_lines", "datatrove")),
    *("classifiers", "classifiers/main_content", "schemas"),
)


@pytest.mark.parametrize("room", ROOMS)
def test_the_readme_names_every_module_of_a_room(room: str) -> None:
    readme = (ROOT / "README.md").read_text()
    tree = readme[readme.index("## The tree") :]
    missing = [file.name for file in (ROOT / room).glob("*.py") if file.name != "__init__.py" and file.name not in tree]
    assert not missing


def test_the_default_configuration_is_what_show_config_prints() -> None:
    assert (ROOT / "jobs" / "conf" / "default.yaml").read_text() == show_config((), ())


def test_every_stage_stands_in_the_readme_and_in_a_file_of_its_name() -> None:
    readme = (ROOT / "README.md").read_text()
    for stage in STAGES:
        assert stage.name in readme
        assert (ROOT / "pipeline" / "stages" / f"{stage.name}.py").is_file()


def test_every_signal_has_a_definition_a_unit_and_a_source() -> None:
    for name, signal in SIGNALS.items():
        assert signal.definition, name
        assert signal.unit, name
        assert signal.source, name
