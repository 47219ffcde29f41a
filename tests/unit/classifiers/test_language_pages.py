"""Pages of two languages, languages that no model has, short texts, and other models."""

from pathlib import Path

import pytest

from classifiers.languages.identify import Identified, Options, identify_pages
from classifiers.languages.model import digest_of, load_model
from classifiers.languages.ngrams import letters_of
from classifiers.languages.text import segments_of
from classifiers.model_folder import ModelError
from tests.unit.classifiers.fasttext_models import LANGUAGES, train, train_languages

ENGLISH = (
    "The old mill by the river grinds the grain of the whole valley. In autumn the carts stand in a long row before "
    "the gate, and the miller's daughter brings bread and cider to the people who wait. Nobody complains about it. "
)
GERMAN = (
    "Die alte Mühle am Fluss mahlt das Korn des ganzen Tals. Im Herbst stehen die Wagen in einer langen Reihe vor dem "
    "Tor, und die Tochter des Müllers bringt den Wartenden Brot und Most. Niemand beschwert sich darüber. "
)
# Our own sentences in languages that lid.176 lacks and letters know.
BANTU = {
    "zu": "Abantu bonke bahlangana ngaphambi kwesikole ukuze bakhulume ngamanzi omfula nangomsebenzi wabo wasemini.",
    "xh": "Abantu bonke bahlangana phambi kwesikolo ukuze bathethe ngamanzi omlambo nangomsebenzi wabo wemihla.",
    "sn": "Vanhu vose vakaungana pamberi pechikoro kuti vataure nezvemvura yemurwizi nezvebasa ravo remazuva ose.",
}
# Words of no language, and a made-up one with the sounds of many.
NONE = (
    "Kwexalu tlimorq zhapendi uxtaq vrolimbe qhastu njirvalo xemtuqa plorvidzha kwentuxil ozhbarqi tlemvuxa",
    "Xoqtinal tz'ib'anik rech qas k'ut uq'ijol xukuje' kab'ij chi kech ri e k'o pa ri tinamit",
)
SHORT = (
    "Sony WH-1000XM5",
    "Logitech MX Master 3S",
    "SELECT id, name FROM users WHERE age > 30;",
    "for (int i = 0; i < n; i++) { sum += a[i]; }",
    "12,345.67 890 2024-11-05 14:30",
    "Makita DHP484Z 18V LXT",
    "npm install --save-dev @types/node",
)


def one(text: str, options: Options | None = None) -> Identified:
    (page,) = identify_pages([text], options or Options())
    return page


def test_a_page_of_two_languages_says_so() -> None:
    page = one(ENGLISH * 6 + "\n" + GERMAN * 3)
    assert (page.language, page.second_language, page.script) == ("en", "de", "Latn")
    assert page.second_share == pytest.approx(1 / 3, abs=0.12)
    assert page.score > 0.7


def test_a_page_of_one_language_has_no_second() -> None:
    page = one(ENGLISH * 12)
    assert (page.language, page.second_language, page.second_share) == ("en", None, None)
    assert one(ENGLISH)[:5] == ("en", one(ENGLISH).score, "en", "Latn", None)


def test_a_line_in_another_language_is_no_second() -> None:
    assert one(ENGLISH * 12 + "\n" + GERMAN[:60]).second_language is None


def test_languages_of_one_macrolanguage_are_no_second() -> None:
    croatian = "Vlada je odlučila povećati porez od siječnja sljedeće godine, priopćeno je u srijedu na tiskovnoj. "
    bosnian = "Vlada je odlučila da poveća porez od januara naredne godine, saopćeno je u srijedu na konferenciji. "
    assert one(croatian * 10 + bosnian * 6).second_language is None


def test_segments_are_twelve_at_most_and_hold_the_whole_text() -> None:
    text = (ENGLISH + "\n") * 60
    segments = segments_of(text, 400)
    assert 6 <= len(segments) <= 12
    assert "".join("".join(segments).split()) == "".join(text.split())


@pytest.mark.parametrize(("code", "sentence"), BANTU.items())
def test_letters_tell_languages_that_lid_176_lacks(code: str, sentence: str) -> None:
    page = one(sentence)
    assert (page.language, page.script) == (code, "Latn")
    assert page.score > 0.5
    assert one(sentence, Options(letters=False)).language != code


@pytest.mark.parametrize("text", NONE)
def test_unknown_languages_keep_low_scores(text: str) -> None:
    by_model = one(text, Options(letters=False)).score
    assert by_model < 0.5
    assert one(text).score < 0.5
    assert min(letters_of(text).surprise.values()) > -2


@pytest.mark.parametrize("text", SHORT)
def test_names_code_and_numbers_are_what_they_were_without_letters(text: str) -> None:
    plain, page = one(text, Options(letters=False)), one(text)
    assert (page.language, page.score) == (plain.language, plain.score)


def test_text_without_words_has_no_language() -> None:
    assert one("") == Identified()
    assert identify_pages([], Options()) == []


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with labels of language and script."""
    return train_languages(tmp_path_factory.mktemp("lid") / "tiny.bin")


@pytest.mark.parametrize(
    ("label", "code"),
    [("eng_Latn", "en"), ("arb_Arab", "ar"), ("nob_Latn", "no"), ("cmn_Hans", "zh"), ("quc_Latn", "quc")],
)
def test_another_model_labels_in_its_own_words(tiny: Path, label: str, code: str) -> None:
    page = one(LANGUAGES[label], Options(model=str(tiny), model_digest=digest_of(str(tiny))))
    assert (page.language, page.label) == (code, label)
    assert page.score > 0.5


def test_signs_of_long_vowels_and_of_repetition_are_letters_of_their_script() -> None:
    pages = identify_pages(["コーヒーメーカー", "コーヒー", "人々"], Options())
    assert [(page.language, page.script) for page in pages] == [("ja", "Jpan"), ("ja", "Jpan"), ("ja", "Hani")]


def test_a_script_that_one_label_has_decides(tiny: Path) -> None:
    page = one("Ζυμαρικά", Options(model=str(tiny)))
    assert (page.language, page.script) == ("el", "Grek")
    assert page.score == 1.0


def test_models_that_are_none_are_refused(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"absent\.bin is no file"):
        digest_of(str(tmp_path / "absent.bin"))
    for content in (b"", b"abc", b"version https://git-lfs.github.com/spec/v1\n" * 3):
        (tmp_path / "text.bin").write_bytes(content)
        with pytest.raises(ModelError, match=r"text\.bin is no model of fastText's"):
            digest_of(str(tmp_path / "text.bin"))
    with pytest.raises(ModelError, match="has sha256"):
        load_model(str(tiny), "0" * 64)
    train(tmp_path / "quality.bin")
    with pytest.raises(ModelError, match="labels no languages: 'good' is no code"):
        load_model(str(tmp_path / "quality.bin"))
