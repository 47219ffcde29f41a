"""Where the source of a module lies, as paths tell it: no module is imported to know."""

import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """Where a module lies.

    Attributes:
        file: Its Python source; None for a folder without `__init__.py`.
        folders: Where its submodules lie; empty for a module that is no package.
    """

    file: Path | None
    folders: tuple[Path, ...] = ()


class Sources:
    """Places of modules; each is looked for once."""

    def __init__(self) -> None:
        """Know no module yet."""
        self._sources: dict[str, Source | None] = {}

    def of(self, module: str) -> Source | None:
        """Return where a module lies; None where it has no Python source.

        >>> source = Sources().of("pipeline.code_digests.sources")
        >>> source.file.name, source.folders
        ('sources.py', ())
        >>> Sources().of("pipeline.nothing"), Sources().of("sys")
        (None, None)
        """
        if module not in self._sources:
            parent, _, name = module.rpartition(".")
            self._sources[module] = self._within(parent, name) if parent else _top(name)
        return self._sources[module]

    def _within(self, parent: str, name: str) -> Source | None:
        package = self.of(parent)
        folders = [folder / name for folder in package.folders] if package else []
        for folder in folders:
            if (init := folder / "__init__.py").is_file():
                return Source(init, (folder,))
            if (file := folder.with_name(f"{name}.py")).is_file():
                return Source(file)
        spaces = tuple(folder for folder in folders if folder.is_dir())
        return Source(None, spaces) if spaces else None


def _top(name: str) -> Source | None:
    """Return where a package or module lies that is in no other; the search imports nothing."""
    try:
        spec = find_spec(name)
    except ValueError:  # the script that runs has no spec
        script = getattr(sys.modules.get(name), "__file__", None)
        return Source(Path(script)) if script else None
    if spec is None:
        return None
    folders = tuple(map(Path, spec.submodule_search_locations or ()))
    file = Path(spec.origin) if spec.origin and spec.origin.endswith(".py") else None
    return Source(file, folders) if file or folders else None
