"""Checksums of addresses of wallets: base58, bech32, CashAddr, EIP-55, and those of Monero, Stellar and TON."""

import base64
import binascii
import hashlib
from typing import Final

from pipeline.kernels.pii.keccak import keccak_256

_BITCOIN: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_RIPPLE: Final = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
_BECH32: Final = {sign: number for number, sign in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
_GENERATORS: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CASH_GENERATORS: Final = (0x98F2BC8E61, 0x79B76D99E2, 0xF33E5FB3C4, 0xAE2EABE2A8, 0x1E4F43E470)
_BECH32_ENDS: Final = (1, 0x2BC830A3)
"""What is left of a valid address: bech32 (BIP 173), bech32m (BIP 350)."""
_BLOCK, _BLOCK_BYTES = 11, 8
"""Signs of a block of Monero's base58, and its bytes."""
_TAIL_BYTES: Final = {2: 1, 3: 2, 5: 3, 6: 4, 7: 5, 9: 6, 10: 7}
"""Bytes of the last block of Monero's base58, by its signs."""


def base58(text: str, alphabet: str = _BITCOIN) -> bytes:
    """Return what base58 stands for; empty where a sign is none of the alphabet."""
    number = 0
    for sign in text:
        digit = alphabet.find(sign)
        if digit < 0:
            return b""
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip(alphabet[0]))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)


def has_base58_checksum(address: str, versions: tuple[bytes, ...], *, is_ripple: bool = False) -> bool:
    """Tell whether a hash of 20 bytes behind one of some versions has its checksum (base58check).

    >>> has_base58_checksum("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", (b"A",)), has_base58_checksum("T" * 34, (b"A",))
    (True, False)
    """
    data = base58(address, _RIPPLE if is_ripple else _BITCOIN)
    hashed, checksum = data[:-4], data[-4:]
    if len(data) < 25 or hashed[:-20] not in versions:
        return False
    return hashlib.sha256(hashlib.sha256(hashed).digest()).digest()[:4] == checksum


def has_bech32_checksum(address: str) -> bool:
    """Tell whether an address has the checksum of bech32 or bech32m; of mixed case none has.

    >>> has_bech32_checksum("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"), has_bech32_checksum("ltc1qqq")
    (True, False)
    """
    if address not in (address.lower(), address.upper()):
        return False
    prefix, _, data = address.lower().rpartition("1")
    values = [ord(sign) >> 5 for sign in prefix] + [0] + [ord(sign) & 31 for sign in prefix]
    values += [_BECH32.get(sign, -1) for sign in data]
    if min(values) < 0:
        return False
    return _left_of(values, _GENERATORS, 25) in _BECH32_ENDS


def has_cash_checksum(address: str) -> bool:
    """Tell whether an address with its prefix, in small letters, has the checksum of CashAddr (Bitcoin Cash).

    >>> has_cash_checksum("bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a")
    True
    >>> has_cash_checksum("bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6q")
    False
    """
    prefix, _, data = address.partition(":")
    values = [ord(sign) & 31 for sign in prefix] + [0] + [_BECH32[sign] for sign in data]
    return _left_of(values, _CASH_GENERATORS, 35) == 1


def _left_of(values: list[int], generators: tuple[int, ...], bits: int) -> int:
    """Return what is left of values of five bits, divided by a polynomial whose remainders have five bits more."""
    left = 1
    for value in values:
        top = left >> bits
        left = (left & (1 << bits) - 1) << 5 ^ value
        for number, generator in enumerate(generators):
            left ^= generator if top >> number & 1 else 0
    return left


def has_eip55_checksum(address: str) -> bool:
    """Tell whether the capitals of an address of Ethereum are those that EIP-55 gives it.

    >>> has_eip55_checksum("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
    True
    >>> has_eip55_checksum("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD")
    False
    """
    digits = address[2:]
    hashed = keccak_256(digits.lower().encode()).hex()
    return all(sign.isdigit() or sign.isupper() == (half > "7") for sign, half in zip(digits, hashed, strict=False))


def is_monero(address: str) -> bool:
    """Tell whether an address of 95 or 106 signs has the checksum of Monero."""
    data = b""
    for start in range(0, len(address), _BLOCK):
        block = address[start : start + _BLOCK]
        size = _BLOCK_BYTES if len(block) == _BLOCK else _TAIL_BYTES.get(len(block), 0)
        number = 0
        for sign in block:
            number = number * 58 + _BITCOIN.find(sign)
        if number >> 8 * size:
            return False
        data += number.to_bytes(size)
    return keccak_256(data[:-4])[:4] == data[-4:]


def is_stellar(address: str) -> bool:
    """Tell whether an address of 56 signs has the checksum of Stellar (CRC-16/XMODEM, SEP-23).

    >>> is_stellar("GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ")
    True
    """
    data = base64.b32decode(address)
    return binascii.crc_hqx(data[:-2], 0) == int.from_bytes(data[-2:], "little")


def is_ton(address: str) -> bool:
    """Tell whether an address of 48 signs has the checksum of TON (CRC-16/XMODEM).

    >>> is_ton("EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N")
    True
    """
    data = base64.urlsafe_b64decode(address)
    return binascii.crc_hqx(data[:-2], 0) == int.from_bytes(data[-2:])
