"""Languages are identified by the model that was measured, and by no other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers import language
from classifiers.language import ModelError, identify, labels, load_model

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
    found, scores = identify([sentence])
    assert found == [label]
    assert scores[0] > 0.5


def test_the_model_knows_176_languages() -> None:
    assert len(labels()) == len(set(labels())) == 176
    assert set(SENTENCES) <= set(labels())


@pytest.mark.parametrize("text", ["", " ", "\n\t \n", "\u3000"])
def test_what_holds_no_word_has_no_language(text: str) -> None:
    found, scores = identify([text])
    assert (found, scores.tolist()) == (["und"], [0.0])


def test_a_batch_is_answered_text_by_text_in_order() -> None:
    texts = [*SENTENCES.values(), "", *reversed(SENTENCES.values())]
    found, scores = identify(texts)
    assert found == [*SENTENCES, "und", *reversed(SENTENCES)]
    assert scores.dtype == np.float32
    assert scores.tolist() == [float(identify([text])[1][0]) for text in texts]
    assert identify([])[0] == []


def test_line_breaks_count_as_spaces() -> None:
    sentence = SENTENCES["en"]
    assert identify([sentence.replace(" ", "\n")])[1][0] == identify([f"\n{sentence}\n\n"])[1][0]


def test_a_model_of_another_digest_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    load_model.cache_clear()
    monkeypatch.setattr(language, "MODEL_SHA256", "0" * 64)
    with pytest.raises(ModelError, match=rf"lid\.176\.ftz has sha256 [0-9a-f]{{64}}, not {'0' * 64}"):
        load_model()


@settings(deadline=None)
@given(st.lists(st.text(max_size=30), max_size=4))
def test_any_text_at_all_has_a_label_and_a_probability(texts: list[str]) -> None:
    found, scores = identify(texts)
    assert len(found) == len(scores) == len(texts)
    assert set(found) <= {*labels(), "und"}
    assert all(0 <= score <= 1 for score in scores.tolist())
