"""What a hub has of a model, and which of its files are fetched: none that runs code when read, unless trusted."""

from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from huggingface_hub import HfApi

from classifiers.hub.entry import HubFile

_PICKLES: Final = (".ckpt", ".pt", ".pth", ".pkl", ".pickle", ".joblib", ".bin", ".h5", ".msgpack")
_CODE: Final = (".py", ".so", ".sh")
_SMALL: Final = (".json", ".txt", ".model", ".md")
_TEXTS: Final = ("LICENSE", "LICENCE", "NOTICE")


class FetchError(Exception):
    """A model cannot be fetched: it is not there, is refused, or what came is not what was promised."""


class RemoteFile(NamedTuple):
    """A file on the hub.

    Attributes:
        name: Its path in the model.
        size: Bytes.
        sha256: What the hub says of its content; None of a small file, which the hub knows by git's hash.
        git_id: The hash by which git knows it: of the file itself where it is small, else of a pointer to it.
    """

    name: str
    size: int
    sha256: str | None
    git_id: str | None


class Listing(NamedTuple):
    """A model on the hub, at one commit.

    Attributes:
        hub: `org/name`.
        revision: What was asked for.
        commit: What that is now.
        licence: What its card states; None where it states none.
        files: All its files, by name.
    """

    hub: str
    revision: str
    commit: str
    licence: str | None
    files: list[RemoteFile]


def list_model(api: HfApi, part: HubFile) -> Listing:
    """Ask the hub what it has of a model.

    Raises:
        FetchError: The hub has no such model or revision, or does not answer.
    """
    revision = part.revision or "main"
    try:
        told = api.model_info(part.hub, revision=revision, files_metadata=True)
    except Exception as error:  # the client's own errors, and those of whatever HTTP library it is made with
        raise FetchError(f"{api.endpoint} tells nothing of {part.hub} at {revision}: {error}") from error
    files = [
        RemoteFile(file.rfilename, file.size or 0, file.lfs.sha256 if file.lfs else None, file.blob_id)
        for file in told.siblings or []
    ]
    licences = [tag.removeprefix("license:") for tag in told.tags or [] if tag.startswith("license:")]
    if told.sha is None:
        raise FetchError(f"{api.endpoint} names no commit for {part.hub} at {revision}")
    return Listing(part.hub, revision, told.sha, licences[0] if licences else None, sorted(files))


def choose(listing: Listing, part: HubFile, *, fasttext: bool, trusted: bool) -> list[RemoteFile]:
    """Return the files to fetch, those with weights last.

    Args:
        listing: What there is.
        part: What is wanted.
        fasttext: Whether a `.bin` is fastText's own format, rather than a pickle.
        trusted: Whether pickles and Python files are wanted too.

    Raises:
        FetchError: What is wanted is not there, or would run code when it is read.
    """
    if part.file is not None:
        return [_single(listing, part.file, fasttext=fasttext, trusted=trusted)]
    top = [file for file in listing.files if "/" not in file.name]
    wanted = [file for file in top if file.name.endswith(_SMALL) or PurePosixPath(file.name).stem in _TEXTS]
    if trusted:
        wanted += [file for file in top if file.name.endswith(".py")]
    return sorted(wanted) + _weights(listing, top, trusted=trusted)


def _weights(listing: Listing, top: list[RemoteFile], *, trusted: bool) -> list[RemoteFile]:
    """Return the files of an encoder's weights, in the safest format that there is."""
    for files, suffixes in ((top, (".safetensors",)), (listing.files, (".onnx", ".onnx_data"))):
        if weights := [file for file in files if file.name.endswith(suffixes)]:
            return weights
    pickles = [file for file in top if file.name.endswith(_PICKLES)]
    if pickles and trusted:
        return pickles
    if pickles:
        raise FetchError(f"{listing.hub} has its weights as pickles alone: {_names(pickles)}. {_REFUSED}")
    raise FetchError(f"{listing.hub} at {listing.revision} has no weights; it has {_names(listing.files)}")


def _single(listing: Listing, pattern: str, *, fasttext: bool, trusted: bool) -> RemoteFile:
    """Return the one file that fits."""
    fitting = [file for file in listing.files if fnmatchcase(file.name, pattern)]
    if len(fitting) != 1:
        several = f"several files {pattern}: {_names(fitting)}"
        none = f"no file {pattern}; it has {_names(listing.files)}"
        raise FetchError(f"{listing.hub} at {listing.revision} has {several if fitting else none}")
    name = fitting[0].name
    runs_code = name.endswith((*_PICKLES, *_CODE)) and not (fasttext and name.endswith(".bin"))
    if runs_code and not trusted:
        raise FetchError(f"{listing.hub} would be read from {name}, which can run any code. {_REFUSED}")
    return fitting[0]


_REFUSED = (
    "Who reads such a file runs what its author wrote; --trust-remote-code NAME, with this model's name, allows it"
)


def _names(files: list[RemoteFile]) -> str:
    shown = [file.name for file in files[:12]]
    return (", ".join(shown) or "nothing") + (f" and {len(files) - 12} more" if len(files) > 12 else "")
