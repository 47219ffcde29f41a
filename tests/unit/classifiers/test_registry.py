"""The registry says what its models are, refuses what makes no sense, and finds their files without a network."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest
import yaml

from classifiers.hub.registry import RegistryError, entry_of, read_registry, registry, resolve, resolve_parts
from classifiers.model_files.hub_cache import hub_cache

COMMIT = "0123456789" * 4
ENTRY: dict[str, Any] = {
    "hub": "org/name",
    "kind": "encoder",
    "labels": {"High": 2.0, "Low": 0.0},
    "good": "high",
    "licence": "MIT",
}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the registry asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def read(**fields: object) -> None:
    read_registry(yaml.safe_dump({"mine": {**ENTRY, **fields}}))


def put(cache: Path, hub: str, files: dict[str, str], ref: str | None = "main") -> Path:
    """Lay a model into a cache as huggingface_hub does."""
    folder = cache / ("models--" + hub.replace("/", "--"))
    for name, content in files.items():
        blob = folder / "blobs" / f"blob-{name.replace('/', '-')}"
        link = folder / "snapshots" / COMMIT / name
        blob.parent.mkdir(parents=True, exist_ok=True)
        link.parent.mkdir(parents=True, exist_ok=True)
        blob.write_text(content)
        link.symlink_to(blob)
    if ref is not None:
        (folder / "refs").mkdir()
        (folder / "refs" / ref).write_text(COMMIT)
    return folder / "snapshots" / COMMIT


def test_the_shipped_registry_has_the_models_that_the_field_uses() -> None:
    assert len(registry()) > 50
    assert {entry.kind for entry in registry().values()} == {"fasttext", "encoder", "embedding+head", "generative"}


def test_no_hash_is_invented() -> None:
    assert [name for name, entry in registry().items() if entry.revision or entry.sha256] == []


@pytest.mark.parametrize(
    ("name", "label", "weight", "good"),
    [
        ("dclm", "__label__hq", 1.0, "high"),
        ("ultrafineweb-en", "__label__neg", 1.0, "low"),
        ("nvidia-quality", "High", 2.0, "high"),
        ("granite-hap-38m", "LABEL_1", 1.0, "low"),
    ],
)
def test_a_label_is_known_by_its_name_and_the_good_end_is_said(name: str, label: str, weight: float, good: str) -> None:
    entry = entry_of(name)
    assert entry.labels[label] == weight == max(entry.labels.values())
    assert entry.good == good


def test_groups_of_people_that_a_page_mentions_are_no_toxicity() -> None:
    for name in ("toxic-unbiased", "toxic-multilingual"):
        assert not {"male", "female", "muslim", "black", "homosexual_gay_or_lesbian"} & set(entry_of(name).labels)


def test_a_regression_is_never_put_through_a_sigmoid() -> None:
    regressions = [entry for entry in registry().values() if entry.head == "regression"]
    assert len(regressions) > 5
    assert {entry.activation for entry in regressions} == {"none"}


def test_models_that_need_a_tokenizer_or_an_encoder_name_it() -> None:
    assert [(part.hub, part.file) for part in entry_of("ultrafineweb-en").parts[1:]] == [
        ("deepseek-ai/DeepSeek-V2", "tokenizer.json")
    ]
    assert entry_of("jql-gemma").parts[1].hub == "Snowflake/snowflake-arctic-embed-m-v2.0"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"windw": "head"}, "no key 'windw'; did you mean 'window'"),
        ({"good": None}, "one end of it must be good"),
        ({"labels": {}}, "one end of it must be good"),
        ({"head": "regression", "activation": "sigmoid"}, "its activation is none"),
        ({"rounding": {"low": 0, "high": 5}}, "grades are of regressions"),
        ({"window": "chunks"}, "scores are aggregated"),
        ({"aggregate": "max"}, "scores are aggregated"),
        ({"normaliser": "ultra-fineweb"}, "must name a tokenizer.json"),
        ({"kind": "fasttext"}, "one file: name it"),
        ({"input": "{title} {text}"}, "nothing else is known"),
        ({"input": "{url}"}, "shows {text}"),
        ({"head": "hinge"}, "head: "),
        ({"hub": "no-organisation"}, "hub: "),
        ({"sha256": "abc"}, "sha256: "),
        ({"unverified": ["colour"]}, "an entry has no colour"),
        ({"also": [{"hub": "a/b", "fil": "c"}]}, "no key 'also.0.fil'; did you mean 'file'"),
    ],
)
def test_entries_that_make_no_sense_are_refused(fields: dict[str, object], said: str) -> None:
    read()
    with pytest.raises(RegistryError) as caught:
        read(**fields)
    assert "the entry 'mine'" in str(caught.value)
    assert said in str(caught.value)


def test_a_name_that_is_misspelt_gets_the_nearest() -> None:
    with pytest.raises(RegistryError, match="did you mean 'fineweb-edu'"):
        resolve("fineweb_edu")


def test_a_path_is_itself(tmp_path: Path) -> None:
    assert resolve(str(tmp_path)) == tmp_path
    with pytest.raises(RegistryError, match="no file or folder"):
        resolve(str(tmp_path / "absent"))


def test_a_name_goes_before_a_folder_of_the_same_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dclm").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RegistryError, match="nothing is downloaded unasked"):
        resolve("dclm", tmp_path)


def test_a_model_of_one_file_is_that_file(tmp_path: Path) -> None:
    file = entry_of("dclm").file
    assert file is not None
    files = put(tmp_path, "mlfoundations/fasttext-oh-eli5", {file: "words", "README.md": "card"})
    assert resolve("dclm", tmp_path) == files / file


def test_a_file_that_is_known_by_a_pattern_must_be_the_only_one(tmp_path: Path) -> None:
    files = put(
        tmp_path, "mlfoundations/dclm-fasttext-variants", {"wiki_vs_rw_v2_a.bin": "a", "owt2_vs_rw_v2.bin": "o"}
    )
    assert resolve("dclm-wiki", tmp_path) == files / "wiki_vs_rw_v2_a.bin"
    (files / "wiki_vs_rw_v2_b.bin").write_text("b")
    with pytest.raises(RegistryError, match="no single file wiki_vs_rw_v2_"):
        resolve("dclm-wiki", tmp_path)


def test_a_pattern_means_in_the_cache_what_it_means_on_the_hub(tmp_path: Path) -> None:
    files = put(tmp_path, "ibm-granite/GneissWeb.Quality_annotator", {"models/quality.bin": "w", "config.json": "{}"})
    assert resolve("gneiss-quality", tmp_path) == files / "models" / "quality.bin"


def test_what_is_not_here_is_not_fetched_and_the_command_is_said(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"python -m classifiers\.fetch dclm$"):
        resolve("dclm", tmp_path)
    with pytest.raises(RegistryError, match=r"python -m classifiers\.fetch dclm --revision v9$"):
        resolve("dclm@v9", tmp_path)


@pytest.mark.parametrize(
    ("files", "lacks"),
    [
        ({"model.safetensors": ""}, "config.json"),
        ({"config.json": "{}"}, "weights"),
        ({"config.json": "{}", "pytorch_model.bin": ""}, "weights"),
        (
            {
                "config.json": "{}",
                "model-1.safetensors": "",
                "model.safetensors.index.json": json.dumps(
                    {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
                ),
            },
            "model-2.safetensors",
        ),
    ],
)
def test_an_encoder_that_is_not_whole_is_not_there(tmp_path: Path, files: dict[str, str], lacks: str) -> None:
    put(tmp_path, "HuggingFaceFW/fineweb-edu-classifier", files)
    with pytest.raises(RegistryError, match=f"has no {lacks}"):
        resolve("fineweb-edu", tmp_path)


def test_an_encoder_is_its_folder(tmp_path: Path) -> None:
    files = put(tmp_path, "HuggingFaceFW/fineweb-edu-classifier", {"config.json": "{}", "model.safetensors": ""})
    assert resolve("fineweb-edu", tmp_path) == files


def test_a_tokenizer_that_is_missing_is_missed(tmp_path: Path) -> None:
    files = put(tmp_path, "openbmb/Ultra-FineWeb-classifier", {"classifiers/ultra_fineweb_en.bin": "w"})
    with pytest.raises(RegistryError, match="DeepSeek-V2"):
        resolve_parts("ultrafineweb-en", cache=tmp_path)
    tokens = put(tmp_path, "deepseek-ai/DeepSeek-V2", {"tokenizer.json": "{}"})
    assert resolve_parts("ultrafineweb-en", cache=tmp_path) == [
        files / "classifiers" / "ultra_fineweb_en.bin",
        tokens / "tokenizer.json",
    ]


@pytest.mark.parametrize(("name", "ref"), [(f"dclm@{COMMIT}", None), ("dclm@v2", "v2")])
def test_a_revision_is_a_commit_or_a_name_of_one(tmp_path: Path, name: str, ref: str | None) -> None:
    file = entry_of("dclm").file
    assert file is not None
    put(tmp_path, "mlfoundations/fasttext-oh-eli5", {file: "words"}, ref)
    assert resolve(name, tmp_path).read_text() == "words"
    with pytest.raises(RegistryError):
        resolve("dclm", tmp_path)


def test_a_reference_that_is_no_commit_leads_nowhere(tmp_path: Path) -> None:
    file = entry_of("dclm").file
    assert file is not None
    put(tmp_path, "mlfoundations/fasttext-oh-eli5", {file: "words"})
    (tmp_path / "models--mlfoundations--fasttext-oh-eli5" / "refs" / "main").write_text("../../..")
    with pytest.raises(RegistryError):
        resolve("dclm", tmp_path)


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"HF_HUB_CACHE": "/a", "HF_HOME": "/b"}, "/a"),
        ({"HF_HOME": "/b"}, "/b/hub"),
        ({"XDG_CACHE_HOME": "/c"}, "/c/huggingface/hub"),
        ({"HOME": "/d"}, "/d/.cache/huggingface/hub"),
        ({"HF_HOME": "$PLACE/e", "PLACE": "/x"}, "/x/e/hub"),
    ],
)
def test_the_cache_lies_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], folder: str
) -> None:
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert hub_cache() == Path(folder)
