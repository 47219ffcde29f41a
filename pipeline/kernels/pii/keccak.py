"""Keccak-256 as Ethereum and Monero have it: with the padding that it had before it became SHA-3; compiled.

Source: the Keccak reference, version 3.0 (Bertoni, Daemen, Peeters, Van Assche, 2011). `hashlib` has SHA-3 alone.
"""

from typing import Any, Final

import numpy as np

from pipeline.kernels.compiled import compiled

RATE: Final = 136
"""Bytes of a block: of longer messages no hash is made."""
_ROUNDS: Final = 24
_SHIFTS: Final = np.array(
    [0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14], np.uint64
)
"""By how much each lane is rotated."""


def _round_constants() -> list[int]:
    """Return the constants of the rounds, made by the shift register of the specification."""
    constants, register = [], 1
    for _ in range(_ROUNDS):
        constant = 0
        for bit in range(7):
            constant |= (register & 1) << ((1 << bit) - 1)
            register = register << 1 ^ (0x171 if register >> 7 else 0)
        constants.append(constant)
    return constants


_CONSTANTS: Final = np.array(_round_constants(), np.uint64)


@compiled
def _rotated(lane: Any, by: Any) -> Any:
    return lane if by == 0 else lane << by | lane >> (np.uint64(64) - by)


@compiled
def _permute(state: Any, constants: Any, shifts: Any) -> None:
    """Keccak-f[1600] on 25 lanes, in place."""
    moved, columns = np.zeros(25, np.uint64), np.zeros(5, np.uint64)
    for constant in constants:
        for x in range(5):
            columns[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20]
        for x in range(5):
            mixed = columns[(x + 4) % 5] ^ _rotated(columns[(x + 1) % 5], np.uint64(1))
            for y in range(5):
                lane = state[x + 5 * y] ^ mixed
                moved[y + 5 * ((2 * x + 3 * y) % 5)] = _rotated(lane, shifts[x + 5 * y])
        for y in range(5):
            for x in range(5):
                state[x + 5 * y] = moved[x + 5 * y] ^ (~moved[(x + 1) % 5 + 5 * y] & moved[(x + 2) % 5 + 5 * y])
        state[0] ^= constant


def keccak_256(message: bytes) -> bytes:
    """Return the hash of a message.

    Args:
        message: At most `RATE` - 1 bytes.

    Raises:
        ValueError: The message is longer.

    >>> keccak_256(b"").hex()[:16], keccak_256(b"abc").hex()[:16]
    ('c5d2460186f7233c', '4e03657aea45a94f')
    """
    if len(message) >= RATE:
        raise ValueError(f"a message of {len(message)} bytes is longer than a block")
    block = bytearray(message.ljust(200, b"\0"))
    block[len(message)] ^= 0x01
    block[RATE - 1] ^= 0x80
    state = np.frombuffer(bytes(block), np.uint64).copy()
    _permute(state, _CONSTANTS, _SHIFTS)
    return state[:4].tobytes()
