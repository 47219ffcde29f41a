"""Models of the registry by name: one score, the higher the better, whatever their outputs' order and scale."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from classifiers.encoders.backends import OnnxBackend
from classifiers.encoders.dense_head import Layer, save_head
from classifiers.encoders.tokens import WindowTokenizer
from classifiers.fasttext_files.mapped import MappedFastText
from classifiers.hub.names import short_name
from classifiers.hub.registered import is_probability
from classifiers.hub.registry import entry_of, registry
from classifiers.load import describe, identity_of, load_classifier, speaks_against
from classifiers.model_folder import ModelError
from pipeline.engine.tables import NO_TABLES
from pipeline.errors import ConfigError
from pipeline.stages.safety import SafetyParams, ToxicityParams, score_toxicity
from tests.unit.classifiers.encoder_models import TEXTS, TINY
from tests.unit.classifiers.fasttext_models import LINES
from tests.unit.classifiers.hub_models import COMMIT, put_encoder, put_fasttext, put_files
from tests.unit.classifiers.test_fasttext_model import byte_tokenizer

DCLM = "mlfoundations/fasttext-oh-eli5"
DCLM_FILE = "openhermes_reddit_eli5_vs_rw_v2_bigram_200k_train.bin"
ULTRA = "openbmb/Ultra-FineWeb-classifier"
EDU = "HuggingFaceFW/fineweb-edu-classifier"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "hub"


@pytest.fixture
def change(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Change an entry for the test: the tiny encoder has no room for 512 tokens."""

    def changed(name: str, **fields: Any) -> None:
        monkeypatch.setitem(registry(), name, entry_of(name).model_copy(update=fields))

    return changed


def logits(texts: list[str], window: Any = "head", size: int = 32) -> Any:
    windows = WindowTokenizer(TINY / "tokenizer.json", size, window, 1000).windows(texts)
    return [OnnxBackend(TINY / "model.onnx", "model").rows(some).astype(np.float64) for some in windows]


def softmax(rows: Any) -> Any:
    powers = np.exp(rows)
    return powers / powers.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("labels", [("hq", "cc"), ("cc", "hq")])
def test_a_label_is_found_by_its_name_whatever_its_number(cache: Path, labels: tuple[str, ...]) -> None:
    path = put_fasttext(cache, DCLM, DCLM_FILE, labels)
    model, file = load_classifier("dclm"), MappedFastText(path)
    expected = file.probabilities(LINES)[:, file.labels.index("__label__hq")]
    np.testing.assert_allclose(model.predict(LINES)[:, 0], expected, atol=1e-5)
    np.testing.assert_array_equal(model.predict(["ball\nben"]), model.predict(["ball ben"]))
    assert (model.info.labels, model.info.good, model.info.languages) == (["score"], "score", ["en"])
    assert np.ptp(expected) > 0.1
    assert model.predict([]).shape == (0, 1)


