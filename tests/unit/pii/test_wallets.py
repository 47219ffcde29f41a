"""Wallets of many currencies, by checksum or by a word; hashes, contracts and words are none."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.pii import wallet_checksums as checksums
from pipeline.kernels.pii.keccak import RATE, keccak_256
from tests.unit.pii.finding import values_in

SIGNS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RIPPLES = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"


def base58(data: bytes, alphabet: str = SIGNS) -> str:
    """Return bytes in base58."""
    number, text = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, 58)
        text = alphabet[digit] + text
    return alphabet[0] * (len(data) - len(data.lstrip(b"\0"))) + text


def with_checksum(version: bytes, alphabet: str = SIGNS) -> str:
    """Return an address of base58check."""
    data = version + hashlib.sha256(b"mill" + version).digest()[:20]
    return base58(data + hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4], alphabet)


def monero() -> str:
    """Return an address of Monero."""
    data = b"\x12" + hashlib.sha512(b"mill").digest()
    data += keccak_256(data)[:4]
    blocks = [data[at : at + 8] for at in range(0, len(data), 8)]
    return "".join(base58(block.lstrip(b"\0")).rjust(11 if len(block) == 8 else 7, "1") for block in blocks)


SOLANA = base58(hashlib.sha256(b"wheel").digest())
ETHEREUM = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
BITCOIN = with_checksum(b"\0")
FOUND = [
    f"BTC {BITCOIN}",
    f"Donate: {ETHEREUM} (ETH), thank you.",
    f"{ETHEREUM}",
    f"ETH: {ETHEREUM.lower()}",
    f"{ETHEREUM.lower()} is my MetaMask wallet",
    f"以太坊钱包地址{ETHEREUM.lower()}",
    f"tips go to {with_checksum(b'A')}",
    f"LTC {with_checksum(bytes([0x30]))}",
    f"LTC {with_checksum(bytes([0x32]))}",
    f"doge {with_checksum(bytes([0x1E]))}",
    f"dash {with_checksum(bytes([0x4C]))}",
    f"zec {with_checksum(bytes([0x1C, 0xB8]))}",
    f"xrp {with_checksum(bytes([0]), RIPPLES)}",
    "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9",
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
    f"monero: {monero()}",
    f"monero:{monero()}?tx_amount=2",
    f"Send SOL to {SOLANA}",
    f"Phantom wallet: {SOLANA}",
    "stellar GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ",
    "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
    f'contract owner = "{ETHEREUM}"',
    f"mint authority, Solana wallet {SOLANA}",
    f"the transaction went to my address {with_checksum(b'A')}",
    f"wallet: {BITCOIN} (tx fee is ours)",
]
LET_BE = [
    f"The contract {ETHEREUM} was deployed",
    f"transaction hash 0x{'3fa9c1' * 10}beef",
    f"tx: {ETHEREUM.lower()}",
    f"the value {ETHEREUM.lower()} of a register",
    "wallet 0x0000000000000000000000000000000000000000",
    "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6q",
    f"The token contract of our mill is {with_checksum(b'A')}",
    f"tx hash {with_checksum(b'A')}",
    f"contract:\n{ETHEREUM}",
    f"wallet contract {ETHEREUM}",
    f"hash of the block: {BITCOIN}",
    f"xrp token_contract={with_checksum(bytes([0]), RIPPLES)}",
    f"key {SOLANA} of the map",
    f"LTC {with_checksum(bytes([0x30]))[:-1]}2",
    "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n8",
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8 of the wallet",
    "TheQuickBrownFoxJumpsRightQverTheDogs",
]


@pytest.mark.parametrize("text", FOUND)
def test_wallets_are_found(text: str) -> None:
    assert [entity for entity, _ in values_in(text)] == ["CRYPTO"]


@pytest.mark.parametrize("text", LET_BE)
def test_hashes_and_contracts_are_let_be(text: str) -> None:
    assert values_in(text) == []


@pytest.mark.parametrize("text", FOUND)
def test_in_code_a_wallet_is_a_constant(text: str) -> None:
    assert values_in(text, code=((0, len(text)),)) == []


@given(st.binary(max_size=RATE - 1))
def test_the_sponge_is_that_of_sha_3_but_for_its_padding(message: bytes) -> None:
    assert len(keccak_256(message)) == 32
    assert keccak_256(message) != hashlib.sha3_256(message).digest()


def test_hashes_are_those_of_the_reference() -> None:
    assert keccak_256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak_256(b"abc").hex() == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
    with pytest.raises(ValueError, match="longer"):
        keccak_256(bytes(RATE))


@given(st.text(SIGNS, min_size=20, max_size=110))
def test_any_text_at_all_has_a_checksum_or_none(text: str) -> None:
    assert not checksums.has_base58_checksum(text, (b"\x99",))
    assert not checksums.has_bech32_checksum(text + "b")
