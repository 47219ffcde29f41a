"""Where the cache of a model hub lies and what it holds, in the layout that huggingface_hub writes; nothing is fetched.

A model `org/name` lies in `models--org--name`: `refs/main` holds the commit that a branch was at, and
`snapshots/<commit>/` its files, as links to `blobs/`.
"""

import json
import os
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

COMMIT: Final = re.compile(r"[0-9a-f]{40}")
"""What the name of a commit looks like, as opposed to that of a branch or a tag."""
DEFAULT_REVISION: Final = "main"
_INDEX: Final = "model.safetensors.index.json"
_WEIGHTS: Final = (".safetensors", ".onnx")


def hub_cache(cache: Path | None = None) -> Path:
    """Return the folder of the cache: the one given, or what the variables HF_HUB_CACHE and HF_HOME say.

    >>> hub_cache(Path("models"))
    PosixPath('models')
    """
    if cache is not None:
        return cache
    for variable, inside in (("HF_HUB_CACHE", ""), ("HUGGINGFACE_HUB_CACHE", ""), ("HF_HOME", "hub")):
        if folder := os.environ.get(variable):
            return Path(os.path.expandvars(folder)).expanduser() / inside
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "huggingface" / "hub"


def model_folder(hub: str, cache: Path) -> Path:
    """Return where a model of the hub lies, if it does.

    >>> model_folder("org/name", Path("models")).as_posix()
    'models/models--org--name'
    """
    return cache / "--".join(("models", *hub.split("/")))


def snapshot(hub: str, revision: str | None, cache: Path) -> Path | None:
    """Return the folder with a model's files, or None where that revision is not in the cache.

    Args:
        hub: `org/name`.
        revision: A commit, a branch or a tag; None for the branch `main`.
        cache: The folder of the cache.
    """
    folder = model_folder(hub, cache)
    commit = revision or DEFAULT_REVISION
    if not COMMIT.fullmatch(commit):
        try:
            commit = (folder / "refs" / commit).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None
        if not COMMIT.fullmatch(commit):
            return None
    files = folder / "snapshots" / commit
    return files if files.is_dir() else None


def one_file(files: Path, pattern: str) -> Path | None:
    """Return the only file of a snapshot whose name fits, or None where none or several do.

    Args:
        files: The snapshot's folder.
        pattern: A path inside it; `*` stands for any letters, `/` among them, as when it was chosen on the hub.
    """
    fitting = [
        path for path in files.rglob("*") if path.is_file() and fnmatchcase(path.relative_to(files).as_posix(), pattern)
    ]
    return fitting[0] if len(fitting) == 1 else None


def lacking(files: Path) -> str | None:
    """Return what a folder lacks to be an encoder that can be loaded, or None where it has all.

    A download that was broken off leaves a folder in which some files are missing.
    """
    if not (files / "config.json").is_file():
        return "config.json"
    names = {path.name for path in files.rglob("*") if path.is_file()}
    if _INDEX in names:
        try:
            shards = set(json.loads(next(files.rglob(_INDEX)).read_bytes())["weight_map"].values())
        except (ValueError, KeyError):
            return _INDEX
        return min(shards - names, default=None)
    return None if any(name.endswith(_WEIGHTS) for name in names) else "weights (.safetensors or .onnx)"
