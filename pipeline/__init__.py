"""From WARC files to pre-training shards: stages, the runner that commits them, and the kernels they call.

What programs import stands here; nothing is loaded until it is asked for, so that a kernel brings no Spark along:

    from pipeline import curate, Run, extract, measure_signals, minhash, find_pii, identify_language, classify
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.kernels.extraction import extract
    from pipeline.library.curating import curate
    from pipeline.library.opened_run import Run
    from pipeline.library.texts import classify, find_pii, identify_language, measure_signals, minhash
    from pipeline.plan import STAGES

__all__ = [
    "STAGES",
    "Run",
    "classify",
    "curate",
    "extract",
    "find_pii",
    "identify_language",
    "measure_signals",
    "minhash",
]
_WHERE = {
    "STAGES": "plan",
    "Run": "library.opened_run",
    "classify": "library.texts",
    "curate": "library.curating",
    "extract": "kernels.extraction",
    "find_pii": "library.texts",
    "identify_language": "library.texts",
    "measure_signals": "library.texts",
    "minhash": "library.texts",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("gristmill")
    if name not in _WHERE:
        raise AttributeError(f"module 'pipeline' has no attribute '{name}'")
    return getattr(import_module(f"pipeline.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__, "__version__"]
