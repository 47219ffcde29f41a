"""Recipes: each loads, names what exists, and says where each choice is from."""

import json
import re
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from classifiers.hub.registry import registry
from classifiers.load import describe
from classifiers.model_folder import ModelError
from pipeline.cli.commands import command_named
from pipeline.cli.process import main
from pipeline.engine.config import load_settings, params_for, resolved_params
from pipeline.engine.named_recipes import about_recipe, recipe_names, recipe_text
from pipeline.errors import ConfigError
from pipeline.inspection.parameters import show_config
from pipeline.plan import STAGES
from tests.recipes.running import as_yaml, expected
from tests.recipes.stand_ins import assignments, settings_for

SHIPPED = {path.parent.name for path in Path(__file__).parents[2].glob("classifiers/models/*/model.json")}
PROVENANCE = re.compile(r"# (From .{4,}|Ours: .{4,})")


def choices(lines: list[str]) -> list[tuple[str, str]]:
    """Return each parameter that a recipe sets, with the first line of the comment right above it."""
    models = {stage.name: stage.params for stage in STAGES}
    above, comment, stage, nested = "", "", "", ""
    pairs = []
    for line in lines:
        key = re.match(r"( *)([\w-]+):", line)
        if line.strip().startswith("#"):
            comment = comment if above.strip().startswith("#") else line.strip()
        elif key and not key[1]:
            stage, comment = key[2], ""
        elif key and stage in models and len(key[1]) in (2, 4):
            field = models[stage].model_fields[key[2]] if len(key[1]) == 2 else None
            kind = None if field is None else field.annotation
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                nested = key[2]
            elif len(key[1]) == 2 or nested:
                nested = nested if len(key[1]) == 4 else ""
                pairs.append((f"{stage}.{key[2]}" if field else f"{stage}.{nested}.{key[2]}", comment))
            comment = ""
        above = line
    return pairs


def set_by(name: str) -> set[str]:
    """Return the parameters that a recipe sets, those of a nested model one by one."""
    names = set()
    models = {stage.name: stage.params for stage in STAGES}
    for stage, section in load_settings((), (), name).items():
        for key, value in section.items():
            kind = models[stage].model_fields[key].annotation
            is_model = isinstance(kind, type) and issubclass(kind, BaseModel)
            names |= {f"{stage}.{key}.{inner}" for inner in value} if is_model else {f"{stage}.{key}"}
    return names


@pytest.mark.parametrize("name", recipe_names())
def test_every_parameter_exists_and_every_value_is_in_its_range(name: str) -> None:
    params = params_for(STAGES, load_settings((), (), name))
    assert params["mix"] != params_for(STAGES, {})["mix"] or name == "llama3"


@pytest.mark.parametrize("name", recipe_names())
def test_every_choice_has_its_source_right_above_it(name: str) -> None:
    pairs = choices(recipe_text(name).split("\n"))
    assert {parameter for parameter, _ in pairs} == set_by(name)
    assert [parameter for parameter, comment in pairs if not PROVENANCE.match(comment)] == []


@pytest.mark.parametrize("name", recipe_names())
def test_models_come_with_the_package_or_stand_in_the_registry(name: str) -> None:
    settings = load_settings((), (), name)
    named = {*settings.get("quality", {}).get("models", ()), settings.get("topic", {}).get("model")}
    named |= {settings.get("language", {}).get("model"), *settings.get("quality", {}).get("min_score", {})}
    assert named - {None} <= SHIPPED | set(registry())


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_resolves_where_its_models_are(name: str, tmp_path: Path) -> None:
    settings = load_settings((), assignments(settings_for(name, tmp_path)), name)
    params = resolved_params(STAGES, settings, (), needed=())
    assert all(params[stage.name].result_settings() is not None for stage in STAGES)
    for model in settings["quality"]["models"]:
        assert describe(model).good


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("llama3", "dclm-wiki"),
        ("dclm", "dclm"),
        ("dolma3", "dolma3"),
        ("nemotron-cc", "nemotron-edu-mixtral"),
        ("multilingual", "glotlid"),
    ],
)
def test_a_model_that_is_not_here_is_told_with_the_command_that_fetches_it(
    name: str, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises((ConfigError, ModelError), match=rf"python -m classifiers\.fetch {model}$"):
        resolved_params(STAGES, load_settings((), (), name), (), needed=())


def test_a_model_of_languages_is_known_by_its_name_in_the_registry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from classifiers.languages.tables import LID_176
    from pipeline.stages.language import LanguageParams
    from tests.unit.classifiers.hub_models import put_files

    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    file = put_files(tmp_path, registry()["glotlid"].hub) / "model.bin"
    file.write_bytes(LID_176.read_bytes())
    by_name, by_path = LanguageParams(model="glotlid").resolved(), LanguageParams(model=str(LID_176)).resolved()
    assert (by_name.model, by_name.model_digest) == (str(file), by_path.model_digest)


def test_a_wrong_name_is_refused_with_the_near_miss() -> None:
    with pytest.raises(ConfigError, match=r"no recipe 'finweb' .*did you mean 'fineweb'\?"):
        load_settings((), (), "finweb")


def test_files_win_over_a_recipe_and_assignments_over_files(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("dedup_document: {threshold: 0.7, bands: 16}\n")
    settings = load_settings([str(mine)], ["dedup_document.bands=15"], "fineweb")
    assert settings["dedup_document"] == {"permutations": 112, "shingle": 5, "threshold": 0.7, "bands": 15}


def test_a_printed_recipe_is_a_file_for_config(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(recipe_text("dolma3"))
    assert load_settings([str(mine)], ()) == load_settings((), (), "dolma3")
    assert show_config([str(mine)], ()) == show_config((), (), recipe="dolma3") != show_config((), ())


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"sumary": "x"}, r"no key 'recipe\.sumary' .*did you mean 'summary'\?"),
        ({"source": None}, r"recipe\.source: "),
        ("words", r"mine\.yaml: recipe: "),
    ],
)
def test_what_a_file_says_of_itself_is_read_strictly(tmp_path: Path, section: object, message: str) -> None:
    mine = tmp_path / "mine.yaml"
    about = about_recipe("dclm").model_dump(mode="json")
    mine.write_text(yaml.safe_dump({"recipe": about | section if isinstance(section, dict) else section}))
    with pytest.raises(ConfigError, match=message):
        load_settings([str(mine)], ())


def test_the_command_lists_recipes_and_prints_one(capsys: pytest.CaptureFixture[str]) -> None:
    command = command_named("recipes")
    assert main(command, []) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == recipe_names()
    assert main(command, ["dclm"]) == 0
    assert capsys.readouterr().out == recipe_text("dclm")
    assert main(command, ["dclm", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["dclm"]["stages"]["quality"]["models"] == ["dclm"]
    assert main(command, ["dcml"]) == 2
    assert "did you mean 'dclm'?" in capsys.readouterr().err


def test_show_config_takes_a_recipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command_named("curate"), ["--show-config", "--recipe", "fineweb", "--set", "mix.seed=7"]) == 0
    shown = yaml.safe_load(capsys.readouterr().out)
    assert shown["extract"]["engine"] == "trafilatura"
    assert (shown["dedup_document"]["bands"], shown["mix"]["seed"]) == (14, 7)


def test_a_funnel_is_expected_of_every_recipe() -> None:
    assert sorted(expected()) == recipe_names()
    assert yaml.safe_load(as_yaml(expected())) == expected()
