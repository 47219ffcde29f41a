"""A linear model is trained from the tables that people have, measured fairly, and the same bytes come out again."""

import csv
import gzip
import io
import json
import random
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from pydantic import ValidationError
from scipy import sparse

pytest.importorskip("sklearn", reason="scikit-learn is of the extra `train`")
from classifiers import evaluate
from classifiers.linear import LinearSettings, NgramGroup, activated
from classifiers.load import load_classifier
from classifiers.train_linear import main
from classifiers.training import linear_fit
from classifiers.training.errors import ExamplesError
from classifiers.training.examples import Examples, ExamplesSpec, read_examples
from classifiers.training.folds import FOLDS, across_folds, folds_of
from classifiers.training.linear_design import Design
from classifiers.training.linear_fit import calibration, ridge
from classifiers.training.measures import calibration_error, measure, roc_auc, threshold_for
from tests.unit.classifiers.fasttext_models import WORDS

ROWS: list[dict[str, Any]] = [
    {"text": "the mill grinds", "label": "good", "url": "https://a.mill.co.uk/1", "n": 2, "language": "en"},
    {"text": 'a "weir", and\ta door', "label": "bad", "url": "https://b.mill.co.uk/2", "n": 1, "language": ""},
    {"text": "水車", "label": "good", "url": "", "n": 0.5, "language": "ja"},
]


def as_csv(delimiter: str) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(ROWS[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(ROWS)
    return out.getvalue().encode()


def write_table(path: Path) -> None:
    suffix = next(suffix for suffix in reversed(path.suffixes) if suffix not in {".gz", ".zst"})
    if suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(ROWS), path)
        return
    lines = "\n".join(json.dumps(row) for row in ROWS).encode() + b"\n\n"
    content = {".tsv": as_csv("\t"), ".csv": as_csv(",")}.get(suffix, lines)
    packers: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".zst": zstandard.compress}
    path.write_bytes(packers.get(path.suffix, bytes)(content))


def write_rows(folder: Path, rows: list[dict[str, Any]]) -> None:
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


FORMATS = ["parquet", "jsonl", "ndjson", "json", "jsonl.gz", "jsonl.zst", "tsv", "tsv.gz", "csv", "csv.zst"]


@pytest.mark.parametrize("ending", FORMATS)
def test_examples_are_the_same_from_a_table_of_any_format(tmp_path: Path, ending: str) -> None:
    write_table(tmp_path / f"rows.{ending}")
    spec = ExamplesSpec(files=(f"rows.{ending}",), url="url", weight="n", language="language")
    examples = read_examples(spec, tmp_path)
    assert examples.texts.to_pylist() == [row["text"] for row in ROWS]
    assert examples.urls is not None
    assert examples.urls.to_pylist() == [row["url"] for row in ROWS]
    assert examples.labels == ("bad", "good")
    assert examples.targets.tolist() == [[0, 1], [1, 0], [0, 1]]
    assert examples.groups == ["mill.co.uk", "mill.co.uk", "水車"]
    assert examples.weights.tolist() == [2, 1, 0.5]
    assert examples.languages == ["en", "", "ja"]
    assert examples.exclusive


def test_lines_for_fasttext_are_examples_and_several_files_are_one_table(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("__label__hq The mill\n\n__label__lq __label__hq a  weir\n", encoding="utf-8")
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(b"__label__lq last"))
    spec = ExamplesSpec(files=("a.txt", "b.txt.gz"), target="labels", kind="labels")
    examples = read_examples(spec, tmp_path)
    assert examples.texts.to_pylist() == ["The mill", "a weir", "last"]
    assert examples.targets.tolist() == [[1, 0], [1, 1], [0, 1]]
    assert examples.urls is None
    assert not examples.exclusive


