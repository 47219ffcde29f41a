"""What the documents say of the tree and of the parameters is true."""

from pathlib import Path

from pipeline.inspection.parameters import show_config
from pipeline.plan import STAGES
from schemas.signals import SIGNALS
from tests.map import map_lines

ROOT = Path(__file__).resolve().parents[2]


def test_the_map_names_every_module_and_what_it_is_for() -> None:
    assert (ROOT / "docs" / "map.md").read_text().splitlines() == list(map_lines())


def test_no_more_than_eight_modules_lie_loose_at_the_top_of_the_pipeline() -> None:
    assert len([file for file in (ROOT / "pipeline").glob("*.py") if file.name != "__init__.py"]) <= 8


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
