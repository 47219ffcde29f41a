"""Any model by its name or its folder: those that come with the package, one's own, and those of the registry."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from classifiers.encoders.embedding_head import load_embedding_head
from classifiers.encoders.encoder import load_encoder_model
from classifiers.fasttext_files.format import FormatError, loss_of
from classifiers.fasttext_files.model import FastTextSettings, load_fasttext
from classifiers.hub.names import Registered, registered
from classifiers.hub.registered import describe_registered, identity_of_registered, is_probability, load_registered
from classifiers.hub.registry import registry
from classifiers.linear import load_linear
from classifiers.model_files.located import located
from classifiers.model_folder import INFO, Kind, ModelError, ModelInfo, read_info
from classifiers.protocol import Classifier

_LOADERS: Final[dict[Kind, Callable[[Path], Classifier]]] = {
    "linear": load_linear,
    "fasttext": load_fasttext,
    "encoder": load_encoder_model,
    "embedding+head": load_embedding_head,
}


def load_classifier(name: str | Path) -> Classifier:
    """Load a model, once a process, and again when its description is another: that has the hashes of its files.

    A worker that loads a model does not compare it with the hashes that the driver took when the run began: whoever
    changes a model's files while a run goes on mixes the scores of two models.

    Args:
        name: Of a model that comes with the package; the path of a model's folder; or a model of the registry that is
            in the hub's cache: `name`, `name@revision`, or where it lies in a cache.

    Raises:
        ModelError: There is none; the message has the name that is nearest. Or it is not what it says it is.
    """
    if (public := _public(name)) is not None:
        return load_registered(public)
    folder = model_path(name).resolve()
    return _loaded(folder, (folder / INFO).read_bytes())


def describe(name: str | Path) -> ModelInfo:
    """Return what a model that scores texts is, with its files checked, as far as can be without loading it.

    Raises:
        ModelError: As for `load_classifier`; or it is of a kind that scores no texts.
    """
    public = _public(name)
    if public is not None:
        return describe_registered(public)
    folder = model_path(name)
    info = read_info(folder)
    _loader_of(folder, info.kind)
    return info


def excludes(name: str | Path) -> bool:
    """Return whether a model has several labels of which one excludes the others, so that the likeliest can be taken.

    Raises:
        ModelError: As for `describe`.
    """
    info, public = describe(name), _public(name)
    if len(info.labels) < 2:
        return False
    if public is not None:
        return public.entry.head == "softmax" and public.entry.activation == "softmax"
    if info.kind != "fasttext":
        return info.settings.get("activation") == "softmax"  # a linear model that says nothing has sigmoids
    folder = model_path(name)
    try:
        return loss_of(located(folder, FastTextSettings.model_validate(info.settings).file)).endswith("softmax")
    except (FormatError, ValidationError) as error:
        raise ModelError(f"{folder}: {error}") from None


def speaks_against(name: str | Path) -> bool:
    """Return whether a model's score is 1 - the probability that something speaks against a text, such as toxicity.

    That is so for models of the registry whose good end is the low one, and whose outputs are probabilities.

    Raises:
        ModelError: There is no such model.
    """
    public = _public(name)
    return public is not None and public.entry.good == "low" and is_probability(public.entry)


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
    if registered(str(name)) is not None:
        raise ModelError(f"{name} is a model of the registry, and no folder with a {INFO}")
    if path.is_dir():
        raise ModelError(f"{path} is no model: it holds no {INFO}")
    near = get_close_matches(str(name).partition("@")[0], [*shipped, *registry()], 3)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    ours = ", ".join(sorted(shipped)) or "none"
    raise ModelError(f"no model '{name}': {hint}{ours} come with the package, more are in the registry; no such folder")


def _shipped() -> dict[str, Path]:
    """Return the models that come with the package, by name."""
    return _models_in(Path(str(files("classifiers"))) / "models")


@lru_cache(maxsize=4)
def _models_in(base: Path) -> dict[str, Path]:
    """Return the models of a folder by name; looked for once a process, since the names are asked for each batch."""
    return {path.parent.name: path.parent for path in sorted(base.glob(f"*/{INFO}"))}


def _loader_of(folder: Path, kind: Kind) -> Callable[[Path], Classifier]:
    if kind not in _LOADERS:
        raise ModelError(f"{folder} is a model of kind {kind}, which scores no texts")
    return _LOADERS[kind]


@lru_cache(maxsize=32)
def _loaded(folder: Path, _described: bytes) -> Classifier:
    load = _loader_of(folder, read_info(folder).kind)
    try:
        return load(folder)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'all'}: {problem['msg']}" for problem in error.errors()
        )
        raise ModelError(f"the settings in {folder / INFO} are wrong: {problems}") from None