@pytest.mark.parametrize(
    ("kind", "values", "labels", "expected"),
    [
        ("label", ["b", "a"], None, [[0, 1], [1, 0]]),
        ("label", [1, 0], None, [[0, 1], [1, 0]]),
        ("label", ["b", "a"], ("b", "a"), [[1, 0], [0, 1]]),
        ("labels", ["a b", "", "b"], None, [[1, 1], [0, 0], [0, 1]]),
        ("labels", [["a b"], ["c"]], None, [[1, 0], [0, 1]]),
        ("score", [4, "1.5"], ("q",), [[0.8], [0.3]]),
        ("probabilities", [[5, 0], [1, 4]], ("x", "y"), [[1, 0], [0.2, 0.8]]),
    ],
)
def test_each_kind_of_target_is_read(
    tmp_path: Path, kind: Any, values: list[Any], labels: Any, expected: list[list[float]]
) -> None:
    write_rows(tmp_path, [{"text": f"text {n}", "by": {"judge": value}} for n, value in enumerate(values)])
    scale = 5 if kind in {"score", "probabilities"} else 1
    spec = ExamplesSpec(files=("rows.jsonl",), target="by.judge", kind=kind, labels=labels, scale=scale)
    examples = read_examples(spec, tmp_path)
    np.testing.assert_allclose(examples.targets, expected)
    assert examples.exclusive == (kind in {"label", "probabilities"})


@pytest.mark.parametrize(
    ("spec", "rows", "message"),
    [
        ({"target": "judge"}, ROWS, "no column 'judge'; there are text, label"),
        ({"target": "label.name"}, ROWS, "no column 'label.name'"),
        ({"group": "site"}, ROWS, "no column 'site'"),
        ({"weight": "m"}, ROWS, "no column 'm'"),
        ({"weight": "label"}, ROWS, "'label' holds no number"),
        ({"text": "body"}, ROWS, "no row has a 'body'"),
        ({}, [], "no row has a 'text'"),
        ({}, [{"text": "", "label": "a"}, {"text": None, "label": "b"}], "no row has a 'text'"),
        ({}, [{"text": "a", "label": None}, {"text": "b", "label": "b"}], "'label' is null in a row that has a text"),
        ({}, ROWS[::2], "all 2 examples have the same value for good"),
        ({"labels": ["good"]}, ROWS, "'label' holds 'bad', which is none of good"),
        ({"labels": ["good", "bad", "odd"]}, ROWS, "same value for odd"),
        ({"target": "n", "kind": "probabilities", "labels": ["a", "b"]}, ROWS, "'n' holds 1 numbers for 2 labels"),
        ({"target": "text", "kind": "score", "labels": ["q"]}, ROWS, "'text' holds no number"),
        (
            {"target": "p", "kind": "probabilities", "labels": ["a", "b"]},
            [{"text": "a", "p": [1, 0]}, {"text": "b", "p": [1]}],
            "'p' holds 1 numbers for 2 labels",
        ),
        ({"files": ["none.jsonl"]}, ROWS, r"none\.jsonl does not exist"),
        ({"files": ["rows.jsonl", "rows.xml"]}, ROWS, "rows are read from"),
        ({"files": ["broken.jsonl"]}, ROWS, r"broken\.jsonl"),
        ({"files": ["latin.tsv"]}, ROWS, r"latin\.tsv"),
        ({"files": ["list.jsonl"]}, ROWS, r"list\.jsonl cannot be read: a line is a list, no JSON object: \[1, 2\]"),
        ({"files": ["short.jsonl.gz"]}, ROWS, r"short\.jsonl\.gz cannot be read"),
        ({}, [*ROWS, {"text": 12, "label": "bad"}], "'text' holds no text: 12"),
        ({"url": "n"}, ROWS, "'n' holds no text: 2"),
    ],
)
def test_what_teaches_nothing_is_an_error_that_says_why(
    tmp_path: Path, spec: dict[str, Any], rows: list[dict[str, Any]], message: str
) -> None:
    write_rows(tmp_path, rows)
    (tmp_path / "rows.xml").write_text("<rows/>")
    (tmp_path / "broken.jsonl").write_text('{"text": "an open quote}\n')
    (tmp_path / "list.jsonl").write_text("[1, 2]\n")
    (tmp_path / "short.jsonl.gz").write_bytes(gzip.compress(b"{}\n" * 99)[:-12])
    (tmp_path / "latin.tsv").write_bytes(b"text\tlabel\nM\xfchle\tgood\n")
    with pytest.raises(ExamplesError, match=message):
        read_examples(ExamplesSpec(**{"files": ["rows.jsonl"], **spec}), tmp_path)


