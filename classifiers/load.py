"""Any model by its name or its folder: those that come with the package, one's own, and those of the registry."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from classifiers.embedding_head import load_embedding_head
from classifiers.encoder import load_encoder_model
from classifiers.fasttext_model import load_fasttext
from classifiers.linear import load_linear
from classifiers.model_folder import INFO, Kind, ModelError, ModelInfo, read_info
from classifiers.protocol import Classifier
from classifiers.registered import describe_registered, identity_of_registered, load_registered
from classifiers.registry import registry
from classifiers.registry_names import Registered, registered

_LOADERS: Final[dict[Kind, Callable[[Path], Classifier]]] = {
    "linear": load_linear,
    "fasttext": load_fasttext,
    "encoder": load_encoder_model,
    "embedding+head": load_embedding_head,
}


def load_classifier(name: str | Path) -> Classifier:
    """Load a model, once a process.

    Args:
        name: Of a model that comes with the package; the path of a model's folder; or a model of the registry that is
            in the hub's cache: `name`, `name@revision`, or where it lies in a cache.

    Raises:
        ModelError: There is none; the message has the name that is nearest. Or it is not what it says it is.
    """
    if (public := _public(name)) is not None:
        return load_registered(public)
    folder = model_path(name).resolve()
    return _loaded(folder, (folder / INFO).stat().st_mtime_ns)


def describe(name: str | Path) -> ModelInfo:
    """Return what a model is, with its files checked, as far as can be without loading it.

    Raises:
        ModelError: As for `load_classifier`.
    """
    public = _public(name)
    return read_info(model_path(name)) if public is None else describe_registered(public)


def identity_of(name: str | Path) -> dict[str, Any]:
    """Return all that a model's scores depend on, as JSON values: what it is, and the hashes of its files.

    Raises:
        ModelError: As for `load_classifier`.
    """
    public = _public(name)
    return read_info(model_path(name)).model_dump(mode="json") if public is None else identity_of_registered(public)


def _public(name: str | Path) -> Registered | None:
    """Return the model of the registry that is meant; what comes with the package goes before it."""
    return None if str(name) in _shipped() else registered(str(name))


def model_path(name: str | Path) -> Path:
    """Return the folder of a model.

    Raises:
        ModelError: There is none; the message has the name that is nearest.
    """
    shipped = _shipped()
    if str(name) in shipped:
        return shipped[str(name)]
    path = Path(name).expanduser()
    if (path / INFO).is_file():
        return path
    if path.is_dir():
        raise ModelError(f"{path} is no model: it holds no {INFO}")
    near = get_close_matches(str(name).partition("@")[0], [*shipped, *registry()], 3)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    ours = ", ".join(sorted(shipped)) or "none"
    raise ModelError(f"no model '{name}': {hint}{ours} come with the package, more are in the registry; no such folder")


def _shipped() -> dict[str, Path]:
    """Return the models that come with the package, by name."""
    base = Path(str(files("classifiers"))) / "models"
    return {path.parent.name: path.parent for path in sorted(base.glob(f"*/{INFO}"))}


@lru_cache(maxsize=32)
def _loaded(folder: Path, _changed: int) -> Classifier:
    kind = read_info(folder).kind
    if kind not in _LOADERS:
        raise ModelError(f"{folder} is a model of kind {kind}, which scores no texts")
    try:
        return _LOADERS[kind](folder)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'all'}: {problem['msg']}" for problem in error.errors()
        )
        raise ModelError(f"the settings in {folder / INFO} are wrong: {problems}") from None