def test_a_large_file_is_mapped(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifiers.fasttext_files.model._LARGE", 0)
    put_fasttext(cache, DCLM, DCLM_FILE, ("hq", "cc"))
    load_classifier("dclm")
    assert (cache.parent / "cache" / "gristmill" / "fasttext").exists()


def test_labels_that_are_scores_make_their_expectation(cache: Path) -> None:
    path = put_fasttext(cache, "nvidia/nemotron-climb-fasttext-classifiers", "best_model_quality.bin", tuple("503142"))
    file = MappedFastText(path)
    weights = [float(label.removeprefix("__label__")) for label in file.labels]
    expected = file.probabilities(LINES) @ np.array(weights)
    np.testing.assert_allclose(load_classifier("climb-quality").predict(LINES)[:, 0], expected, atol=1e-4)
    assert expected.max() > 1


def test_ultra_fineweb_reads_tokens_and_its_score_is_turned_round(cache: Path) -> None:
    path = put_fasttext(cache, ULTRA, "classifiers/ultra_fineweb_en.bin", ("pos", "neg"))
    byte_tokenizer(put_files(cache, "deepseek-ai/DeepSeek-V2") / "tokenizer.json")
    file = MappedFastText(path)
    bad = file.probabilities(["b a l l", "ball"])[:, file.labels.index("__label__neg")]
    scores = load_classifier("ultrafineweb-en").predict(["BALL"])
    np.testing.assert_allclose(scores[0, 0], 1 - bad[0], atol=1e-5)
    assert abs(bad[0] - bad[1]) > 0.001


def test_the_first_output_may_be_the_best_one_as_high_is_0(cache: Path, change: Any) -> None:
    change("nvidia-quality", adapter=None, max_tokens=32)
    put_encoder(cache, "nvidia/quality-classifier-deberta", ["High", "Medium", "Low"])
    expected = softmax(np.concatenate(logits(TEXTS))) @ [2, 1, 0]
    np.testing.assert_allclose(load_classifier("nvidia-quality").predict(TEXTS)[:, 0], expected, atol=4e-6)


def test_a_regression_is_rounded_to_its_grades(cache: Path, change: Any) -> None:
    change("fineweb-edu", max_tokens=32, labels={"LABEL_0": 10.0})
    put_encoder(cache, EDU, ["a", "LABEL_0", "b"])
    grades = load_classifier("fineweb-edu").predict(TEXTS)[:, 0]
    assert grades.tolist() == np.round(np.clip(10 * np.concatenate(logits(TEXTS))[:, 1], 0, 5)).tolist()
    assert len(set(grades.tolist())) > 1


def test_a_model_of_the_first_tokens_sees_these_and_no_more(cache: Path, change: Any) -> None:
    change("fineweb-edu", max_tokens=32, rounding=None)
    put_encoder(cache, EDU, ["LABEL_0", "a", "b"])
    model = load_classifier("fineweb-edu")
    start = " ".join(f"mill{number}" for number in range(40))
    np.testing.assert_array_equal(model.predict([start + " grain"]), model.predict([start + " buy now!!! " * 20]))
    assert np.abs(model.predict([start]) - model.predict(["x" + start])).max() > 1e-4


def test_an_only_output_goes_by_any_name(cache: Path, change: Any) -> None:
    change("fineweb-edu", max_tokens=32)
    put_encoder(cache, EDU, ["educational"])
    assert describe("fineweb-edu").labels == ["score"]
    put_encoder(cache, "HuggingFaceTB/finemath-classifier", ["a", "b", "c"])
    with pytest.raises(ModelError, match=r"finemath: .* has no output called LABEL_0: it has a, b, c"):
        describe("finemath")


def test_toxicity_is_the_worst_of_its_outputs_and_speaks_against_a_text(cache: Path, change: Any) -> None:
    change("toxic-bert", labels={"toxic": 1.0, "insult": 1.0}, max_tokens=32)
    put_encoder(cache, "unitary/toxic-bert", ["insult", "mentions", "toxic"])
    worst = (1 / (1 + np.exp(-np.concatenate(logits(TEXTS)))))[:, [0, 2]].max(axis=1)
    np.testing.assert_allclose(load_classifier("toxic-bert").predict(TEXTS)[:, 0], 1 - worst, atol=4e-6)


def test_a_registered_model_of_toxicity_scores_pages_for_safety(cache: Path, change: Any) -> None:
    change("toxic-bert", labels={"toxic": 1.0, "insult": 1.0}, max_tokens=32)
    put_encoder(cache, "unitary/toxic-bert", ["insult", "mentions", "toxic"])
    params = SafetyParams(toxicity_model="toxic-bert", dirty_words=None).resolved()
    assert params.toxicity_digest is not None
    batch = pa.record_batch({"text": [TEXTS[1], TEXTS[3]], "language": ["en", "de"]})
    (scored,) = score_toxicity(iter([batch]), ToxicityParams(toxicity_model="toxic-bert"), NO_TABLES)
    worst = (1 / (1 + np.exp(-logits(TEXTS[1:2])[0])))[0, [0, 2]].max()
    assert scored.column("toxicity_score").to_pylist() == [pytest.approx(worst, abs=4e-6), None]


def test_a_score_that_speaks_for_a_text_or_is_a_grade_is_no_toxicity(cache: Path) -> None:
    assert [name for name in registry() if speaks_against(name) and not is_probability(entry_of(name))] == []
    assert not speaks_against("celadon")
    put_fasttext(cache, DCLM, DCLM_FILE, ("hq", "cc"))
    with pytest.raises(ConfigError, match=r"safety\.toxicity_model: dclm has no label 'toxicity', and is none of"):
        SafetyParams(toxicity_model="dclm", dirty_words=None).resolved()


def test_folders_of_the_cache_are_looked_through_once_a_process(
    cache: Path, change: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    change("toxic-bert", labels={"toxic": 1.0}, max_tokens=32)
    put_encoder(cache, "unitary/toxic-bert", ["insult", "mentions", "toxic"])
    first = load_classifier("toxic-bert")
    monkeypatch.setattr(Path, "rglob", lambda *_: pytest.fail("looked through"))
    assert load_classifier("toxic-bert") is first


def test_all_chunks_count(cache: Path, change: Any) -> None:
    change("granite-hap-38m", max_tokens=12, labels={"LABEL_2": 1.0})
    files = put_encoder(cache, "ibm-granite/granite-guardian-hap-38m", ["LABEL_0", "LABEL_1", "LABEL_2"])
    text = " ".join(f"mill {number}" for number in range(60))
    (windows,) = logits([text], "chunks", 12)
    assert len(windows) > 8
    score = load_classifier("granite-hap-38m").predict([text])[0, 0]
    np.testing.assert_allclose(score, 1 - softmax(windows)[:, 2].max(), atol=4e-6)
    (files / "config.json").write_text("{}")
    with pytest.raises(ModelError, match=r"no output called LABEL_2: it has LABEL_0, LABEL_1$"):
        describe("granite-hap-38m")


def test_of_a_long_text_both_ends_are_read(cache: Path, change: Any) -> None:
    change("finepdfs-edu-en", max_tokens=12, max_chars=100, rounding=None)
    put_encoder(cache, "HuggingFaceFW/finepdfs_edu_classifier_v2_eng_Latn", ["LABEL_0", "b", "c"])
    texts = ["The mill grinds. " * 9 + "Buy now!!! " * 20, "short"]
    scores = load_classifier("finepdfs-edu-en").predict(texts)[:, 0]
    ends = np.concatenate([*logits([texts[0][:100]], "head", 12), *logits([texts[0][-100:]], "tail", 12)])[:, 0]
    np.testing.assert_allclose(scores, [ends.max(), logits(["short"])[0][0, 0]], atol=4e-6)
    assert abs(ends[0] - ends[1]) > 1e-4


def test_topics_are_taken_as_they_are(cache: Path) -> None:
    hub = "allenai/dolma3-fasttext-weborganizer-topic-classifier"
    file = MappedFastText(put_fasttext(cache, hub, "model.bin", ("food", "art", "law")))
    model = load_classifier("dolma3-topic")
    assert sorted(model.info.labels) == ["art", "food", "law"]
    assert model.info.good is None
    columns = [file.labels.index(f"__label__{label}") for label in model.info.labels]
    np.testing.assert_allclose(model.predict(LINES), file.probabilities(LINES)[:, columns], atol=1e-5)


def test_a_head_on_sentence_vectors_is_read_where_the_entry_says_enough(cache: Path, change: Any) -> None:
    parts = [part.model_copy(update={"hub": "org/vectors"}) for part in entry_of("jql-gemma").also]
    change("jql-gemma", adapter=None, file="head.npz", also=parts, max_tokens=32, pool="mean")
    head = Layer(np.linspace(-3, 3, 16, dtype=np.float32)[:, None], np.array([2], np.float32))
    save_head(put_files(cache, "JQL-AI/JQL-Edu-Heads") / "head.npz", [head])
    files = put_encoder(cache, "org/vectors", ["a"], "model.onnx")
    (files / "model.onnx").write_bytes((TINY / "vectors.onnx").read_bytes())
    windows = WindowTokenizer(TINY / "tokenizer.json", 32, "head", 1).windows(TEXTS)
    vectors = OnnxBackend(TINY / "vectors.onnx", "mean").rows([some[0] for some in windows]).astype(np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    expected = np.round(np.clip(vectors @ head.weights[:, 0] + 2, 0, 5))
    assert load_classifier("jql-gemma").predict(TEXTS)[:, 0].tolist() == expected.tolist()
    assert len(set(expected.tolist())) > 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("propella-4b", "propella-4b is a generative model.*as a table"),
        ("qurater", "qurater needs the adapter 'qurater', which is not there yet"),
        ("finerweb", "finerweb needs the adapter 'lines'"),
        ("dclm", r"python -m classifiers\.fetch dclm$"),
        ("fineweb-eduu", "no model 'fineweb-eduu': did you mean fineweb-edu"),
        ("qualiti", "did you mean quality"),
        ("dclmm@main", "did you mean dclm"),
    ],
)
def test_what_cannot_be_loaded_is_said_by_name(cache: Path, name: str, said: str) -> None:
    for hub in ("ellamind/propella-1-4b", "princeton-nlp/QuRater-1.3B", "TurkuNLP/finerweb-quality-classifier"):
        put_encoder(cache, hub, ["a"])
    for ask in (load_classifier, describe, identity_of):
        with pytest.raises(ModelError, match=said):
            ask(name)


def test_weights_for_torch_alone_say_what_to_do_without_it(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    files = put_encoder(cache, EDU, ["LABEL_0"])
    (files / "onnx" / "model.onnx").unlink()
    with pytest.raises(ModelError, match="has no weights"):
        describe("fineweb-edu")
    (files / "model.safetensors").write_bytes(b"weights")
    with pytest.raises(ModelError, match=r"fineweb-edu has weights for torch alone.*classifiers\.export_onnx"):
        load_classifier("fineweb-edu")
    (files / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"has no tokenizer\.json"):
        load_classifier("fineweb-edu")
    put_encoder(cache, "nvidia/quality-classifier-deberta", ["High", "Medium", "Low"])
    with pytest.raises(ModelError, match="has no weights"):
        load_classifier("nvidia-quality")


def test_a_revision_and_a_place_in_a_cache_mean_that_snapshot(cache: Path) -> None:
    path = put_fasttext(cache, DCLM, DCLM_FILE, ("hq", "cc"))
    other = put_files(cache, DCLM, "f" * 40, "v2") / DCLM_FILE
    other.write_bytes(path.read_bytes())
    scores = load_classifier("dclm").predict(LINES)
    for name in (f"dclm@{COMMIT}", str(path), str(path.parent), str(cache / "models--mlfoundations--fasttext-oh-eli5")):
        assert load_classifier(name).info.name == "dclm"
        np.testing.assert_array_equal(load_classifier(name).predict(LINES), scores)
        assert short_name(name) == "dclm"
    assert identity_of(f"dclm@{COMMIT}")["commits"] == [COMMIT]
    assert identity_of("dclm@v2")["commits"] == ["f" * 40]
    with pytest.raises(ModelError, match="--revision v3"):
        load_classifier("dclm@v3")


def test_a_place_that_may_be_several_models_must_be_named(cache: Path) -> None:
    file = put_fasttext(cache, ULTRA, "classifiers/ultra_fineweb_en.bin", ("pos", "neg"))
    with pytest.raises(ModelError, match="may be ultrafineweb-en, ultrafineweb-zh: name one"):
        load_classifier(str(file.parents[1]))
    assert short_name(str(file)) == "ultrafineweb_en"
    with pytest.raises(ModelError, match="no model org/unheard-of"):
        load_classifier(str(put_files(cache, "org/unheard-of")))


def test_a_model_is_known_by_its_entry_commit_and_files(cache: Path, change: Any) -> None:
    path = put_fasttext(cache, DCLM, DCLM_FILE, ("hq", "cc"))
    first = identity_of("dclm")
    assert first == identity_of("dclm")
    change("dclm", notes="another word")
    assert identity_of("dclm") == first
    change("dclm", good="low")
    assert identity_of("dclm") != first
    change("dclm", good="high")
    path.write_bytes(path.read_bytes() + b"x")
    assert identity_of("dclm")["files"] != first["files"]
    change("dclm", sha256="0" * 64)
    with pytest.raises(ModelError, match=f"not say|the registry says {'0' * 64}"):
        load_classifier("dclm")


def test_a_file_is_hashed_once_a_process(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[Path] = []

    def counted(path: Path) -> str:
        hashed.append(path)
        return "0" * 64

    monkeypatch.setattr("classifiers.model_folder.sha256_of", counted)
    put_fasttext(cache, DCLM, DCLM_FILE, ("hq", "cc"))
    for _ in range(3):
        identity_of("dclm")
        load_classifier("dclm").predict(LINES)
    assert len(hashed) == 1


def test_which_scores_are_probabilities() -> None:
    turned = {name: is_probability(entry) for name, entry in registry().items() if entry.good == "low"}
    assert [name for name, is_one in turned.items() if not is_one] == ["celadon"]
    assert not is_probability(entry_of("climb-quality"))


def test_names_of_columns() -> None:
    assert json.dumps([short_name(name) for name in ("dclm@main", "a/b.c-d/", "m/x.yml")]) == '["dclm", "b_c_d", "x"]'
