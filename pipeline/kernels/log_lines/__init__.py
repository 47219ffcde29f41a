"""Lines of logs, error dumps and the like, found in texts whose rest is good; `weights.md` is the net's card."""

from importlib.resources import files

from xxhash import xxh3_128_hexdigest


def weights_digest() -> str:
    """Return the hash of the fitted net's file.

    >>> len(weights_digest())
    32
    """
    return xxh3_128_hexdigest((files(__package__) / "weights.npz").read_bytes())
