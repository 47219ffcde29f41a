"""The decorator of compiled kernels."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

from pipeline.kernels.machine_code import keep_by_sources

keep_by_sources()

Compiled = TypeVar("Compiled", bound=Callable[..., object])


def compiled(function: Compiled) -> Compiled:
    """Return the function compiled without Python objects; the machine code is kept on disk."""
    return cast(Compiled, numba.njit(cache=True, nogil=True)(function))


def lean(function: Compiled) -> Compiled:
    """Return the function compiled like `compiled` ones, without counting references: it must make no arrays.

    Every access to an array that is handed on costs two counts else, which is most of what a small function costs.
    """
    njit: Any = numba.njit  # whose option for this has no type
    return cast(Compiled, njit(cache=True, nogil=True, _nrt=False)(function))
