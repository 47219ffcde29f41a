"""Labels of models become the codes by which languages are known here."""

from pathlib import Path

import pytest

from classifiers.languages import tables as language_tables
from classifiers.languages.codes import code_of, group_of
from classifiers.languages.model import labels
from classifiers.languages.scripts import owners_in
from classifiers.languages.tables import shipped_digest
from pipeline.heuristics import fineweb2
from pipeline.stages.language import LanguageParams

TABLE = {
    "en": "eng_Latn eng en en-US",
    "ar": "arb_Arab ara_Arab ary_Arab apc_Arab",
    "zh": "cmn_Hans cmn_Hant cmn_Hani zho_Hans zho_Hant zho",
    "no": "nob_Latn nor_Latn nob nb no",
    "nn": "nno_Latn nn",
    "fa": "pes_Arab fas_Arab prs_Arab",
    "ms": "zsm_Latn msa_Latn zlm_Latn",
    "lv": "lvs_Latn lav_Latn",
    "et": "ekk_Latn est_Latn",
    "sw": "swh_Latn swa_Latn",
    "az": "azj_Latn aze_Latn",
    "uz": "uzn_Latn uzb_Cyrl",
    "mn": "khk_Cyrl mon_Cyrl",
    "ne": "npi_Deva nep_Deva",
    "or": "ory_Orya",
    "ps": "pbt_Arab",
    "ku": "kmr_Latn",
    "mg": "plt_Latn",
    "yi": "ydd_Hebr ji ji-Hebr",
    "he": "iw iw_Hebr he",
    "id": "in ind_Latn",
    "jv": "jw jav_Latn",
    "el": "el-Grek ell_Grek",
    "tl": "fil_Latn tgl_Latn",
    "sq": "als_Latn sqi_Latn",
    "als": "als gsw_Latn",
    "zu": "zul_Latn",
    "ceb": "ceb_Latn ceb",
    "ckb": "ckb_Arab",
    "yue": "yue_Hant",
    "quc": "quc_Latn quc",
    "bem": "bem_Latn",
    "und": "und_Tibt zxx_Zzzz und mis_Latn",
}


@pytest.mark.parametrize(("code", "label"), [(code, label) for code, some in TABLE.items() for label in some.split()])
def test_a_label_has_its_code(code: str, label: str) -> None:
    assert code_of(label) == code


def test_codes_of_lid_176_stay() -> None:
    assert {label: code_of(label) for label in labels()} == {label: label for label in labels()}


def test_codes_are_those_of_the_limits() -> None:
    mapped = {code: code_of(label) for code, label in fineweb2._CODES.items()}
    assert {code: mine for code, mine in mapped.items() if mine != code} == {}


def test_languages_of_a_macrolanguage_are_one_group() -> None:
    assert {group_of(code) for code in ("hr", "sr", "bs", "sh")} == {"hbs"}
    assert group_of("no") == group_of("nn") != group_of("da")


def test_a_run_is_stale_where_what_ships_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped_digest.cache_clear()
    before = LanguageParams().resolved().tables_digest
    changed = tmp_path / "codes.tsv"
    changed.write_bytes(language_tables.CODES.read_bytes() + b"qq\tqqq\n")
    monkeypatch.setattr(language_tables, "CODES", changed)
    shipped_digest.cache_clear()
    after = LanguageParams().resolved().tables_digest
    shipped_digest.cache_clear()
    assert before is not None
    assert before != after


def test_scripts_of_labels_stand_behind_either_sign_and_countries_are_none() -> None:
    scripts = {"Grek": ("el",), "Latn": ("en",)}
    assert owners_in(["ell_Grek", "eng_Latn"]) == owners_in(["el-Grek", "en-Latn-US"]) == scripts
    assert owners_in(["el-GR", "en-US"]) == owners_in(["el", "en"])
