"""A language model's server annotates pages, a model is trained on that and measured, and a run curates by it."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("sklearn", reason="scikit-learn is of the extra `measuring`")
from classifiers import annotate, evaluate, train_linear
from classifiers.load import load_classifier
from pipeline.curation import Request, curate
from tests.e2e.reading import rows
from tests.unit.classifiers.chat_server import serve_chat

PLAIN = ["mill", "river", "grinds", "grain", "bread", "farmers", "bring", "carts", "harvest", "over", "when", "by"]
GOOD = ["because", "therefore", "explains", "theorem", "evidence", "history", "measured", "described"]
BAD = ["click", "cheap", "subscribe", "cookies", "sale", "login", "cart", "coupon"]
REFUSED = "https://site0.test/refused"


def made_pages() -> list[dict[str, str]]:
    draw = random.Random(6)
    pages = []
    for number in range(120):
        words = draw.choices(PLAIN, k=40) + draw.choices(GOOD if number % 2 else BAD, k=12)
        draw.shuffle(words)
        url = f"https://site{number % 30}.test/{number}"
        pages.append({"url": url, "text": " ".join(words), "language": "en", "category": "general"})
    return [*pages, {"url": REFUSED, "text": "unspeakable words", "language": "en", "category": "general"}]


def answer(question: str, _: int) -> str:
    """Answer as a language model would that likes explanations."""
    if "unspeakable" in question:
        return "I'm sorry, but I can't help with that."
    score = 5 if "theorem" in question or "evidence" in question else 1
    return json.dumps({"reason": "It says so.", "score": score, "label": "yes" if score > 2 else "no"})


CONFIG: dict[str, Any] = {
    "name": "mine",
    "data": {
        "files": ["verdicts.parquet"],
        "where": {"status": ["answered"]},
        "url": "url",
        "target": "score",
        "kind": "score",
        "scale": 5,
        "labels": ["quality"],
    },
    "model": {"groups": [{"unit": "words", "low": 1, "high": 1}], "activation": "none"},
    "good": "quality",
    "trained_on": "made-up pages",
    "notes": "A test's.",
}


@pytest.mark.slow
def test_from_a_server_s_verdicts_to_a_curated_run(
    spark: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = made_pages()
    table, verdicts, folder = tmp_path / "pages.jsonl", tmp_path / "verdicts.parquet", tmp_path / "mine"
    table.write_text("\n".join(map(json.dumps, pages)), encoding="utf-8")
    with serve_chat(answer) as chat:
        named = [str(table), "--output", str(verdicts), "--prompt", "quality", "--server", chat.url, "--model", "m"]
        assert annotate.main([*named, "--id", "url", "--keep", "url,text,language"]) == 0
    assert "121 rows = 120 answered + 1 refused" in capsys.readouterr().err
    config = tmp_path / "mine.yaml"
    config.write_text(yaml.safe_dump(CONFIG), encoding="utf-8")
    assert train_linear.main([str(config), "--output", str(folder)]) == 0
    trained = json.loads(capsys.readouterr().out)
    assert trained["examples"] == 120
    assert trained["quality"]["roc_auc"] > 0.95  # on sites that the measured models have not seen
    assert evaluate.main([str(folder), str(config), "--card"]) == 0
    assert json.loads(capsys.readouterr().out)["quality"]["roc_auc"] > 0.95
    assert "Measured on other examples" in (folder / "card.md").read_text(encoding="utf-8")
    settings = (f"quality.models=[{folder}]", "quality.min_cell_documents=1", "quality.min_percentile=0.5")
    curate(Request(str(tmp_path / "run"), (str(table),), first="quality", last="quality", assignments=settings))
    kept = {row["source_url"]: row for row in rows(tmp_path / "run", "quality")}
    good = {page["url"] for page in pages if set(page["text"].split()) & set(GOOD)}
    assert len(set(kept) & good) >= 0.9 * len(kept) > 40
    expected = load_classifier(folder).predict([page["text"] for page in pages])[:, 0]
    scores = {page["url"]: score for page, score in zip(pages, expected, strict=True)}
    assert {url: row["quality_mine"] for url, row in kept.items()} == pytest.approx({url: scores[url] for url in kept})