@pytest.mark.parametrize("changes", [{"kind": "score"}, {"kind": "probabilities"}, {"files": []}, {"scael": 2}])
def test_a_description_that_lacks_something_or_is_misspelt_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ExamplesSpec(**{"files": ["rows.jsonl"], **changes})


def test_the_digest_of_examples_changes_with_all_that_they_teach(tmp_path: Path) -> None:
    spec = ExamplesSpec(files=("rows.jsonl",), url="url", weight="n")
    digests = []
    changes: list[dict[str, Any]] = [{}, {"text": "more"}, {"url": "https://c.example"}, {"label": "bad"}, {"n": 3}]
    for change in [*changes, {}, {"language": "de"}]:
        write_rows(tmp_path, [{**ROWS[0], **change}, *ROWS[1:]])
        digests.append(read_examples(spec, tmp_path).digest())
    assert len(set(digests[:5])) == 5
    assert digests[5] == digests[6] == digests[0]


# Folds.


def test_a_group_is_in_one_fold_which_its_name_alone_decides() -> None:
    groups = [f"site{n % 50}.example" for n in range(200)]
    folds = folds_of(groups, seed=7)
    assert folds.tolist() == [zlib.crc32(f"7/{group}".encode()) % 5 for group in groups]
    assert folds_of(groups[::-1][:9], seed=7).tolist() == folds[::-1][:9].tolist()
    assert set(folds.tolist()) == set(range(FOLDS))
    assert folds_of(groups, seed=8).tolist() != folds.tolist()


def test_near_duplicates_count_only_across_folds() -> None:
    draw = random.Random(2)
    base = [" ".join(draw.choices(WORDS, k=80)) for _ in range(4)]
    texts = pa.array([base[0], f"{base[0]} ball", base[1], base[2], base[3], base[3]])
    assert across_folds(texts, np.array([0, 1, 0, 1, 2, 2])).tolist() == [True, True, False, False, False, False]
    assert not across_folds(texts, np.array([0, 0, 0, 1, 2, 2])).any()
    assert across_folds(texts, np.array([0, 0, 0, 1, 2, 3])).tolist() == [False, False, False, False, True, True]


# Ridge regression and calibration.


def sums_of(matrix: Any, targets: Any, weights: Any, penalty: float, coefficients: Any, biases: Any) -> float:
    errors = targets - biases - matrix @ coefficients
    return float((weights[:, None] * errors**2).sum() + penalty * (coefficients**2).sum())


