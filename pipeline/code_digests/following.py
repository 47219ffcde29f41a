"""From definition to definition: what code reaches, through imports, re-exports and attributes of modules."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.code_digests.canonical import hash_of
from pipeline.code_digests.imports import Use
from pipeline.code_digests.modules import Module, is_within, read_module
from pipeline.code_digests.sources import Sources


class Landing(NamedTuple):
    """Where a use leads: a name of a module, or all of it where `name` is None."""

    module: str
    name: str | None


class Follower:
    """Follows uses from module to module, and keeps what it reached.

    Attributes:
        reached: The numbers of the statements that are reached, by module.
        passed: The names that others reached through a module's imports, by module.
    """

    def __init__(self, followed: Sequence[str], left_out: Sequence[str], wrappers: Sequence[str] = ()) -> None:
        """Follow into packages by their dotted prefixes, and not into those that are left out."""
        self._wrappers = tuple(wrappers)
        self._followed, self._left_out = tuple(followed), tuple(left_out)
        self._sources = Sources()
        self._modules: dict[str, Module | None] = {}
        self._landings: dict[Use, tuple[Landing, ...]] = {}
        self._names: set[tuple[str, str]] = set()
        self._pending: list[tuple[Module, int]] = []
        self.reached: dict[str, set[int]] = {}
        self.passed: dict[str, set[str]] = {}

    def module(self, name: str) -> Module | None:
        """Return a module that is followed and has a source."""
        if name not in self._modules:
            source = self._sources.of(name) if self.follows(name) else None
            self._modules[name] = read_module(name, source, self._wrappers, self._left_out) if source else None
        return self._modules[name]

    def follows(self, name: str) -> bool:
        """Tell whether a module is one of those that are followed."""
        return is_within(name, self._followed) and not is_within(name, self._left_out)

    def landings(self, use: Use) -> tuple[Landing, ...]:
        """Return where a use of another module leads, with all names through which it passes."""
        if use not in self._landings:
            self._landings[use] = tuple(self._walk(use, set()))
        return self._landings[use]

    def _walk(self, use: Use, seen: set[Use]) -> Iterator[Landing]:
        if use in seen:
            return
        seen.add(use)
        module = self.module(use.module)
        if not use.names:
            yield from [Landing(use.module, None)] if module else []
            return
        name, *rest = use.names
        inner = Use(f"{use.module}.{name}", tuple(rest))
        if module is None:
            if any(is_within(prefix, [inner.module]) for prefix in self._followed) or self.follows(inner.module):
                yield from self._walk(inner, seen)
            return
        imported = self._imported(module, name)
        if name in module.binding or imported:
            yield Landing(module.name, name)
            for target in imported:
                yield from self._walk(Use(target.module, (*target.names, *rest)), seen)
        elif self.module(inner.module):
            yield from self._walk(inner, seen)
        elif not (is_within(inner.module, self._left_out) or name.startswith("__")):
            yield Landing(module.name, None)

    def _imported(self, module: Module, name: str) -> list[Use]:
        """Return what a name means that a module imports, but for its own submodules."""
        imported = [use for use in module.imports.get(name, ()) if use != Use(module.name, (name,))]
        if imported or name in module.imports or name in module.binding:
            return imported
        return [Use(star, (name,)) for star in module.stars if self._offers(star, name, {module.name})]

    def _offers(self, star: str, name: str, seen: set[str]) -> bool:
        """Tell whether a module has a name, be it by an `import *` of its own."""
        module = self.module(star)
        if module is None or star in seen:
            return False
        if name in module.binding or name in module.imports:
            return True
        return any(self._offers(further, name, seen | {star}) for further in module.stars)

    def follow(self, use: Use) -> None:
        """Reach all that a use of another module leads to, and what that uses in turn."""
        self._reach_all(self.landings(use))
        while self._pending:
            while self._pending:
                module, number = self._pending.pop()
                for name in module.units[number].names:
                    self._reach_name(module, name)
                for inner in module.units[number].uses:
                    self._reach_use(module, inner)
            self._reach_effects()

    def _reach_use(self, module: Module, use: Use) -> None:
        if use.module:
            self._reach_all(self.landings(use))
            return
        name, *rest = use.names
        targets = module.imports.get(name) or self._imported(module, name)
        if name in module.binding or targets:
            self._reach_name(module, name)
        for target in targets:
            self._reach_all(self.landings(Use(target.module, (*target.names, *rest))))

    def _reach_all(self, landings: Sequence[Landing]) -> None:
        for landing in landings:
            module = self.module(landing.module)
            assert module is not None
            if landing.name is None:
                self._reach_whole(module)
            else:
                self._reach_name(module, landing.name)
                if self._imported(module, landing.name):
                    self.passed.setdefault(module.name, set()).add(landing.name)

    def _reach_name(self, module: Module, name: str) -> None:
        if (module.name, name) not in self._names:
            self._names.add((module.name, name))
            for number in (*module.binding.get(name, ()), *module.affecting.get(name, ())):
                self._reach_unit(module, number)

    def _reach_unit(self, module: Module, number: int) -> None:
        numbers = self.reached.setdefault(module.name, set())
        if number not in numbers:
            numbers.add(number)
            self._pending.append((module, number))

    def _reach_whole(self, module: Module) -> None:
        """Reach all statements of a module, and what it imports by name from others, but no modules that it imports."""
        if (module.name, "*") in self._names:
            return
        self._names.add((module.name, "*"))
        for number, unit in enumerate(module.units):
            if unit.names != {"__all__"}:
                self._reach_unit(module, number)
        for name in module.imports:
            landings = [landing for use in self._imported(module, name) for landing in self.landings(use)]
            if any(landing.name for landing in landings):
                self._reach_all([Landing(module.name, name), *(landing for landing in landings if landing.name)])

    def _reach_effects(self) -> None:
        """Reach statements of modules in use that may change what was reached in another module."""
        for name, numbers in list(self.reached.items()):
            module = self.module(name)
            assert module is not None
            for number, unit in enumerate(module.units):
                if number not in numbers and any(self._is_reached(module, use) for use in unit.effects):
                    self._reach_unit(module, number)

    def _is_reached(self, module: Module, use: Use) -> bool:
        """Tell whether a name that a module imports is a definition that was reached."""
        targets = [use] if use.module else [Use(t.module, t.names + use.names[1:]) for t in self._imports(module, use)]
        return any((landing.module, landing.name) in self._names for to in targets for landing in self.landings(to))

    def _imports(self, module: Module, use: Use) -> Sequence[Use]:
        return module.imports.get(use.names[0], ())

    def import_digest(self, module: Module, name: str) -> str:
        """Return a hash of what a name means that others reach through a module's imports."""
        return hash_of(*sorted(use.dotted for use in self._imported(module, name)))
