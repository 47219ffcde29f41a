"""What a configuration may call a public model: its name, `name@revision`, or where it lies in a hub's cache."""

import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, NamedTuple

from classifiers.hub.entry import RegistryEntry
from classifiers.hub.registry import RegistryError, registry, resolve_parts, snapshots_of
from classifiers.model_files.hub_cache import COMMIT, hub_cache
from classifiers.model_folder import INFO

_FOLDER: Final = "models--"
_STEM: Final = re.compile(r"[^0-9A-Za-z_]+")


class Registered(NamedTuple):
    """A model of the registry.

    Attributes:
        name: Its name there.
        revision: The one that was asked for; None for its entry's.
        cache: The folder of the hub's cache.
    """

    name: str
    revision: str | None
    cache: Path

    @property
    def entry(self) -> RegistryEntry:
        """What the registry says of it."""
        return registry()[self.name]

    def parts(self) -> list[Path]:
        """Return where it lies, and what else it needs.

        Raises:
            RegistryError: A part is not in the cache; the message has the command that fetches it.
        """
        return resolve_parts(self.name, self.revision, self.cache)

    def snapshots(self) -> list[Path | None]:
        """Return the snapshots of the cache in which these are, None where one is not there."""
        return snapshots_of(self.name, self.revision, self.cache)


def registered(name: str) -> Registered | None:
    """Return the model of the registry that is meant, or None where it is another's name or path.

    Args:
        name: `dclm`; `dclm@` and a commit, a branch or a tag; or a path: the folder `models--org--name` of a hub's
            cache, a snapshot in it, or a file of that.

    Raises:
        RegistryError: It is a folder of a hub's cache of which the registry knows no model, or several.
    """
    plain, _, revision = name.partition("@")
    if plain in registry():
        return Registered(plain, revision or None, hub_cache())
    return _in_hub_layout(Path(name).expanduser().absolute())


def _in_hub_layout(path: Path) -> Registered | None:
    at = next((number for number, part in enumerate(path.parts) if part.startswith(_FOLDER)), None)
    if at is None or not path.exists() or (path / INFO).is_file():
        return None
    hub = "/".join(path.parts[at].split("--")[1:])
    inside, revision = path.parts[at + 1 :], None
    if inside[:1] == ("snapshots",) and len(inside) > 1 and COMMIT.fullmatch(inside[1]):
        revision, inside = inside[1], inside[2:]
    file, cache = "/".join(inside), Path(*path.parts[:at])
    of_hub = {name: entry for name, entry in registry().items() if entry.hub == hub}
    fitting = [name for name, entry in of_hub.items() if not file or fnmatchcase(file, entry.file or "")]
    if not fitting:
        raise RegistryError(
            f"{path}: the registry knows {', '.join(of_hub) or f'no model {hub}'}, and not what this is"
        )
    if len(fitting) > 1:
        raise RegistryError(f"{path} may be {', '.join(fitting)}: name one of them, with HF_HUB_CACHE={cache}")
    return Registered(fitting[0], revision, cache)


def short_name(model: str) -> str:
    """Return a model's name as a part of a column's: letters, figures and underscores.

    Args:
        model: As a configuration names it.

    >>> short_name("models/fineweb-edu/"), short_name("fineweb-edu@refs/pr/3"), short_name("scores/mine.yaml")
    ('fineweb_edu', 'fineweb_edu', 'mine')
    """
    try:
        named = registered(model)
    except RegistryError:  # whoever loads it says so
        named = None
    plain = named.name if named is not None else model.rstrip("/").rpartition("/")[2]
    return _STEM.sub("_", plain.removesuffix(".yaml").removesuffix(".yml"))
