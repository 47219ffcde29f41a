"""Any model of ours by its name or its folder."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from classifiers.embedding_head import load_embedding_head
from classifiers.encoder import load_encoder_model
from classifiers.fasttext_model import load_fasttext
from classifiers.linear import load_linear
from classifiers.model_folder import INFO, Kind, ModelError, read_info
from classifiers.protocol import Classifier

_LOADERS: Final[dict[Kind, Callable[[Path], Classifier]]] = {
    "linear": load_linear,
    "fasttext": load_fasttext,
    "encoder": load_encoder_model,
    "embedding+head": load_embedding_head,
}


def load_classifier(name: str | Path) -> Classifier:
    """Load a model, once a process.

    Args:
        name: Of a model that comes with the package, or the path of a model's folder.

    Raises:
        ModelError: There is none; the message has the name that is nearest. Or it is not what it says it is.
    """
    return _loaded(model_path(name).resolve())


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
    near = get_close_matches(str(name), shipped, 1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise ModelError(f"no model '{name}': {hint}there are {', '.join(sorted(shipped)) or 'none'}, and no such folder")


def _shipped() -> dict[str, Path]:
    """Return the models that come with the package, by name."""
    base = Path(str(files("classifiers"))) / "models"
    return {path.parent.name: path.parent for path in sorted(base.glob(f"*/{INFO}"))}


@lru_cache(maxsize=32)
def _loaded(folder: Path) -> Classifier:
    kind = read_info(folder).kind
    if kind not in _LOADERS:
        raise ModelError(f"{folder} is a model of kind {kind}, which scores no texts: read its table instead")
    try:
        return _LOADERS[kind](folder)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'all'}: {problem['msg']}" for problem in error.errors()
        )
        raise ModelError(f"the settings in {folder / INFO} are wrong: {problems}") from None
