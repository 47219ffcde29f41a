"""Parameters in layers, and every wrong word answered with what there is instead."""

from pathlib import Path

import pytest
import yaml

from pipeline.engine.config import known_stage, load_settings, make_params, params_for, settings_as_yaml
from pipeline.errors import ConfigError
from pipeline.heuristics.params import HeuristicsParams
from pipeline.plan import STAGES
from pipeline.stages.dedup_document import dedup_document
from pipeline.stages.mix import MixParams


def heuristics_of(*assignments: str, files: tuple[str, ...] = ()) -> HeuristicsParams:
    result = params_for(STAGES, load_settings(files, assignments))["heuristics"]
    assert isinstance(result, HeuristicsParams)
    return result


def test_defaults_then_files_then_assignments_and_later_ones_win(tmp_path: Path) -> None:
    first, second = tmp_path / "1.yaml", tmp_path / "2.yaml"
    first.write_text("heuristics:\n  min_words: 1\n  max_words: 2\n  min_stop_words: 3\nmix:\n  seed: 9\n")
    second.write_text("heuristics:\n  max_words: 20\n  min_stop_words: 30\n")
    files = (str(first), str(second))
    result = heuristics_of("heuristics.min_stop_words=300", "heuristics.min_stop_words=301", files=files)
    assert (result.min_words, result.max_words, result.min_stop_words, result.max_hash_ratio) == (1, 20, 301, 0.1)
    assert heuristics_of(files=(files[1], files[0])).max_words == 2


@pytest.mark.parametrize(
    ("assignment", "value"),
    [
        ("mix.seed=3", 3),
        (" mix.seed = 3", 3),
        ("mix.tokenizer=tekken", "tekken"),
        ("mix.tokenizer=/a=b/c.json", "/a=b/c.json"),
        ("mix.target_tokens=null", None),
        ("mix.max_epochs=1e1", 10.0),
        ("mix.target_tokens=2e9", 2e9),
        ("mix.target_tokens=2_000_000_000", 2_000_000_000),
        ("mix.tokenizer=2e9b", "2e9b"),
        ("mix.max_epochs=1.5", 1.5),
        ("mix.weights={general: 1, math: 2.5}", {"general": 1, "math": 2.5}),
        ("mix.tokenizer=", None),
        ("mix.tokenizer={", "{"),
    ],
)
def test_assignments_hold_yaml_values(assignment: str, value: object) -> None:
    (result,) = load_settings((), (assignment,))["mix"].values()
    assert result == value


def test_numbers_are_read_as_the_parameter_asks() -> None:
    params = params_for(STAGES, load_settings((), ("mix.max_epochs=1e1",)))["mix"]
    assert isinstance(params, MixParams)
    assert params.max_epochs == 10.0


@pytest.mark.parametrize("assignment", ["mix", "mix=3", "mix.=3", "seed=3", "=", "mix.seed", "--set"])
def test_an_assignment_without_stage_key_or_value_says_how_to_write_it(assignment: str) -> None:
    with pytest.raises(ConfigError, match=r"write it as stage\.key=value"):
        load_settings((), (assignment,))


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("heuristic.min_words=3", r"no stage 'heuristic' \(there are: ingest, .*\); did you mean 'heuristics'\?"),
        ("zzz.min_words=3", r"no stage 'zzz' \(there are: .*anneal\)$"),
        (
            "heuristics.min_word=3",
            r"no parameter 'heuristics\.min_word'; did you mean 'min_words'\? \(.* has: .*min_words, ",
        ),
        ("heuristics.zzz=3", r"no parameter 'heuristics\.zzz' \(.*\)$"),
        ("heuristics.min_words=-1", r"heuristics\.min_words = -1: .*greater than or equal to 0"),
        ("heuristics.min_words=many", r"heuristics\.min_words = 'many': .*integer"),
        ("heuristics.min_words=2.5", r"heuristics\.min_words = 2\.5: .*integer"),
        ("language.min_score=1.01", r"language\.min_score = 1\.01: .*less than or equal to 1"),
        ("dedup_document.threshold=0", r"dedup_document\.threshold = 0: .*greater than 0"),
        ("dedup_url.keep=oldest", r"dedup_url\.keep = 'oldest': .*'newest'"),
        ("dedup_document.bands=129", r"^dedup_document: .*bands \(129\) must not be more than permutations \(128\)$"),
        (
            "dedup_document.max_band_documents=1",
            r"max_band_documents = 1: .*greater than or equal to 2",
        ),
        ("mix.weights={general: -1}", r"mix\.weights = \{'general': -1\}: .*must not be negative"),
        ("mix.weights={}", r"mix\.weights = \{\}: .*one must be positive"),
        ("heuristics.max_top_2gram_char_share=[0.2]", r"heuristics\.max_top_2gram_char_share"),
    ],
)
def test_a_wrong_word_or_value_is_answered_with_what_there_is(assignment: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        params_for(STAGES, load_settings((), (assignment,)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("heuristics: {min_words: [", "is not YAML"),
        ("- a\n- b\n", r"expected 'stage:' sections with 'key: value' lines"),
        ("just words", r"expected 'stage:' sections"),
        ("min_words: 3\n", r"expected 'stage:' sections"),
        ("heuristics:\n  3: 4\n", r"heuristics.*3"),
        ("heuristics: \n  mni_words: 4\n", r"did you mean 'min_words'"),
    ],
)
def test_a_file_that_is_no_settings_is_refused_with_its_name_or_key(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(content)
    with pytest.raises(ConfigError, match=message):
        params_for(STAGES, load_settings((str(file),), ()))


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "e.yaml").write_text("# nothing yet\n")
    assert load_settings((str(tmp_path / "e.yaml"),), ()) == {}


def test_a_missing_file_is_answered_with_its_neighbour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.yaml").write_text("")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"no such configuration file: mein\.yaml; did you mean 'mine\.yaml'\?"):
        load_settings(("mein.yaml",), ())
    with pytest.raises(ConfigError, match=r"did you mean '.*/mine\.yaml'\?"):
        load_settings((str(tmp_path / "mine.yml"),), ())


def test_a_folder_given_as_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings((str(tmp_path),), ())


def test_parameters_are_frozen_and_made_from_some_of_them() -> None:
    params = make_params(dedup_document, {"bands": 32})
    assert params.model_dump()["permutations"] == 128
    with pytest.raises(ValueError, match="frozen"):
        params.bands = 3  # type: ignore[attr-defined]


def test_every_parameter_shown_is_read_back_as_it_was(tmp_path: Path) -> None:
    params = params_for(STAGES, {"heuristics": {"min_words": 7}, "mix": {"target_tokens": 10}})
    shown = settings_as_yaml(STAGES, params)
    assert yaml.safe_load(shown)["heuristics"]["min_words"] == 7
    (tmp_path / "all.yaml").write_text(shown)
    assert params_for(STAGES, load_settings((str(tmp_path / "all.yaml"),), ())) == params


def test_stages_are_known_by_name_or_near_miss() -> None:
    assert known_stage("mix", STAGES) == "mix"
    with pytest.raises(ConfigError, match=r"no stage 'langage' .*did you mean 'language'\?"):
        known_stage("langage", STAGES)
