"""Limits of languages: a wrong file says what is wrong with it, and the shipped ones are what their table gives."""

import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from classifiers.languages.model import labels
from pipeline.errors import ConfigError
from pipeline.heuristics import fineweb2
from pipeline.heuristics.limits import FINEWEB2, check_limits, limits_text, read_limits
from pipeline.heuristics.params import HeuristicsParams
from pipeline.heuristics.rules import RULES
from tests.conftest import shared

KNOWN = frozenset(rule.parameter for rule in RULES) | {rule.also.parameter for rule in RULES if rule.also}
SHIPPED = read_limits(FINEWEB2, KNOWN)


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ("de: {min_wrds: 40}", "de: no such limit 'min_wrds'; did you mean 'min_words'?"),
        ("de: {max_dup_line_shar: 0.4}", "no such limit 'max_dup_line_shar'; did you mean 'max_dup_line_share'?"),
        ("de: {colour: 1}", r"no such limit 'colour'$"),
        ("de: {min_outlier_documents: 4}", "no such limit 'min_outlier_documents'"),
        ("de: {tokenizer: 4}", "no such limit 'tokenizer'"),
        ("de: {1: 4}", "no such limit '1'"),
        ("de: {min_words: many}", r"de\.min_words: expected a number or null, found 'many'"),
        ("de: {min_words: true}", r"de\.min_words: expected a number or null, found True"),
        ("de: {min_words: [40]}", r"de\.min_words: expected a number or null, found \[40\]"),
        ("de: 40", "de: expected limits by parameter, found 40"),
        ("de:", "de: expected limits by parameter, found None"),
        ("no: {min_words: 40}", "found the language False: write it in quotes"),
        ("[de, fr]", "expected limits by language, found list"),
        ("some words", "expected limits by language, found str"),
        ("0", "expected limits by language, found int"),
        ("de: {min_words: .nan}", r"de\.min_words: expected a number or null, found nan"),
        ("de: {min_words: 40", "is no YAML"),
        ("de: \0", "is no YAML"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(content: str, wrong: str, tmp_path: Path) -> None:
    file = tmp_path / "limits.yaml"
    file.write_text(content)
    with pytest.raises(ConfigError, match=wrong) as caught:
        HeuristicsParams(thresholds=str(file)).by_language()
    assert "limits.yaml" in str(caught.value)


def test_bytes_that_are_no_text_are_no_limits(tmp_path: Path) -> None:
    file = tmp_path / "limits.yaml"
    file.write_bytes(b"de: {min_words: 4\xff}")
    with pytest.raises(ConfigError, match="is no YAML"):
        HeuristicsParams(thresholds=str(file)).by_language()


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match=r"there is no '/nowhere/limits\.yaml'"):
        HeuristicsParams(thresholds="/nowhere/limits.yaml").by_language()


def test_an_empty_file_leaves_the_limits_that_ship(tmp_path: Path) -> None:
    (tmp_path / "limits.yaml").write_text("# none yet\n")
    result = HeuristicsParams(thresholds=str(tmp_path / "limits.yaml")).by_language()
    assert result == HeuristicsParams().by_language() != {}


@pytest.mark.parametrize("languages", [{"de": {"min_wrds": 40}}, {"de": {"definition": 1}}, {"de": 4}, ["de"]])
def test_wrong_limits_of_the_users_own_are_refused(languages: Any) -> None:
    with pytest.raises((ConfigError, ValidationError)):
        HeuristicsParams(languages=languages)
    with pytest.raises(ConfigError, match="did you mean 'min_words'"):
        check_limits({"de": {"min_wrds": 40}}, KNOWN, "heuristics.languages")


def test_the_users_limits_come_before_those_of_the_file_and_null_is_off(tmp_path: Path) -> None:
    file = tmp_path / "limits.yaml"
    file.write_text("de: {min_words: 40, max_dup_line_share: 0.4}\nfr: {min_words: null}\n")
    own: Any = {"de": {"min_words": None}, "sv": {"min_sentences": 1}}
    result = HeuristicsParams(thresholds=str(file), languages=own).by_language()
    shipped = HeuristicsParams().by_language()
    assert result["de"] == shipped["de"] | {"min_words": None, "max_dup_line_share": 0.4}
    assert result["fr"] == shipped["fr"] | {"min_words": None}
    assert result["sv"] == shipped["sv"] | {"min_sentences": 1}
    assert result["zh"] == shipped["zh"]
    # what was read is not changed by whom it was given to
    assert HeuristicsParams(thresholds=str(file)).by_language()["de"]["min_words"] == 40


def test_without_a_file_only_what_is_no_word_is_not_judged_as_one() -> None:
    result = HeuristicsParams(thresholds=None, languages={"de": {"min_words": 40}}).by_language()
    assert result["de"] == {"min_words": 40}
    assert result["zh"]["min_mean_word_length"] is None
    assert {limit for name, limits in result.items() if name != "de" for limit in limits.values()} == {None}


@pytest.mark.parametrize("limits", [{"max_dup_line_share": 7}, {"min_words": -1}, {"min_words": 2.5}])
def test_limits_out_of_their_range_are_refused(limits: Any) -> None:
    with pytest.raises(ConfigError, match=r"limits of 'sv': m"):
        HeuristicsParams(languages={"sv": limits}).by_language()


def test_every_limit_is_a_parameter_and_every_rules_parameter_a_limit() -> None:
    limits = {name for name in HeuristicsParams.model_fields if name.startswith(("min_", "max_"))}
    assert limits - HeuristicsParams.measuring() - HeuristicsParams.runtime == KNOWN


def test_the_shipped_limits_are_of_known_languages_and_parameters() -> None:
    assert len(SHIPPED) > 100
    assert set(SHIPPED) <= set(labels())
    for language, limits in SHIPPED.items():
        assert set(limits) <= KNOWN, language
        for name, limit in limits.items():
            assert limit is None or math.isfinite(limit), (language, name)
            assert limit is None or not name.endswith("_share") or 0 <= limit <= 1, (language, name)
        least, most = limits.get("min_mean_word_length"), limits.get("max_mean_word_length")
        assert least is None or most is None or least < most, language


@pytest.mark.parametrize("language", sorted(set(fineweb2.UNSPACED) & set(labels())))
def test_scripts_without_spaces_have_no_limits_on_words(language: str) -> None:
    limits = HeuristicsParams().by_language()[language]
    for name in ("max_top_2gram_char_share", "max_dup_5gram_char_share", "min_mean_word_length"):
        assert limits[name] is None, name


def table() -> Path:
    return shared("conformance/fineweb2_language_thresholds.json")


def test_the_shipped_limits_are_what_the_table_gives(capsys: pytest.CaptureFixture[str]) -> None:
    fineweb2.main([str(table())])
    assert capsys.readouterr().out == limits_text(FINEWEB2)


def test_the_shipped_limits_are_within_the_ranges_of_well_known_languages() -> None:
    import json

    configs = json.loads(table().read_text(encoding="utf-8"))["languages"]
    ranges = fineweb2.ranges_of(fineweb2.limits_of(configs[name]) for name in fineweb2._WELL_KNOWN)
    for language, limits in yaml.safe_load(limits_text(FINEWEB2)).items():
        for name, limit in limits.items():
            # ten characters are taken for five words there
            asked = "max_dup_5gram_char_share" if language in fineweb2.UNSPACED and "10gram" in name else name
            assert limit is None or ranges[asked][0] <= limit <= ranges[asked][1], (language, name)
