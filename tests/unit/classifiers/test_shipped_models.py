"""The models that ship load, say where they come from, are small, and are right in plain cases."""

from itertools import pairwise
from pathlib import Path

import pytest

import classifiers
from classifiers.load import load_classifier
from classifiers.model_folder import CARD
from tests.unit.classifiers.listing import LISTING

MODELS = Path(classifiers.__file__).parent / "models"
NAMES = sorted(path.name for path in MODELS.iterdir() if path.is_dir())
MOST_BYTES = 40 << 20
SHELL = '#!/bin/sh\nset -e\nfor file in *.txt; do\n  wc -l "$file" | sort -n >> counts.log\ndone\nexit 0\n'
PROOF = (
    "Theorem. Let f be continuous on [a, b] and differentiable on (a, b). Then there is a c with f'(c) = (f(b) - f(a))"
    " / (b - a).\nProof. Put g(x) = f(x) - (f(b) - f(a))(x - a)/(b - a). Then g(a) = g(b), so by Rolle's theorem"
    " g'(c) = 0 for some c in (a, b). Hence the equation holds for all x with x^2 + 2x + 1 = (x + 1)^2. QED"
)
STORY = (
    "The old mill stands where the brook runs into the river. Nobody remembers who built the weir, and the miller says"
    " that it was his grandfather. In spring the meadows are under water, and children catch frogs by the fence."
)
LESSON = (
    "Photosynthesis is the process by which plants make sugar from light, water and carbon dioxide. Chlorophyll in the"
    " leaves absorbs red and blue light. Its energy splits water molecules, and oxygen is released. In the second"
    " stage, called the Calvin cycle, carbon dioxide is bound and reduced to sugars. The rate depends on temperature,"
    " on how much light there is, and on the concentration of carbon dioxide.\n\nScientists measure it by the oxygen"
    " that a leaf gives off. For example, a plant in bright light at 25 degrees produces several times as much as the"
    " same plant in shade, because light limits the first stage."
)
SPAM = (
    "BUY NOW!!! cheap cheap cheap\nClick here\nClick here\nHome | Login | Cart | Contact\nbest price best price best"
    " price\n$$$ 100% FREE $$$\nSign up\nShare\nTweet\nLike\nclick here click here click here\nAdd to cart\nAdd to cart"
)


def probability(model: str, label: str, text: str, url: str = "") -> float:
    classifier = load_classifier(model)
    return float(classifier.predict([text], [url])[0, classifier.info.labels.index(label)])


def test_these_models_ship() -> None:
    assert NAMES == ["code_math", "quality", "quality_fasttext", "quality_roberta", "topic", "toxicity"]


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_model_loads_and_says_what_it_is(name: str) -> None:
    info = load_classifier(name).info
    assert info.name == name
    assert len(info.training_digest) == 64
    assert info.files
    assert set(info.files) | {CARD, "model.json"} == {path.name for path in (MODELS / name).iterdir()}


@pytest.mark.parametrize("name", NAMES)
def test_the_card_of_a_shipped_model_names_licence_data_and_measures(name: str) -> None:
    info = load_classifier(name).info
    card = (MODELS / name / CARD).read_text(encoding="utf-8")
    assert card.startswith(f"# {name}\n")
    assert f"Licence of the weights: {info.licence}" in card
    assert f"Trained on: {info.trained_on}" in card
    assert info.training_digest in card
    assert "## Measured" in card
    for label, limit in info.thresholds.items():
        assert f"`{label}` from {limit.value:g} on" in card


def test_the_shipped_models_are_small() -> None:
    assert 0 < sum(path.stat().st_size for path in MODELS.rglob("*") if path.is_file()) <= MOST_BYTES


@pytest.mark.parametrize(
    ("label", "text", "expected"),
    [
        ("code", LISTING, True),
        ("code", SHELL, True),
        ("code", STORY, False),
        ("code", LESSON, False),
        ("code", "10:22:01 INFO started\n10:22:02 WARN timeout after 3 s\n" * 6, False),
        ("math", PROOF, True),
        ("math", STORY, False),
        ("math", LESSON, False),
        ("math", LISTING, False),
        ("code", "", False),
        ("math", "", False),
    ],
)
def test_code_and_math_are_known_in_plain_cases(label: str, text: str, expected: bool) -> None:
    assert (probability("code_math", label, text) > 0.5) == expected


def test_quality_puts_a_lesson_before_a_story_and_both_before_spam() -> None:
    scores = [probability("quality", "quality", text) for text in (LESSON, STORY, SPAM)]
    assert all(better > worse + 0.05 for better, worse in pairwise(scores)), scores


@pytest.mark.parametrize(
    ("label", "text"),
    [
        (
            "Food & Dining",
            "Mix flour, butter and sugar, bake the cake in the oven, and serve the dish with cream. Recipe",
        ),
        ("Sports & Fitness", "The team won the game in the second half, and the coach praised its players. Football"),
        ("Health", "Patients with the disease should ask their doctor about symptoms and treatment. Medicine"),
        ("Religion", "The church prays to God, and Jesus taught his disciples the gospel. Bible, faith and sin"),
        ("Politics", "The president and the senate vote on the election law, and the party campaigns. Congress"),
        ("Travel & Tourism", "Our hotel by the beach is a good start for your trip. Tourists visit on a vacation tour"),
    ],
)
def test_topics_are_known_in_plain_cases(label: str, text: str) -> None:
    model = load_classifier("topic")
    (scores,) = model.predict([text])
    assert model.info.labels[scores.argmax()] == label
    assert scores.sum() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("text", "is_toxic"),
    [
        ("You stupid bitch, shut the fuck up", True),
        ("fuck you, you worthless piece of shit", True),
        ("What a lovely morning, thank you for the bread", False),
        ("I will kill the weeds in the garden tomorrow", False),
        (STORY, False),
        (LESSON, False),
        ("", False),
    ],
)
def test_toxicity_is_known_in_plain_cases(text: str, is_toxic: bool) -> None:
    assert (probability("toxicity", "toxicity", text) > 0.5) == is_toxic
