"""A model is fetched after its terms were shown, checked against what was shown, and never runs code unasked."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from classifiers.fetch import main
from classifiers.hub import registry
from classifiers.hub.entry import RegistryEntry
from classifiers.hub.registry import RegistryError, resolve
from tests.unit.classifiers.hub_server import COMMIT, Hub, serve_hub

FASTTEXT = (793_712_314).to_bytes(4, "little") + b"words and vectors"
WEIGHTS = b"\x10\0\0\0\0\0\0\0{}              "
ENCODER = {"config.json": b"{}", "tokenizer.json": b"{ }", "README.md": b"# card", "model.safetensors": WEIGHTS}
MODELS = {
    "org/fast": {"model.bin": FASTTEXT, "README.md": b"# card"},
    "org/pickled": {"config.json": b"{}", "pytorch_model.bin": b"\x80\x04pickle"},
    "org/both": {**ENCODER, "pytorch_model.bin": b"\x80\x04pickle", "modeling.py": b"print()", "onnx/a.onnx": b"o"},
    "org/disguised": {"model.bin": b"\x80\x04pickle"},
    "org/head": {"heads/a.ckpt": b"\x80\x04pickle"},
    "org/normalised": {"en.bin": FASTTEXT + b"2"},
    "org/tokens": {"tokenizer.json": b'{"model": {}}', "model.safetensors": b"large"},
}
SCORED = {"labels": {"good": 1.0}, "good": "high", "licence": "MIT"}
ENTRIES: dict[str, dict[str, object]] = {
    "fast": {**SCORED, "hub": "org/fast", "file": "*.bin", "kind": "fasttext", "teacher": "Llama 3"},
    "pickled": {**SCORED, "hub": "org/pickled", "kind": "encoder"},
    "both": {**SCORED, "hub": "org/both", "kind": "encoder", "unverified": ["labels"]},
    "disguised": {**SCORED, "hub": "org/disguised", "file": "model.bin", "kind": "fasttext"},
    "head": {**SCORED, "hub": "org/head", "file": "heads/a.ckpt", "kind": "embedding+head", "trust_remote_code": True},
    "checkpoint": {**SCORED, "hub": "org/head", "file": "heads/a.ckpt", "kind": "embedding+head"},
    "remote": {**SCORED, "hub": "org/both", "kind": "encoder", "trust_remote_code": True},
    "absent": {**SCORED, "hub": "org/absent", "kind": "encoder"},
    "misnamed": {**SCORED, "hub": "org/fast", "file": "other.bin", "kind": "fasttext"},
    "normalised": {
        **SCORED,
        "hub": "org/normalised",
        "file": "en.bin",
        "kind": "fasttext",
        "normaliser": "ultra-fineweb",
        "also": [{"hub": "org/tokens", "file": "tokenizer.json"}],
    },
}


@pytest.fixture(autouse=True)
def entries(monkeypatch: pytest.MonkeyPatch) -> None:
    known_names = {name: RegistryEntry.model_validate(fields) for name, fields in ENTRIES.items()}
    monkeypatch.setattr(registry, "registry", lambda: known_names)


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serve_hub(MODELS) as served:
        yield served


def fetch(hub: Hub, cache: Path, *arguments: str, answer: str = "y") -> int:
    return main([*arguments, "--endpoint", hub.url, "--cache", str(cache)], ask=lambda _: answer)


def test_size_hash_licence_and_teacher_are_shown_before_anything_is_downloaded(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetch(hub, tmp_path, "fast", answer="n") == 1
    shown = capsys.readouterr().out
    for said in (
        "21 bytes",
        hashlib.sha256(FASTTEXT).hexdigest(),
        "licence: MIT; the card says mit",
        "Llama 3",
        COMMIT,
    ):
        assert said in shown
    assert "\x1b" not in shown  # the hub clears the screen in the name of a licence
    assert hub.downloads() == []
    assert not list(tmp_path.iterdir())


def test_what_was_fetched_is_found_without_the_hub(hub: Hub, tmp_path: Path) -> None:
    assert fetch(hub, tmp_path, "fast") == 0
    asked = len(hub.asked)
    assert resolve("fast", tmp_path).read_bytes() == FASTTEXT
    assert resolve("fast", tmp_path) == tmp_path / "models--org--fast" / "snapshots" / COMMIT / "model.bin"
    assert (tmp_path / "models--org--fast" / "refs" / "main").read_text() == COMMIT
    assert len(hub.asked) == asked


def test_a_second_fetch_downloads_nothing_and_checks_again(hub: Hub, tmp_path: Path) -> None:
    fetch(hub, tmp_path, "fast", "--yes")
    assert fetch(hub, tmp_path, "fast", "--yes") == 0
    assert hub.downloads() == ["model.bin"]


@pytest.mark.parametrize("answer", ["", "n", "no", "never"])
def test_only_a_yes_is_a_yes(hub: Hub, tmp_path: Path, answer: str) -> None:
    assert fetch(hub, tmp_path, "fast", answer=answer) == 1
    assert hub.downloads() == []


def test_a_revision_is_fetched_and_resolved_by_its_name(hub: Hub, tmp_path: Path) -> None:
    assert fetch(hub, tmp_path, "fast", "--revision", "v2", "--yes") == 0
    assert resolve("fast@v2", tmp_path).read_bytes() == FASTTEXT
    with pytest.raises(RegistryError, match=r"python -m classifiers\.fetch fast$"):
        resolve("fast", tmp_path)


def test_safe_weights_are_fetched_and_neither_pickles_nor_python(hub: Hub, tmp_path: Path) -> None:
    assert fetch(hub, tmp_path, "both") == 0
    assert {path.name for path in resolve("both", tmp_path).iterdir()} == set(ENCODER)
    assert hub.downloads()[-1] == "model.safetensors"


def test_trusted_models_come_with_their_python_files(hub: Hub, tmp_path: Path) -> None:
    assert fetch(hub, tmp_path, "both", "--trust-remote-code", "both") == 0
    assert {path.name for path in resolve("both", tmp_path).iterdir()} == {*ENCODER, "modeling.py"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pickled", "pickles alone: pytorch_model.bin"),
        ("checkpoint", "from heads/a.ckpt, which can run any code"),
        ("remote", "does not work without Python files"),
    ],
)
def test_pickles_and_foreign_code_are_refused_before_anything_is_downloaded(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    assert fetch(hub, tmp_path, name, "--yes") == 1
    assert said in capsys.readouterr().err
    assert hub.downloads() == []


def test_trust_in_one_model_is_none_in_another(hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fetch(hub, tmp_path, "head", "--yes", "--trust-remote-code", "both") == 1
    assert "names both, and head" in capsys.readouterr().err
    assert fetch(hub, tmp_path, "head", "--yes", "--trust-remote-code", "head") == 0
    assert resolve("head", tmp_path).name == "a.ckpt"


def test_a_pickle_under_the_name_of_a_fasttext_model_is_removed(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetch(hub, tmp_path, "disguised", "--yes") == 1
    assert "may be a pickle; it was removed" in capsys.readouterr().err
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"pickle" in path.read_bytes()]


@pytest.mark.parametrize(("name", "file", "hashed"), [("fast", "model.bin", "sha256"), ("both", "config.json", "git")])
def test_a_file_that_changed_on_its_way_is_removed_and_the_model_not_found(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, file: str, hashed: str
) -> None:
    content = MODELS[f"org/{name}"][file]
    hub.sent[file] = content[:-1] + b"?"
    assert fetch(hub, tmp_path, name, "--yes") == 1
    assert f"{file} has {hashed}" in capsys.readouterr().err
    with pytest.raises(RegistryError):
        resolve(name, tmp_path)
    hub.sent.clear()
    assert fetch(hub, tmp_path, name, "--yes") == 0
    assert resolve(name, tmp_path).exists()


def test_a_hash_in_the_registry_binds_the_hub(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pinned = RegistryEntry.model_validate({**ENTRIES["fast"], "sha256": "0" * 64})
    monkeypatch.setattr(registry, "registry", lambda: {"fast": pinned})
    assert fetch(hub, tmp_path, "fast", "--yes") == 1
    assert f"the registry says {'0' * 64}" in capsys.readouterr().err


def test_what_a_normaliser_needs_is_fetched_too_and_of_it_nothing_else(hub: Hub, tmp_path: Path) -> None:
    assert fetch(hub, tmp_path, "normalised", "--yes") == 0
    assert sorted(hub.downloads()) == ["en.bin", "tokenizer.json"]
    model, tokens = registry.resolve_parts("normalised", cache=tmp_path)
    assert (model.name, tokens.name) == ("en.bin", "tokenizer.json")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("absent", "tells nothing of org/absent at main"),
        ("misnamed", "has no file other.bin; it has README.md, model.bin"),
        ("fasd", "did you mean 'fast'"),
    ],
)
def test_errors_say_what_there_is_instead(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    assert fetch(hub, tmp_path, name, "--yes") == 1
    assert said in capsys.readouterr().err


def test_another_hub_is_sent_no_token(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert fetch(hub, tmp_path, "fast", "--yes") == 0
    assert hub.headers
    assert not [headers for headers in hub.headers if "secret" in str(headers)]


def test_what_is_likely_and_not_read_is_shown(hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fetch(hub, tmp_path, "both", answer="n")
    assert "not read from the model: labels" in capsys.readouterr().out