@pytest.mark.parametrize("shape", [(30, 8), (12, 40)])
def test_ridge_is_the_normal_equations_solution_by_pairs_of_documents_and_by_iteration(
    shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = np.random.default_rng(4)
    dense = np.where(draw.random(shape) < 0.4, draw.normal(size=shape), 0)
    matrix, targets = sparse.csr_matrix(dense), draw.random((shape[0], 2))
    weights = draw.uniform(0.2, 2, shape[0])
    by_pairs, biases = ridge(matrix, targets, weights, 0.7)
    monkeypatch.setattr(linear_fit, "_MOST_EXACT", 0)
    by_iteration, again = ridge(matrix, targets, weights, 0.7)
    expected_biases = (weights[:, None] * targets).sum(axis=0) / weights.sum()
    left = dense.T @ (weights[:, None] * dense) + 0.7 * np.eye(shape[1])
    expected = np.linalg.solve(left, dense.T @ (weights[:, None] * (targets - expected_biases)))
    np.testing.assert_allclose(biases, expected_biases)
    np.testing.assert_allclose(again, expected_biases)
    np.testing.assert_allclose(by_pairs, expected, atol=1e-9)
    np.testing.assert_allclose(by_iteration, expected, atol=1e-4)
    least = sums_of(dense, targets, weights, 0.7, by_pairs, biases)
    assert sums_of(dense, targets, weights, 0.7, by_pairs + draw.normal(0, 0.01, by_pairs.shape), biases) > least


def test_calibration_makes_frequencies_of_sums() -> None:
    """Targets are drawn from log-odds 8 x - 3; what is fitted finds them again."""
    draw = np.random.default_rng(6)
    sums = draw.normal(0.4, 0.3, (20_000, 1))
    targets = (draw.random(sums.shape) < 1 / (1 + np.exp(3 - 8 * sums))).astype(float)
    shifts, slopes = calibration(sums, targets, np.ones(len(sums)), "sigmoid")
    assert slopes[0] == pytest.approx(8, rel=0.05)
    assert (shifts * slopes)[0] == pytest.approx(-3, rel=0.05)
    scores = activated((sums + shifts) * slopes, "sigmoid")[:, 0]
    assert calibration_error(scores, targets[:, 0] > 0) < 0.02


def test_a_softmax_gets_one_slope_and_regressions_none() -> None:
    draw = np.random.default_rng(7)
    sums = draw.normal(0, 0.3, (20_000, 3))
    shares = np.exp(6 * sums) / np.exp(6 * sums).sum(axis=1, keepdims=True)
    targets = np.eye(3)[(draw.random((len(sums), 1)) > shares.cumsum(axis=1)).sum(axis=1).clip(max=2)]
    shifts, slopes = calibration(sums, targets, np.ones(len(sums)), "softmax")
    assert slopes.tolist() == pytest.approx([6, 6, 6], rel=0.05)
    assert len(set(slopes.tolist())) == 1
    assert shifts.tolist() == [0, 0, 0]
    shifts, slopes = calibration(sums, targets, np.ones(len(sums)), "none")
    assert (shifts.tolist(), slopes.tolist()) == ([0, 0, 0], [1, 1, 1])


def test_weights_are_what_the_design_saw_to_the_precision_of_a_byte() -> None:
    texts = [" ".join(random.Random(n).choices(WORDS, k=12)) for n in range(30)] + ["", "unmet 水"]
    group, signals = NgramGroup(unit="words", weight=0.5), ("n_words", "mean_word_length")
    settings = LinearSettings(groups=(group,), signals=signals, activation="none")
    design = Design(pa.array(texts, pa.large_string()), None, settings, 20_000)
    rows = np.arange(len(texts)) < 20
    columns = design.columns(rows)
    matrix = design.matrix(columns)
    draw = np.random.default_rng(8)
    coefficients, biases = draw.normal(size=(matrix.shape[1], 2)), np.array([0.25, -1])
    from classifiers.linear import LinearClassifier
    from classifiers.model_folder import ModelInfo

    about = {"licence": "-", "trained_on": "-", "training_digest": "-"}
    info = ModelInfo(name="d", kind="linear", labels=["a", "b"], settings=settings.model_dump(mode="json"), **about)
    scores = LinearClassifier(info, design.weights(columns, coefficients, biases)).sums(texts)
    np.testing.assert_allclose(scores, matrix @ coefficients + biases, atol=0.06)
    assert np.abs(scores - biases).max() > 0.5
    squares = matrix.multiply(matrix)[:, : len(columns.vocabularies[0].keys)].sum(axis=1)
    np.testing.assert_allclose(np.asarray(squares).ravel()[rows], 0.25)


def test_columns_come_from_the_chosen_rows_and_the_most_frequent_ngrams() -> None:
    texts = pa.array(["a b", "a b c", "a c", "d d d", "d d"], pa.large_string())
    settings = LinearSettings(groups=(NgramGroup(unit="words", low=1, high=1, most_ngrams=2),))
    design = Design(texts, None, settings, 20_000)
    (first,), _ = design.columns(np.array([True, True, True, False, False]))
    assert first.idf.tolist() == pytest.approx(sorted([np.log(4 / 4) + 1, np.log(4 / 3) + 1])) or (
        sorted(first.idf.tolist()) == pytest.approx([1, np.log(4 / 3) + 1])
    )
    (last,), _ = design.columns(np.array([False, False, False, True, True]))
    assert last.idf.tolist() == pytest.approx([1])  # d, in two of two documents


# Measures.


def examples_of(targets: Any, labels: tuple[str, ...], exclusive: bool, languages: list[str] | None = None) -> Examples:
    count = len(targets)
    return Examples(
        texts=pa.array(["x" * (n + 1) for n in range(count)], pa.large_string()),
        urls=None,
        targets=np.asarray(targets, np.float64),
        labels=labels,
        groups=[str(n) for n in range(count)],
        weights=np.ones(count),
        languages=languages or [""] * count,
        measured=np.ones(count, bool),
        exclusive=exclusive,
    )


def test_measures_of_labels_that_exclude_each_other_are_those_worked_out_by_hand() -> None:
    """Said a, a, b, b of a, b, b, b; the confidence is .9, .6, .8, .7, so the ranges err by .1, .6, .2, .3."""
    targets = np.eye(3)[[0, 1, 1, 1]]
    scores = np.array([[0.9, 0.1, 0], [0.6, 0.4, 0], [0.2, 0.8, 0], [0.3, 0.7, 0]], np.float32)
    measures = measure(scores, examples_of(targets, ("a", "b", "c"), exclusive=True))
    assert measures == {
        "examples": 4,
        "accuracy": 0.75,
        "macro_f1": round((2 / 3 + 4 / 5) / 2, 4),
        "calibration_error": 0.3,
        "f1": {"a": round(2 / 3, 4), "b": 0.8, "c": 0.0},
    }


def test_measures_of_other_labels_are_those_worked_out_by_hand() -> None:
    """Five of six pairs are in order; precision at the positives is 1, 2/3."""
    scores = np.array([[0.95], [0.85], [0.75], [0.15], [0.05]], np.float32)
    targets = [[1], [0.4], [0.6], [0.0], [0.2]]
    measures = measure(scores, examples_of(targets, ("q",), exclusive=False))
    assert measures["examples"] == 5
    assert measures["q"] == {
        "positives": 2,
        "roc_auc": round(5 / 6, 4),
        "average_precision": round((1 + 2 / 3) / 2, 4),
        "calibration_error": round((0.05 + 0.85 + 0.25 + 0.15 + 0.05) / 5, 4),
        "by_language": {},
        "by_length": [1.0, None, None],
    }
    assert measure(scores, examples_of(targets, ("q",), exclusive=False), 0.3)["q"]["positives"] == 3


def test_languages_with_enough_examples_are_measured_by_themselves() -> None:
    count = 20
    targets = [[n % 2] for n in range(2 * count + 5)]
    languages = ["de"] * count + ["en"] * count + ["fr"] * 5
    right = np.array(targets, np.float32)
    scores = np.where(np.array(languages)[:, None] == "de", 1 - right, right).astype(np.float32)
    measures = measure(scores, examples_of(targets, ("q",), exclusive=False, languages=languages))
    assert measures["q"]["by_language"] == {"de": 0.0, "en": 1.0}


def test_an_area_needs_both_kinds_and_ties_count_half() -> None:
    assert roc_auc(np.array([0.1, 0.2]), np.array([True, True])) is None
    assert roc_auc(np.array([0.1, 0.2]), np.array([False, False])) is None
    assert roc_auc(np.array([0.5, 0.5, 0.9]), np.array([True, False, False])) == 0.25


@pytest.mark.parametrize(
    ("scores", "positive", "precision", "expected"),
    [
        ([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 1], 1.0, 0.8),
        ([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 1], 0.75, 0.6),
        ([0.6, 0.7, 0.9, 0.8], [1, 0, 1, 1], 0.7, 0.6),
        ([0.9, 0.9, 0.5], [1, 0, 1], 0.9, None),
        ([0.9, 0.9, 0.9, 0.5], [1, 1, 0, 0], 0.6, 0.9),
        ([0.9, 0.5], [0, 0], 0.5, None),
        ([0.9, 0.5], [0, 1], 0.5, 0.5),
    ],
)
def test_a_threshold_is_the_lowest_that_is_precise_enough_and_cuts_no_equal_scores(
    scores: list[float], positive: list[int], precision: float, expected: float | None
) -> None:
    assert threshold_for(scores, np.array(positive, bool), precision) == expected


# The command.

DATA: dict[str, Any] = {"files": ["rows.jsonl"], "group": "site"}
CONFIG: dict[str, Any] = {
    "name": "tiny",
    "trained_on": "made-up words",
    "notes": "Of no use.",
    "good": "good",
    "languages": ["en"],
    "data": DATA,
    "model": {"groups": [{"unit": "words", "low": 1, "high": 1}], "activation": "softmax"},
    "penalty": 0.3,
    "precision": {"good": 0.9},
}


def made_rows(count: int = 120) -> list[dict[str, Any]]:
    draw = random.Random(0)
    parts = {"good": WORDS[:24], "bad": WORDS[16:40]}
    labels = list(parts) * (count // 2)
    return [
        {"label": label, "text": " ".join(draw.choices(parts[said], k=12)), "site": f"site{n % 30}"}
        for n, label in enumerate(labels)
        for said in (label if n % 15 else "good",)  # a few are said to be what they are not
    ]


def arguments(folder: Path, rows: list[dict[str, Any]], output: str = "out", **config: Any) -> list[str]:
    write_rows(folder, rows)
    (folder / "config.yaml").write_text(json.dumps({**CONFIG, **config}), encoding="utf-8")
    return [str(folder / "config.yaml"), "--output", str(folder / output)]


def test_the_command_trains_a_model_with_its_card(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(tmp_path, made_rows())) == 0
    measures = json.loads(capsys.readouterr().out)
    assert measures["examples"] == 120
    assert measures["accuracy"] > 0.9
    model = load_classifier(tmp_path / "out")
    assert model.info.labels == ["bad", "good"]
    assert (model.info.good, model.info.languages, model.info.licence) == ("good", ["en"], "Apache-2.0")
    scores = model.predict([" ".join(WORDS[:12]), " ".join(WORDS[28:40])])
    assert scores[0, 1] > 0.8
    assert scores[1, 0] > 0.8
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-5)
    limit = model.info.thresholds["good"]
    assert 0 < limit.value < 1
    assert "a precision of 0.9 on unseen examples" in limit.how
    texts = [row["text"] for row in made_rows()]
    assert 40 < (model.predict(texts)[:, 1] >= limit.value).sum() < 80
    card = (tmp_path / "out" / "card.md").read_text(encoding="utf-8")
    for said in (
        *("# tiny", "Of no use.", "- Kind: linear, 1 to 1 words of the text; ridge regression with penalty 0.3"),
        *("- Labels: bad, good; good is a high good", "- Languages: en", "- Licence of the weights: Apache-2.0"),
        *(f"made-up words (sha256 of these examples: `{model.info.training_digest}`)", "## Thresholds", "## Measured"),
        *(f"- `good` from {limit.value:g} on:", "120 of 120 examples", json.dumps(measures, indent=1)),
    ):
        assert said in card


def test_the_same_examples_train_the_same_bytes_and_others_others(tmp_path: Path) -> None:
    assert main(arguments(tmp_path, made_rows(), "first")) == 0
    assert main(arguments(tmp_path, made_rows(), "second")) == 0
    assert main(arguments(tmp_path, made_rows()[:-1], "third")) == 0
    first, second, third = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("first", "second", "third")
    )
    assert sorted(first) == ["card.md", "model.json", "weights.npz"]
    assert first == second
    assert all(first[name] != third[name] for name in first)


