"""The process that Spark forks its Python workers from: what all of them need is loaded before, in memory they share.

Spark starts it as `spark.python.daemon.module` says. It is PySpark's own daemon but for two things. Compiled kernels
and models are loaded once, not in every worker. And a worker on which the JVM has hung up ends without a word: PySpark
prints the traceback of a broken pipe, below the results of a run that went well.
"""

import contextlib
import gc
import os
import select
import socket
import sys
from collections.abc import Callable, Iterator
from importlib import import_module

from pyspark import daemon

_WORKER = "pyspark.worker"
"""What runs a task. Spark has other modules to fork, which look for data sources and the like: they need no kernels."""
_CLOSED = select.POLLHUP | select.POLLERR

Worker = Callable[[socket.socket, bool], int]
Loader = Callable[[], object]


def load_kernels() -> None:
    """Load what measures call: the compiled kernels."""
    from pipeline.kernels import warm

    warm.load_kernels()


def load_language_model() -> None:
    """Load fastText's model, and the tables of scripts and letters."""
    from classifiers.languages import identify as language
    from classifiers.languages import ngrams as language_ngrams

    language.identify(["The mill grinds.", "Die Mühle mahlt."])
    language_ngrams.load_ngrams()


def load_tokenizer() -> None:
    """Load the default tokenizer, which takes more than a second and some 120 MB."""
    from classifiers.tokenizers import load_encoder
    from pipeline.heuristics.token_counts import TokenizerParams, named_tokenizer_digest

    name = TokenizerParams().tokenizer
    load_encoder(name, named_tokenizer_digest("tokenizer", name))


def load_recognizers() -> None:
    """Load presidio, which takes seconds and some 200 MB, and its recognisers of English."""
    import pyarrow as pa

    from pipeline.kernels.pii.find import find_pii
    from pipeline.pii.params import PiiParams

    settings = PiiParams().find_params().settings()
    find_pii(pa.array(["jane@example.org, phone +1 202-555-0143"]), [()], ["en"], [None], settings)


def load_modules() -> None:
    """Load the code of the stages, and what runs it."""
    for name in ("pipeline.plan", _WORKER):
        import_module(name)


LOADERS: tuple[Loader, ...] = (load_kernels, load_language_model, load_tokenizer, load_recognizers, load_modules)


def preload(loaders: tuple[Loader, ...]) -> None:
    """Load what can be loaded; what cannot is the error of a task that needs it, and it alone says so."""
    with _output_as_errors():
        for load in loaders:
            with contextlib.suppress(Exception):
                load()


@contextlib.contextmanager
def _output_as_errors() -> Iterator[None]:
    """Send what is printed to stderr: Spark reads the address of the daemon from its stdout."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def silent_when_hung_up(worker: Worker) -> Worker:
    """Return a worker that ends at once, without a word, when the JVM has hung up on it; other errors stand."""

    def silent(sock: socket.socket, authenticated: bool) -> int:  # noqa: FBT001  (PySpark's signature)
        try:
            return worker(sock, authenticated)
        except (BrokenPipeError, ConnectionResetError):
            if has_hung_up(sock):
                os._exit(1)
            raise

    return silent


def has_hung_up(sock: socket.socket) -> bool:
    """Tell whether the other end of a connection is gone."""
    poll = select.poll()
    poll.register(sock, 0)  # what says that it is closed is always asked for
    return any(event & _CLOSED for _, event in poll.poll(0))


def main(loaders: tuple[Loader, ...] = LOADERS) -> None:
    """Load, then fork workers until Spark says that it is done."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")  # presidio imports it, and it warns that torch is missing
    os.setpgid(0, 0)  # as PySpark's daemon does, but before the loading: an interrupt is the driver's affair
    if sys.argv[1:2] in ([], [_WORKER]):  # Spark 3.5 does not say what it forks: nothing else, by this daemon
        preload(loaders)
    gc.collect()
    gc.freeze()  # a worker's collector would write to, and so copy, every page that holds an object
    daemon.worker = silent_when_hung_up(daemon.worker)  # type: ignore[assignment]
    daemon.manager()


if __name__ == "__main__":
    main()
