"""Where a file or a folder that a model names lies: in its folder, elsewhere on the machine, or in a hub's cache.

A backbone of 400 MB, or a public model of 4 GB, need not be copied into each folder that builds upon it.
"""

import re
from pathlib import Path
from typing import Final

from classifiers.model_files.hub_cache import hub_cache, snapshot
from classifiers.model_folder import ModelError, ModelInfo, digest_of

_HUB: Final = re.compile(r"[\w.-]+/[\w.-]+")


def located(folder: Path, name: str, revision: str | None = None) -> Path:
    """Return where something lies; nothing is downloaded.

    Args:
        folder: Of the model; a relative path is looked up there first.
        name: A path; or `org/name`, a model of the hub, which must be in its cache.
        revision: Of that model: a commit, a branch or a tag.

    Raises:
        ModelError: It is not there.
    """
    for path in (folder / name, Path(name).expanduser()):
        if path.exists():
            return path
    if _HUB.fullmatch(name):
        cache = hub_cache()
        files = snapshot(name, revision, cache)
        if files is not None:
            return files
        raise ModelError(
            f"{folder} needs {name}, which is no path, and no model in {cache}: nothing is downloaded here"
        )
    raise ModelError(f"{folder} needs {name}, which is not there")


def checked(folder: Path, info: ModelInfo, path: Path, digest: str | None) -> Path:
    """Return a file whose hash is right; that of one in the model's folder has been looked at already.

    Args:
        folder: Of the model.
        info: What it is.
        path: A file.
        digest: Its sha256; None where the description has it.

    Raises:
        ModelError: It is another file, or none says which it should be.
    """
    inside = path.is_relative_to(folder) and path.relative_to(folder).as_posix() in info.files
    if digest is None and not inside:
        raise ModelError(f"{folder} does not say which sha256 {path} has: another file would score otherwise")
    if digest is not None and (actual := digest_of(path)) != digest:
        raise ModelError(f"{path} has sha256 {actual}, not {digest}: its scores would be others")
    return path
