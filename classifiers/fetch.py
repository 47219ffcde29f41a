"""Fetch a public classifier into the hub's cache: `python -m classifiers.fetch dclm`.

What it is, how large, and under whose terms is shown before; what came is checked against the hashes that were shown.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from hashlib import sha1
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from huggingface_hub import HfApi, hf_hub_download

from classifiers.hub.entry import RegistryEntry
from classifiers.hub.listing import FetchError, Listing, RemoteFile, choose, list_model
from classifiers.hub.registry import RegistryError, entry_of
from classifiers.model_files.hub_cache import COMMIT, hub_cache, model_folder
from classifiers.model_folder import sha256_of

_FASTTEXT_MAGIC: Final = (793_712_314).to_bytes(4, "little")
_STEP: Final = 1 << 20


class Wanted(NamedTuple):
    """Files of one model on the hub that are to be fetched.

    Attributes:
        listing: The model.
        files: Of it.
        sha256: What the registry says that its only file has; None where it says nothing.
    """

    listing: Listing
    files: list[RemoteFile]
    sha256: str | None


def plan(entry: RegistryEntry, api: HfApi, revision: str | None, *, trusted: bool) -> list[Wanted]:
    """Return what has to be fetched for a model, having asked the hub.

    Args:
        entry: Of the model.
        api: Asks the hub.
        revision: Of the model itself, instead of the entry's.
        trusted: Whether pickles and Python files are wanted too.

    Raises:
        FetchError: The hub does not have it, or it would run code when it is read.
    """
    itself, *others = entry.parts
    if revision is not None:
        itself = itself.model_copy(update={"revision": revision, "sha256": None})
    if entry.trust_remote_code and not trusted:
        raise FetchError(
            f"{entry.hub} does not work without Python files or pickles of its authors, which run on your machine;"
            " --trust-remote-code NAME, with this model's name, allows it"
        )
    wanted = []
    for part in (itself, *others):
        listing = list_model(api, part)
        files = choose(listing, part, fasttext=entry.kind == "fasttext", trusted=trusted)
        wanted.append(Wanted(listing, files, part.sha256))
    return wanted


def describe(name: str, entry: RegistryEntry, wanted: Sequence[Wanted]) -> str:
    """Return what is to be known before a model is fetched: files, sizes, hashes, terms."""
    lines = [
        f"{name}: {entry.hub}",
        f"  licence: {entry.licence or 'not known to the registry'}; the card says {_card(wanted[0].listing)}",
        f"  teacher: {entry.teacher or 'none known'}; its terms: {entry.teacher_licence or 'none known'}",
    ]
    if entry.unverified:
        lines.append(f"  likely, but not read from the model: {', '.join(entry.unverified)}")
    if entry.notes:
        lines.append(f"  {entry.notes}")
    for part in wanted:
        lines.append(f"  {part.listing.hub} at {part.listing.revision} = {part.listing.commit}")
        if part.listing.hub != entry.hub:
            lines.append(f"    the card says of its licence: {_card(part.listing)}")
        lines += [f"    {file.size:>14,} bytes  {_hash(file)}  {file.name}" for file in part.files]
    total = sum(file.size for part in wanted for file in part.files)
    return "\n".join([*lines, f"  {total:,} bytes in all"])


def download(wanted: Wanted, api: HfApi, cache: Path, *, fasttext: bool) -> list[Path]:
    """Fetch files and check them; the revision's name is written last, so that what is not whole is not found by it.

    Args:
        wanted: The files.
        api: Of the hub.
        cache: The hub's cache.
        fasttext: Whether a `.bin` must be fastText's own format.

    Returns:
        Where they lie, in the order of `wanted.files`.

    Raises:
        FetchError: The hub does not give them, or gives others: those are removed.
    """
    listing = wanted.listing
    paths = []
    for file in wanted.files:
        try:
            got = hf_hub_download(
                listing.hub,
                file.name,
                revision=listing.commit,
                cache_dir=cache,
                endpoint=api.endpoint,
                token=api.token,
            )
        except Exception as error:  # as in `list_model`
            raise FetchError(f"{listing.hub}: {file.name} did not come: {error}") from error
        path = Path(got)
        if wrong := _wrong(path, file, wanted.sha256, fasttext=fasttext):
            path.resolve().unlink()
            path.unlink(missing_ok=True)
            raise FetchError(f"{listing.hub}: {file.name} {wrong}; it was removed")
        paths.append(path)
    if not COMMIT.fullmatch(listing.revision):
        ref = model_folder(listing.hub, cache) / "refs" / listing.revision
        ref.parent.mkdir(parents=True, exist_ok=True)
        written = ref.with_name(f"{ref.name}.{os.getpid()}")
        written.write_text(listing.commit, encoding="ascii")
        written.replace(ref)
    return paths


def main(arguments: Sequence[str] | None = None, ask: Callable[[str], str] = input) -> int:
    """Show a model's terms, ask, fetch and check it.

    Args:
        arguments: Of the command line.
        ask: Shows a question and returns the answer.

    Returns:
        0 when it is fetched; 1 when it is not, for a reason that is printed.
    """
    options = _parser().parse_args(arguments)
    endpoint = options.endpoint.rstrip("/") if options.endpoint else None
    api = HfApi(endpoint=endpoint, token=False if endpoint else None)
    try:
        entry = entry_of(options.name)
        trusted = options.trust_remote_code is not None
        if trusted and options.trust_remote_code != options.name:
            raise FetchError(f"--trust-remote-code names {options.trust_remote_code}, and {options.name} is fetched")
        wanted = plan(entry, api, options.revision, trusted=trusted)
        _say(describe(options.name, entry, wanted))
        if not options.yes and ask("Fetch? [y/N] ").strip().lower() not in ("y", "yes"):
            _say("Nothing was fetched.")
            return 1
        cache = hub_cache(options.cache)
        # The model itself comes last: once it is there, so is what it needs.
        paths = [download(part, api, cache, fasttext=entry.kind == "fasttext") for part in reversed(wanted)]
    except (FetchError, RegistryError) as error:
        _say(f"error: {error}", sys.stderr)
        return 1
    for path in (path for part in reversed(paths) for path in part):
        _say(f"sha256 {sha256_of(path)}  {path}")
    return 0


def _wrong(path: Path, file: RemoteFile, pinned: str | None, *, fasttext: bool) -> str | None:
    """Return what is wrong with a file that came, or None."""
    actual = sha256_of(path)
    for expected, whose in ((file.sha256, "the hub"), (pinned, "the registry")):
        if expected is not None and actual != expected:
            return f"has sha256 {actual}, and {whose} says {expected}"
    if file.sha256 is None and file.git_id is not None and (hashed := _git_id(path)) != file.git_id:
        return f"has git's hash {hashed}, and the hub says {file.git_id}"
    if fasttext and file.name.endswith(".bin"):
        with path.open("rb") as opened:
            if opened.read(4) != _FASTTEXT_MAGIC:
                return "does not begin as a fastText model does: it may be a pickle"
    return None


def _git_id(path: Path) -> str:
    """Return the hash by which git knows a file."""
    digest = sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(_STEP):
            digest.update(chunk)
    return digest.hexdigest()


def _card(listing: Listing) -> str:
    return listing.licence or "nothing"


def _hash(file: RemoteFile) -> str:
    return f"sha256 {file.sha256}" if file.sha256 else f"git    {file.git_id or 'unknown'}".ljust(71)


def _say(text: str, to: TextIO | None = None) -> None:
    """Print what people should read; letters that a hub's words may command a terminal with are left out."""
    print("".join(letter for letter in text if letter.isprintable() or letter == "\n"), file=to or sys.stdout)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m classifiers.fetch", description=__doc__)
    parser.add_argument("name", metavar="NAME", help="of the registry, classifiers/registry.yaml")
    parser.add_argument("--revision", metavar="R", help="a commit, branch or tag, instead of the registry's")
    parser.add_argument("--endpoint", metavar="URL", help="of another hub; it is sent no token (HF_ENDPOINT's is)")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="instead of HF_HUB_CACHE or HF_HOME")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--trust-remote-code",
        metavar="NAME",
        help="fetch this model's Python files and pickles too: they run on your machine when it is loaded",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
