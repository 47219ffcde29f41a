"""Machine code of the kernels on this machine: whether it is there already, and the compiling where it is not."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def compile_kernels(say: Callable[[str], None]) -> None:
    """Compile the kernels where no machine code of this version is kept yet, and say so: it takes minutes.

    Without it the first stage's workers would, in silence. Other machines of a cluster compile for themselves.
    """
    import numba

    import pipeline.kernels.compiled  # noqa: F401  (it tells numba where machine code is kept)

    settings: Any = numba.config
    folder = Path(settings.CACHE_DIR)
    if not settings.CACHE_DIR or next(folder.rglob("*.nbi"), None) is not None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # nothing can be kept here: each worker compiles for itself, as it must
        return
    say("compiling the kernels: some minutes, once for this version")
    subprocess.run([sys.executable, "-m", "pipeline.kernels"], check=False)
