"""What code decides results, in digests that change if that code does.

Code is followed from roots, definition by definition, through the sources of the packages that are named: what a
definition uses is reached, and what that uses in turn. Statements of a module that are no definitions count where they
mention what is reached. Comments, docstrings, annotations (but those of fields), the order of definitions and imports
that nothing uses do not count; nor does the version of Python.

What is looked up by a string is not followed: `getattr(import_module(name), function)`, entry points, `"module:name"`.
Nor is a module that is imported only for what it does as it is imported. The values that a `partial` was given are no
code, and do not count.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from sys import modules

from pipeline.code_digests.canonical import hash_of
from pipeline.code_digests.following import Follower, Landing
from pipeline.code_digests.imports import Use


@dataclass(frozen=True)
class CodeDigest:
    """The code that decides something.

    Attributes:
        digest: Hash of all definitions that are reached, by module, name and content.
        files: Hashes of what is reached in each file; files are named from the folder of their root package.
        functions: Hashes of the definitions that are reached, each by itself, as "file:name".
    """

    digest: str
    files: Mapping[str, str]
    functions: Mapping[str, str]


def code_digest(
    roots: Iterable[object], followed: Sequence[str], left_out: Sequence[str] = (), wrappers: Sequence[str] = ()
) -> CodeDigest:
    """Return the digest of all code that roots reach.

    Args:
        roots: Functions, classes, partials of them, or strings such as "package.module:name".
        followed: Dotted prefixes of the packages whose code is followed; of all others only names count.
        left_out: Dotted prefixes of what is not followed all the same.
        wrappers: Dotted names of decorators that do not count, with all that they are given.

    Raises:
        LookupError: A root is in a package that is followed, but there is no source of it.
        TypeError: A root is something else.

    >>> reached = code_digest([code_digest], ["pipeline"])
    >>> "pipeline/code_digests/canonical.py:hash_of" in reached.functions, "pipeline/errors.py" in reached.files
    (True, False)
    """
    follower = Follower(followed, left_out, wrappers)
    outside = set()
    for root in roots:
        for use in _uses_of(root):
            if not follower.follows(use.module):
                outside.add(use.dotted)
                continue
            landings = follower.landings(use)
            is_misnamed = isinstance(root, str) and use.names and Landing(use.module, None) in landings
            if not landings or is_misnamed:
                raise LookupError(f"there is no source of {root}")
            follower.follow(use)
    return _collected(follower, outside)


def modules_of(root: object) -> list[str]:
    """Return the modules of a function or class, or of all that a partial of them holds.

    >>> modules_of(partial(sorted, key=len))
    ['builtins', 'builtins']

    Raises:
        TypeError: The root is something else.
    """
    return [use.module for use in _uses_of(root)]


def _uses_of(root: object) -> list[Use]:
    """Return the names by which a root is reached.

    >>> [use.dotted for root in ("a.b:c", partial(sorted, key=len)) for use in _uses_of(root)]
    ['a.b.c', 'builtins.sorted', 'builtins.len']
    """
    if isinstance(root, str):
        module, _, name = root.partition(":")
        return [Use(module, (name,) if name else ())]
    if isinstance(root, partial):
        values = [value for value in (*root.args, *root.keywords.values()) if _is_code(value)]
        return [use for part in (root.func, *values) for use in _uses_of(part)]
    if not _is_code(root):
        raise TypeError(f"neither a function nor a class: {root!r}")
    module, name = str(getattr(root, "__module__", None)), str(getattr(root, "__qualname__", ""))
    spec = getattr(modules.get(module), "__spec__", None)
    return [Use(spec.name if spec and module == "__main__" else module, (name.partition(".")[0],))]


def _is_code(value: object) -> bool:
    return isinstance(value, partial) or (callable(value) and isinstance(getattr(value, "__qualname__", None), str))


def _collected(follower: Follower, outside: set[str]) -> CodeDigest:
    """Return the digests of what a follower reached."""
    functions: dict[str, str] = {}
    files: dict[str, str] = {}
    names = [("", name, "") for name in sorted(outside)]
    for name in sorted(follower.reached.keys() | follower.passed.keys()):
        module = follower.module(name)
        assert module is not None
        digests: dict[str, list[str]] = {}
        for number in sorted(follower.reached.get(name, ())):
            for label in module.units[number].labels:
                digests.setdefault(label, []).append(module.units[number].digest)
        for label in follower.passed.get(name, ()):
            digests.setdefault(label, []).append(follower.import_digest(module, label))
        by_label = {label: hash_of(*parts) for label, parts in sorted(digests.items())}
        functions |= {f"{module.path}:{label}": digest for label, digest in by_label.items()}
        files[module.path] = hash_of(*(text for item in by_label.items() for text in item))
        names += [(name, label, digest) for label, digest in by_label.items()]
    return CodeDigest(hash_of(*(text for row in names for text in row)), files, functions)


def changed_files(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return the files whose digests differ, or that are only in one of two states.

    >>> changed_files({"a.py": "0", "b.py": "0", "c.py": "0"}, {"a.py": "0", "b.py": "1", "d.py": "0"})
    ['b.py', 'c.py', 'd.py']
    """
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def changed_functions(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return the definitions whose digests differ, or that are only in one of two states, as "file:name"."""
    return changed_files(before, after)
