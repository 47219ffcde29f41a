"""What `docs/classifiers.md` and `docs/annotation.md` say of models is what the cards and the trainings say."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from classifiers.load import load_classifier
from classifiers.train_linear import LinearTraining
from classifiers.training.config import TrainingConfig
from classifiers.training.encoder_config import EncoderTraining
from pipeline.stages.quality import QualityParams
from pipeline.stages.safety import SafetyParams

ROOT = Path(__file__).resolve().parents[3]
CLASSIFIERS, ANNOTATION = ROOT / "docs" / "classifiers.md", ROOT / "docs" / "annotation.md"
MODELS = ROOT / "classifiers" / "models"
NAMES = sorted(path.parent.name for path in MODELS.glob("*/card.md"))
LANGUAGES = {"English": "en", "German": "de", "French": "fr", "Swedish": "sv", "Chinese": "zh"}


def measured(name: str) -> dict[str, Any]:
    """Return the measures in a card."""
    block = re.search(r"^```\n(\{.*?^\})\n```$", (MODELS / name / "card.md").read_text(), re.MULTILINE | re.DOTALL)
    assert block is not None
    measures: dict[str, Any] = json.loads(block[1])
    return measures


def short(figure: float) -> str:
    """Write a share as the document does: three digits."""
    return f"{figure:.3f}".removeprefix("0")


def expected(name: str) -> str:
    """Return the table's cell of figures, made of the card's."""
    card = measured(name)
    if name == "quality":
        card = card["quality"]
        english, *others = (f"{word} {short(card['by_language'][code])}" for word, code in LANGUAGES.items())
        by_language = f"{english}; {', '.join(others)}"
        thirds = sorted(card["by_length"])
        return (
            f'ROC-AUC {short(card["roc_auc"])} for its verdict "keep" ({by_language});'
            f" {short(thirds[0])} to {short(thirds[-1])} within thirds of length"
        )
    if name == "code_math":
        code, math = card["code"], card["math"]
        return (
            f"code: ROC-AUC {short(code['roc_auc'])}, average precision {short(code['average_precision'])};"
            f" math: {short(math['roc_auc'])}, {short(math['average_precision'])}; folds by host"
        )
    if name == "quality_roberta":
        return f"ROC-AUC {short(card['quality']['roc_auc'])} on {card['examples']} unseen pages: less than `quality`"
    if name == "toxicity":
        return f"ROC-AUC {short(card['toxicity']['roc_auc'])} on the tweets"
    figures = f"accuracy {short(card['accuracy'])}, macro-F1 {short(card['macro_f1'])}"
    return f"{figures} where that model was sure (≥ .8)" if name == "topic" else figures


def rows() -> dict[str, list[str]]:
    """Return the cells of the document's first table, by model."""
    table = CLASSIFIERS.read_text().partition("## What ships")[2].partition("\n\n")[0]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()]
    return {row[0].strip("` "): row for row in cells if row[0].strip().startswith("`")}


def test_every_model_that_ships_has_a_row() -> None:
    assert sorted(rows()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_figures_are_those_of_the_card(name: str) -> None:
    assert rows()[name][3] == expected(name)


def test_the_sentences_of_ours_are_counted_as_in_the_card() -> None:
    counts = re.search(
        r"([\d,]+) tweets .* ([\d,]+) sentences of our own", (MODELS / "toxicity" / "card.md").read_text()
    )
    assert counts is not None
    assert rows()["toxicity"][2].startswith(f"{counts[1]} tweets that people labelled; {counts[2]} sentences of ours")


def test_the_sentence_that_toxicity_misreads_is_misread() -> None:
    sentence = re.search(r'"(My dog [^"]*)"', " ".join(CLASSIFIERS.read_text().split()))
    limit = SafetyParams().max_toxicity
    assert sentence is not None
    assert limit is not None
    assert load_classifier("toxicity").predict([sentence[1]])[0, 0] > limit


def test_defaults_are_those_of_the_parameters() -> None:
    text, (low, high) = CLASSIFIERS.read_text(), QualityParams().cascade_band
    assert f"`safety.max_toxicity`, {SafetyParams().max_toxicity:.1g} by default".replace("0.", ".") in text
    assert f"([{low:g}, {high:g}] by default".replace("0.", ".") in text
    assert QualityParams().cascade_model is None


@pytest.mark.parametrize(
    ("document", "training"),
    [(CLASSIFIERS, EncoderTraining), (ANNOTATION, LinearTraining)],
    ids=["classifiers.md", "annotation.md"],
)
def test_the_configuration_shown_is_one_that_the_training_takes(document: Path, training: type[TrainingConfig]) -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", document.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1
    config = training.model_validate(yaml.safe_load(blocks[0]))
    assert config.data.where == {"status": ("answered",)}
    assert set(config.named_labels()) <= set(config.data.labels or ())


@pytest.mark.parametrize("document", [CLASSIFIERS, ANNOTATION], ids=["classifiers.md", "annotation.md"])
def test_columns_that_a_training_reads_are_kept_by_every_annotation_shown(document: Path) -> None:
    text = document.read_text().replace("\\\n", " ")
    block = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[0]
    data = yaml.safe_load(block)["data"]
    commands = re.findall(r"^python -m classifiers\.annotate .*$", text, re.MULTILINE)
    assert commands
    for command in commands:
        kept = re.search(r"--keep (\S+)", command)
        assert kept is not None, command
        assert {data["text"], data["url"], data["language"]} <= set(kept[1].split(","))
