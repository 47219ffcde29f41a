"""Single steps on texts of one's own."""

import numpy as np
import pyarrow as pa
import pytest

from pipeline import classify, find_pii, identify_language, measure_signals, minhash
from schemas.signals import SIGNALS

TEXTS = ["The mill grinds the grain of the valley.", None, "Write to jane@mill.org or call."]


@pytest.mark.parametrize(
    "texts", [TEXTS, pa.array(TEXTS), pa.array(TEXTS, pa.large_string()), pa.chunked_array([TEXTS])]
)
def test_texts_come_as_lists_or_as_arrow(texts: pa.Array) -> None:
    assert measure_signals(texts)["n_words"].to_pylist() == [8, 0, 7]
    assert minhash(texts).shape == (3, 128)
    assert [text.language for text in identify_language(texts)] == ["en", "und", "en"]
    assert [len(spans) for spans in find_pii(texts)] == [0, 0, 1]
    scores = classify(texts, "toxicity")
    assert scores["toxicity"].shape == (3,)


def test_every_signal_is_a_column() -> None:
    assert {*SIGNALS} == {*measure_signals(TEXTS).column_names}


def test_signatures_estimate_similarity() -> None:
    words = [f"word{number}" for number in range(400)]
    a, b = minhash([" ".join(words), " ".join(words[:200])], permutations=512)
    assert abs(float(np.mean(a == b)) - 196 / 396) < 0.1


def test_wrong_arguments_are_told() -> None:
    with pytest.raises(TypeError, match="put it into a list"):
        minhash("one text")
    with pytest.raises(ValueError, match="3 texts, but 1 languages"):
        measure_signals(TEXTS, ["en"])
    with pytest.raises(ValueError, match="did you mean 'EMAIL_ADDRESS'"):
        find_pii(TEXTS, entities=["EMAIL_ADRESS"])
    with pytest.raises(TypeError, match="expected texts"):
        minhash([1])
