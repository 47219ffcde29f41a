"""Languages are identified by the model that was measured, and by no other."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.languages import codes as language_codes
from classifiers.languages import model as language_model
from classifiers.languages import text as language_text
from classifiers.languages.decisions import decided
from classifiers.languages.identify import identify
from classifiers.languages.model import labels, load_model
from classifiers.languages.ngrams import MORE_LANGUAGES
from classifiers.languages.scripts import decided_by, owners_in, written
from classifiers.model_folder import ModelError

SENTENCES = {
    "en": "The old mill by the river grinds the grain of the whole valley.",
    "de": "Die alte Mühle am Fluss mahlt das Korn des ganzen Tals.",
    "fr": "Le vieux moulin au bord de la rivière moud le grain de toute la vallée.",
    "es": "El viejo molino junto al río muele el grano de todo el valle.",
    "it": "Il vecchio mulino sul fiume macina il grano di tutta la valle.",
    "pl": "Stary młyn nad rzeką miele ziarno z całej doliny.",
    "ru": "Старая мельница у реки мелет зерно всей долины.",
    "ar": "تطحن الطاحونة القديمة بجانب النهر حبوب الوادي كله.",
    "zh": "这座古老的磨坊在河边，我们的村子里的人都把他们的粮食送到这里来磨。",
    "ja": "川のほとりの古い水車小屋は、谷じゅうの穀物をひいています。",
    "ko": "강가의 오래된 방앗간은 골짜기 전체의 곡식을 빻는다.",
    "tr": "Nehir kıyısındaki eski değirmen bütün vadinin tahılını öğütür.",
}


@pytest.mark.parametrize(("label", "sentence"), SENTENCES.items())
def test_a_sentence_is_in_its_language(label: str, sentence: str) -> None:
    result, scores = identify([sentence])
    assert result == [label]
    assert scores[0] > 0.5


def test_the_model_knows_176_languages() -> None:
    assert len(labels()) == len(set(labels())) == 176
    assert set(SENTENCES) <= set(labels())


@pytest.mark.parametrize("text", ["", " ", "\n\t \n", "\u3000"])
def test_what_holds_no_word_has_no_language(text: str) -> None:
    result, scores = identify([text])
    assert (result, scores.tolist()) == (["und"], [0.0])


def test_a_batch_is_answered_text_by_text_in_order() -> None:
    texts = [*SENTENCES.values(), "", *reversed(SENTENCES.values())]
    result, scores = identify(texts)
    assert result == [*SENTENCES, "und", *reversed(SENTENCES)]
    assert scores.dtype == np.float32
    assert scores.tolist() == [float(identify([text])[1][0]) for text in texts]
    assert identify([])[0] == []


def test_line_breaks_count_as_spaces() -> None:
    sentence = SENTENCES["en"]
    assert identify([sentence.replace(" ", "\n")])[1][0] == identify([f"\n{sentence}\n\n"])[1][0]


def test_a_model_of_another_digest_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    load_model.cache_clear()
    monkeypatch.setattr(language_model, "MODEL_SHA256", "0" * 64)
    with pytest.raises(ModelError, match=rf"lid\.176\.ftz has sha256 [0-9a-f]{{64}}, not {'0' * 64}"):
        load_model()


NOTICES = {
    "en": "NOTICE TO ALL MILLERS: THE WEIR WILL BE CLOSED FROM MONDAY UNTIL THE FLOOD HAS GONE DOWN. "
    "PLEASE KEEP AWAY FROM THE BANKS AND MOVE ALL CARTS TO THE UPPER YARD BEFORE NIGHTFALL.",
    "de": "ACHTUNG: DIE BRÜCKE ÜBER DEN MÜHLBACH BLEIBT BIS ZUM ENDE DES MONATS GESPERRT. "
    "BITTE BENUTZEN SIE DEN WEG AM OBEREN TEICH UND HALTEN SIE DIE ZUFAHRT FREI.",
    "tr": "DEĞİRMEN İKİNCİ BİR DUYURUYA KADAR KAPALI KALACAKTIR. LÜTFEN TAHILINIZI ÜST KÖYDEKİ DEĞİRMENE GÖTÜRÜNÜZ.",
    "ru": "МЕЛЬНИЦА ЗАКРЫТА ДО КОНЦА МЕСЯЦА. ПРОСИМ ЖИТЕЛЕЙ НЕ ПОДХОДИТЬ К ПЛОТИНЕ ВО ВРЕМЯ ПОЛОВОДЬЯ.",
    "el": "Ο ΜΥΛΟΣ ΘΑ ΜΕΙΝΕΙ ΚΛΕΙΣΤΟΣ ΜΕΧΡΙ ΤΟ ΤΕΛΟΣ ΤΟΥ ΜΗΝΑ.",
}


@pytest.mark.parametrize(("label", "notice"), NOTICES.items())
def test_capitals_are_shown_in_lower_case(label: str, notice: str) -> None:
    result, scores = identify([notice])
    assert result == [label]
    assert scores[0] > 0.6


def test_lines_of_other_letters_stay_as_they_are() -> None:
    text = "MILL REGULATIONS AND NOTICES\nThe Mill at Wye grinds Rye"
    assert language_text.shown(text) == "mill regulations and notices The Mill at Wye grinds Rye"
    assert language_text.shown("The NATO and the EU met in the USA today") == "The NATO and the EU met in the USA today"


@pytest.mark.parametrize("label", ["de", "fr", "ko", "tr", "ar"])
def test_decomposed_letters_are_those_that_the_model_knows(label: str) -> None:
    sentence = SENTENCES[label]
    decomposed = unicodedata.normalize("NFD", sentence)
    (first, second), scores = identify([sentence, decomposed])
    assert first == second == label
    assert scores[0] == scores[1]


def test_letters_in_disguise_are_letters() -> None:
    sentence = SENTENCES["en"]
    bold = "".join(chr(ord(c) - 97 + 0x1D41A) if "a" <= c <= "z" else c for c in sentence)
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in sentence)
    soft = sentence.replace("ll", "l\u00adl")
    assert identify([bold, wide, soft])[0] == ["en"] * 3
    assert identify([soft])[1] == identify([sentence])[1]


def test_languages_of_one_macrolanguage_share_their_probability() -> None:
    labels_of_model, values = ["en", "hr", "sr", "bs"], [0.4, 0.3, 0.15, 0.1]
    decision = decided(labels_of_model, values)
    assert (decision.code, round(decision.score, 6), decision.label) == ("hr", 0.55, "en")
    assert decided(labels_of_model, values, macrolanguages=False)[:2] == ("en", 0.4)
    assert decided(["en", "de"], [0.4, 0.3])[:2] == ("en", 0.4)
    assert decided(labels_of_model, values, ("el",), 0.75)[:3] == ("el", 0.75, "en")
    assert decided(["xmf", "ka", "en"], [0.3, 0.1, 0.1], ("ka", "xmf"), 0.8)[0] == "xmf"
    assert decided(["en"], [0.9], ("ka", "xmf"), 0.8)[:2] == ("ka", 0.8)


def test_macrolanguages_are_of_labels_that_the_model_has() -> None:
    assert set(language_codes.MACROLANGUAGES) <= set(labels())


def test_bosnian_is_as_sure_as_its_sisters() -> None:
    text = "Mlin na rijeci melje žito cijele doline, a mlinar svako jutro otvara ustavu prije nego što sunce izađe."
    result, scores = identify([text])
    assert result[0] in {"bs", "hr", "sh", "sr"}
    assert scores[0] > 0.85


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("ΚΛΕΙΣΤΟΝ", "el"),
        ("โรงสีเก่า Mill", "th"),
        ("மாவு ஆலை", "ta"),
        ("방앗간", "ko"),
        ("水車小屋のパン", "ja"),
        ("Հին ջրաղաց", "hy"),
        ("წისქვილი", "ka"),
        ("טחנה", "he"),
        ("చక్కీ", "te"),
        ("ចាស់", "km"),
        ("ໂຮງ", "lo"),
        ("ඇඹරුම්", "si"),
        ("စက်", "my"),
        ("ミル", "ja"),
    ],
)
def test_a_script_of_one_language_decides(text: str, label: str) -> None:
    result, scores = identify([text])
    assert result == [label]
    assert scores[0] > 0.5


@pytest.mark.parametrize(
    "text", ["The ratio of α and β is below γ in every test of the mill.", "这座古老的磨坊在河边。"]
)
def test_few_letters_of_a_script_decide_nothing(text: str) -> None:
    assert decided_by(written(text), owners_in(labels())) == ()


@settings(deadline=None)
@given(st.lists(st.text(max_size=30), max_size=4))
def test_any_text_at_all_has_a_label_and_a_probability(texts: list[str]) -> None:
    result, scores = identify(texts)
    assert len(result) == len(scores) == len(texts)
    assert set(result) <= {*labels(), *MORE_LANGUAGES, "und"}
    assert all(0 <= score <= 1 for score in scores.tolist())