def test_what_is_not_measured_is_learnt_from_all_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{**row, "judged": n >= 40} for n, row in enumerate(made_rows())]
    data = {**CONFIG["data"], "measured": "judged"}
    assert main(arguments(tmp_path, rows, data=data)) == 0
    assert json.loads(capsys.readouterr().out)["examples"] == 80
    assert "80 of 120 examples" in (tmp_path / "out" / "card.md").read_text(encoding="utf-8")


def test_a_threshold_that_cannot_be_had_is_left_out(tmp_path: Path) -> None:
    draw = random.Random(1)
    rows = [{**row, "label": draw.choice(["good", "bad"])} for row in made_rows()]
    assert main(arguments(tmp_path, rows, precision={"good": 1.0, "bad": 0.01})) == 0
    assert set(load_classifier(tmp_path / "out").info.thresholds) <= {"bad", "good"}
    assert "bad" in load_classifier(tmp_path / "out").info.thresholds


def copied_rows() -> list[dict[str, Any]]:
    return [{**row, "site": f"copy {n}{row['site']}"} for row in made_rows(60) for n in range(2)]


@pytest.mark.parametrize(
    ("rows", "config", "message"),
    [
        (made_rows(20), {"penalty_": 1}, "penalty_"),
        (made_rows(20), {"model": {"group": []}}, "group"),
        (made_rows(20), {"model": {"groups": [{"units": "words"}]}}, "units"),
        (made_rows(20), {"data": {"files": ["rows.jsonl"], "traget": "label"}}, "traget"),
        (made_rows(20), {"penalty": 0}, "penalty"),
        (made_rows(20), {"precision": {"goood": 0.9}}, "'goood' is none of bad, good"),
        (made_rows(20), {"good": "best"}, "'best' is none of bad, good"),
        (made_rows(20), {"model": {"signals": ["n_wrods"]}}, "n_wrods"),
        (made_rows(20), {"model": {"ignored": ["two words"]}}, "two words"),
        (made_rows(20)[::2], {}, "the same value for good"),
        (copied_rows(), {}, "have near-duplicates in other folds, more than 1%"),
        (made_rows(20), {"data": {"files": ["none.jsonl"]}}, "does not exist"),
        ([{**row, "n": -1} for row in made_rows(20)], {"data": {**DATA, "weight": "n"}}, "a negative weight: -1"),
        ([{**row, "n": 0} for row in made_rows(20)], {"data": {**DATA, "weight": "n"}}, "nothing would be learnt"),
        ([{**row, "label": 1} for row in made_rows(20)], {"data": {**DATA, "kind": "labels"}}, "not 1"),
        ([{**row, "site": "a"} for row in made_rows(20)], {}, "of 1 groups are too few for folds"),
        (made_rows(20), {"data": {**DATA, "where": {"site": ["none"]}}}, "no row has the values of `where`"),
        ([{**row, "n": "maybe"} for row in made_rows(20)], {"data": {**DATA, "measured": "n"}}, "neither true nor"),
        ([{**row, "n": 0} for row in made_rows(20)], {"data": {**DATA, "measured": "n"}}, "nothing would be measured"),
    ],
)
def test_what_cannot_be_trained_is_said_with_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: list[dict[str, Any]], config: Any, message: str
) -> None:
    assert main(arguments(tmp_path, rows, **config)) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_configuration_that_is_no_yaml_or_not_there_is_said_with_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("{")
    assert main([str(tmp_path / "config.yaml"), "--output", str(tmp_path / "out")]) == 2
    assert main([str(tmp_path / "none.yaml"), "--output", str(tmp_path / "out")]) == 2


