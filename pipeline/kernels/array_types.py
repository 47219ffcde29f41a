"""What the signatures of compiled functions say: arrays by their elements, and numbers as machine code holds them.

numba infers types itself; these are for readers. A scalar may be Python's or numpy's, which no checker can tell.
"""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Bytes: TypeAlias = npt.NDArray[np.uint8]
"""UTF-8, or one byte an element: uint8 (n,)."""
Rows: TypeAlias = npt.NDArray[np.int32]
"""Rows of whole numbers, int32 (n, columns); what the columns are, `html/columns.py` says."""
Row: TypeAlias = npt.NDArray[np.int32]
"""One of these rows: int32 (columns,)."""
Counts: TypeAlias = npt.NDArray[np.int64]
"""Whole numbers, int64 (n,)."""
CountRows: TypeAlias = npt.NDArray[np.int64]
"""Rows of whole numbers, int64 (n, columns), open-addressed tables of hashes among them."""
Hashes: TypeAlias = npt.NDArray[np.uint64]
"""Hashes, uint64 (n,)."""
Floats: TypeAlias = npt.NDArray[np.float32]
"""float32, of any shape."""
Doubles: TypeAlias = npt.NDArray[np.float64]
"""float64, of any shape."""
Flags: TypeAlias = npt.NDArray[np.bool_]
"""Booleans, (n,)."""
Int: TypeAlias = Any
"""A whole number."""
Bool: TypeAlias = Any
"""A truth value, or a number that is one."""
Real: TypeAlias = Any
"""A floating point number."""
