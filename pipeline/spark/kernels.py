"""Machine code of the kernels on this machine: whether it is there already, and the compiling where it is not."""

import subprocess
import sys
from collections.abc import Callable


def compile_kernels(say: Callable[[str], None]) -> None:
    """Compile the kernels where not all machine code of this version is kept yet, and say so: it takes minutes.

    Without it the first stage's workers would, in silence. Other machines of a cluster compile for themselves. Where
    nothing can be kept, each worker compiles for itself, as it must.
    """
    import pipeline.kernels.compiled  # noqa: F401  (it tells numba where machine code is kept)
    from pipeline.kernels.machine_code import can_be_kept, is_compiled

    if is_compiled() or not can_be_kept():
        return
    say("compiling the kernels: some minutes, once for this version")
    subprocess.run([sys.executable, "-m", "pipeline.kernels"], check=False)