@pytest.mark.parametrize("start", [main, evaluate.main], ids=["train", "evaluate"])
@pytest.mark.parametrize(
    ("config", "message"),
    [
        (b"", "holds nothing, and a configuration has keys"),
        (b"- text\n", "holds a list, and a configuration has keys"),
        (b"name: m\xfchle\n", "is no YAML"),
    ],
)
def test_a_configuration_without_keys_is_said_with_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], start: Any, config: bytes, message: str
) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(config)
    model, output = (["topic"], []) if start is evaluate.main else ([], ["--output", str(tmp_path / "out")])
    assert start([*model, str(path), *output]) == 2
    assert message in capsys.readouterr().err


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(tmp_path, made_rows())) == 0
    before = (tmp_path / "out" / "weights.npz").read_bytes()
    assert main(arguments(tmp_path, made_rows()[:-1])) == 2
    assert "is there already: nothing is overwritten" in capsys.readouterr().err
    assert (tmp_path / "out" / "weights.npz").read_bytes() == before


def test_a_model_is_measured_on_measured_examples_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{**row, "judged": n >= 40} for n, row in enumerate(made_rows())]
    config, *output = arguments(tmp_path, rows, data={**CONFIG["data"], "measured": "judged"})
    assert main([config, *output]) == 0
    capsys.readouterr()
    assert evaluate.main([str(tmp_path / "out"), config, "--card"]) == 0
    assert json.loads(capsys.readouterr().out)["examples"] == 80
    assert "80 of 120 examples, sha256" in (tmp_path / "out" / "card.md").read_text(encoding="utf-8")


