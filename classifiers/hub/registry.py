"""Public classifiers by name: what each is, and where its files lie on this machine; nothing is downloaded.

`registry.yaml` holds the entries, `entry.py` what they mean. `python -m classifiers.fetch NAME` downloads one.
"""

from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import ValidationError

from classifiers.hub.entry import HubFile, RegistryEntry
from classifiers.model_files.hub_cache import hub_cache, lacking, one_file, snapshot
from classifiers.model_folder import ModelError


class RegistryError(ModelError):
    """A model is not in the registry, its entry is none, or its files are not here."""


def read_registry(text: str) -> dict[str, RegistryEntry]:
    """Read entries from YAML: name → entry.

    Raises:
        RegistryError: An entry has a key that does not exist, or values that do not fit together.
    """
    entries = {}
    for name, fields in (yaml.safe_load(text) or {}).items():
        try:
            entries[name] = RegistryEntry.model_validate(fields)
        except ValidationError as error:
            reasons = "; ".join(_reason(problem["loc"], problem["type"], problem["msg"]) for problem in error.errors())
            raise RegistryError(f"the entry '{name}' of the registry is wrong: {reasons}") from None
    return entries


@lru_cache(maxsize=1)
def registry() -> dict[str, RegistryEntry]:
    """Return all entries that come with the package, by name.

    >>> registry()["dclm"].labels
    {'__label__hq': 1.0}
    """
    return read_registry((files("classifiers") / "registry.yaml").read_text(encoding="utf-8"))


def entry_of(name: str) -> RegistryEntry:
    """Return a model's entry.

    Raises:
        RegistryError: There is none of that name; the message has the names that are nearest.

    >>> entry_of("fineweb-edu").rounding
    Rounding(low=0, high=5)
    """
    try:
        return registry()[name]
    except KeyError:
        near = near_miss(name, list(registry()))
        raise RegistryError(f"no model '{name}' in the registry{near or ': it has ' + ', '.join(registry())}") from None


def resolve(name_or_path: str, cache: Path | None = None) -> Path:
    """Return where a model lies: a folder, or the file of a model that is one file.

    Args:
        name_or_path: A name of the registry, `name@revision`, or a path. A name goes before a path of the same letters.
        cache: The hub's cache; None for where the environment says it is.

    Raises:
        RegistryError: It is neither, or it is not here; the message has the command that fetches it.
    """
    name, _, revision = name_or_path.partition("@")
    if name not in registry() and (path := Path(name_or_path).expanduser()).exists():
        return path
    if name not in registry() and ("/" in name_or_path or name_or_path.startswith(".")):
        raise RegistryError(f"no file or folder {name_or_path}")
    return resolve_parts(name, revision or None, cache)[0]


def resolve_parts(name: str, revision: str | None = None, cache: Path | None = None) -> list[Path]:
    """Return where a model and what else it needs lie, in the order of `RegistryEntry.parts`.

    Args:
        name: A name of the registry.
        revision: Of the model itself, instead of the one that its entry has.
        cache: The hub's cache; None for where the environment says it is.

    Raises:
        RegistryError: It is not in the registry, or a part is not in the cache.
    """
    command = f"python -m classifiers.fetch {name}" + (f" --revision {revision}" if revision else "")
    return [_part(part, hub_cache(cache), command) for part in _parts_of(name, revision)]


def snapshots_of(name: str, revision: str | None = None, cache: Path | None = None) -> list[Path | None]:
    """Return the snapshots in which the parts of a model are, as for `resolve_parts`; None where one is not there.

    Raises:
        RegistryError: It is not in the registry.
    """
    return [snapshot(part.hub, part.revision, hub_cache(cache)) for part in _parts_of(name, revision)]


def _parts_of(name: str, revision: str | None) -> list[HubFile]:
    itself, *others = entry_of(name).parts
    if revision:
        itself = itself.model_copy(update={"revision": revision, "sha256": None})
    return [itself, *others]


def _part(part: HubFile, cache: Path, command: str) -> Path:
    """Return where a part lies in the cache."""
    what = f"{part.hub}, revision {part.revision or 'main'},"
    folder = snapshot(part.hub, part.revision, cache)
    if folder is None:
        raise RegistryError(f"{what} is not in {cache}, and nothing is downloaded unasked: {command}")
    if part.file is None:
        if missing := lacking(folder):
            raise RegistryError(f"{what} has no {missing} in {folder}: {command}")
        return folder
    if (file := one_file(folder, part.file)) is None:
        raise RegistryError(f"{what} has no single file {part.file} in {folder}: {command}")
    return file


def _reason(where: tuple[int | str, ...], kind: str, message: str) -> str:
    """Return what is wrong with an entry, and the key that may have been meant."""
    path = ".".join(map(str, where))
    if kind != "extra_forbidden":
        return f"{path}: {message}" if path else message
    return f"no key '{path}'{near_miss(str(where[-1]), list(RegistryEntry.model_fields))}"


def near_miss(name: str, names: list[str]) -> str:
    """Return a question that names those which are spelt most like it, or nothing.

    >>> near_miss("dcml", ["dclm", "glotlid"])
    "; did you mean 'dclm'?"
    """
    near = get_close_matches(name, names, n=3)
    return f"; did you mean {' or '.join(repr(other) for other in near)}?" if near else ""