def test_measures_go_into_a_card_that_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, *output = arguments(tmp_path, made_rows())
    assert main([config, *output]) == 0
    (tmp_path / "out" / "card.md").unlink()
    assert evaluate.main([str(tmp_path / "out"), config, "--card"]) == 2
    assert "holds no card.md, into which --card would write" in capsys.readouterr().err
    assert evaluate.main(["dclm", config, "--card"]) == 2
    assert "dclm is a model of the registry, and no folder" in capsys.readouterr().err


def test_ngrams_have_lengths() -> None:
    with pytest.raises(ValidationError, match="low is above high"):
        NgramGroup(low=3, high=2)


def test_rows_of_other_values_are_left_out_and_so_is_null(tmp_path: Path) -> None:
    rows = [{**row, "lang": ("en", "de", None)[n % 3]} for n, row in enumerate(made_rows())]
    write_rows(tmp_path, rows)
    spec = ExamplesSpec.model_validate({**DATA, "where": {"lang": ["en"]}})
    assert len(read_examples(spec, tmp_path)) == 40


def test_a_text_that_holds_an_address_is_a_group_of_its_own_where_no_urls_are(tmp_path: Path) -> None:
    rows = [{"label": "ab"[n % 2], "text": f"See https://mill.test/{n} for more of {n}"} for n in range(6)]
    write_rows(tmp_path, rows)
    spec = ExamplesSpec.model_validate({**DATA, "group": None})
    assert len(set(read_examples(spec, tmp_path).groups)) == 6


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('label\ttext\ngood\t"unclosed\nbad\tmore\n', "cannot be read"),
        ("label\ttext\ngood\tone\ttoo many\n", "more fields than the header"),
    ],
)
def test_a_table_that_is_cut_badly_is_refused(tmp_path: Path, lines: str, message: str) -> None:
    (tmp_path / "rows.tsv").write_text(lines, encoding="utf-8")
    with pytest.raises(ExamplesError, match=message):
        read_examples(ExamplesSpec(files=("rows.tsv",)), tmp_path)


def test_a_field_may_be_long(tmp_path: Path) -> None:
    rows = "".join(f"{label}\t{'mill ' * 40_000}{n}\n" for n, label in enumerate(("good", "bad")))
    (tmp_path / "rows.tsv").write_text(f"label\ttext\n{rows}", encoding="utf-8")
    assert len(read_examples(ExamplesSpec(files=("rows.tsv",)), tmp_path)) == 2
