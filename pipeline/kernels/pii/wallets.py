"""Addresses of wallets: by their checksum, and by the words beside them where they have none."""

import re
from collections.abc import Callable
from typing import Any, Final

from presidio_analyzer import RecognizerResult
from presidio_analyzer.predefined_recognizers import CryptoRecognizer

from pipeline.kernels.pii import wallet_checksums as checksums
from pipeline.kernels.pii.cues import CALLED, LET_BE, cue_pattern, words_of
from pipeline.kernels.pii.patterns import result_of, results_of

_B58: Final = "[1-9A-HJ-NP-Za-km-z]"
_SHAPES: Final[dict[str, str]] = {
    "ethereum": "0[xX][0-9A-Fa-f]{40}",
    "tron": f"T{_B58}{{33}}",
    "litecoin": f"[LM]{_B58}{{25,33}}",
    "dogecoin": f"D[5-9A-HJ-NP-U]{_B58}{{32}}",
    "dash": f"X{_B58}{{33}}",
    "zcash": f"t[13]{_B58}{{33}}",
    "ripple": f"r{_B58}{{24,34}}",
    "bech32": "(?i:bc|ltc|addr|stake)1[0-9A-Za-z]{20,110}",
    "cash": "bitcoincash:[qp][02-9ac-hj-np-z]{41}",
    "stellar": "G[A-Z2-7]{55}",
    "ton": "[EU]Q[A-Za-z0-9_-]{46}",
    "monero": f"[48][0-9AB]{_B58}{{93}}(?:{_B58}{{11}})?",
    "base58": f"{_B58}{{32,44}}",
}
TRIGGERS: Final = (
    rf"(?<![A-Za-z0-9])(?:{'|'.join(_SHAPES.values())})(?![A-Za-z0-9])",
    "(?:bc1|[13])[A-Za-z0-9]{25,60}",  # Bitcoin's, as presidio knows them
)
"""What can begin a wallet."""
PRESCREEN: Final = (
    r"\b[13][A-Za-z0-9]{25}|\b[1-9A-HJ-NP-Za-km-z]{32}|\b0[xX][0-9A-Fa-f]{40}|\b[LMr][1-9A-HJ-NP-Za-km-z]{24}"
    r"|\b(?:bc|ltc|addr|stake|BC|LTC)1[0-9A-Za-z]{20}|\b[EU]Q[A-Za-z0-9_-]{46}|\bG[A-Z2-7]{55}|bitcoincash:"
)
"""The same for RE2, and wider."""
_SHAPE: Final = re.compile(
    "(?<![A-Za-z0-9])(?:"
    + "|".join(f"(?P<{name}>{shape})(?![A-Za-z0-9])" for name, shape in _SHAPES.items() if name != "base58")
    + ")"
)
_KEY: Final = re.compile(rf"(?<![A-Za-z0-9]){_SHAPES['base58']}(?![A-Za-z0-9])")
_LONG: Final = re.compile("[A-Za-z0-9_-]{26}")
"""What no address is without."""
_WORDS: Final = words_of(
    """
    wallet* walet* ethereum ether eth erc20 erc-20 erc metamask bep20 bep-20 bnb bsc polygon matic usdt usdc arbitrum
    avalanche avax evm crypto* krypto* cripto* kripto* donat* donación* donacion* doação* doacao* don dons spende*
    donazion* dotacj* tip tips deposit* payout* airdrop* monedero* billetera* cartera* carteira* portefeuille*
    portafoglio* portfel* cüzdan* cuzdan* portemonnee* peněženk* plånbok* ví кошел* кошёл* гаманец* гаманц* донат*
    крипто* محفظة* ארנק* वॉलेट* กระเป๋า* 钱包* 錢包* 捐赠* 捐款* 以太坊* ウォレット* イーサリアム* 지갑* 이더리움*
    """
)
"""What stands beside wallets whose addresses have no checksum."""
_MORE_WORDS: Final = (
    *_WORDS,
    *words_of("solana sol spl phantom solflare address* adress* adresse* dirección* endereço* адрес*"),
)
_CUE: Final = cue_pattern(
    (
        *_WORDS,
        *words_of(
            "address* adress* dirección* direccion* endereço* endereco* indirizz* адрес* 地址* 住所* アドレス* 주소*"
        ),
    )
)
_KEY_CUE: Final = cue_pattern(_MORE_WORDS)
_NO_WALLET: Final = cue_pattern(
    words_of(
        """
    contract* token_address token_contract smart_contract* contrat* contrato* kontrakt* vertrag* контракт* 合约* 合約*
    コントラクト* 컨트랙트* tx txid txn txhash transaction* transaktion* transacción* transação* транзакц* hash hashes
    commit
    checksum* sha1 sha-1 digest block blockhash program programid mint nonce* 交易* 哈希* ハッシュ* 해시*
    """
    )
)
"""What stands beside addresses and hashes that are no one's wallet."""
_SOMEONES: Final = cue_pattern(
    words_of(
        """
    wallet* walet* owner* holder* recipient* sender* payee* donat* donación* doação* spende* donazion* my_address*
    our_address* his_address* her_address* their_address* your_address* monedero* billetera* cartera* carteira*
    portefeuille* portafoglio* portfel* cüzdan* cuzdan* portemonnee* peněženk* plånbok* кошел* кошёл* гаманец*
    гаманц* владел* власник* محفظة* ארנק* वॉलेट* กระเป๋า* 钱包* 錢包* ウォレット* 지갑*
    """
    )
)
"""What says between such a word and an address that it is someone's all the same: `contract owner`."""
_BEFORE, _AFTER = 60, 24
"""Code points before and after an address in which such words stand."""
_VERSIONS: Final[dict[str, tuple[bytes, ...]]] = {
    "tron": (b"\x41",),
    "litecoin": (b"\x30", b"\x32"),
    "dogecoin": (b"\x1e",),
    "dash": (b"\x4c",),
    "zcash": (b"\x1c\xb8", b"\x1c\xbd"),
}
_CHECKS: Final[dict[str, Callable[[str], bool]]] = {
    "ripple": lambda address: checksums.has_base58_checksum(address, (b"\0",), is_ripple=True),
    "bech32": checksums.has_bech32_checksum,
    "cash": checksums.has_cash_checksum,
    "stellar": checksums.is_stellar,
    "ton": checksums.is_ton,
    "monero": checksums.is_monero,
}
_KEY_BYTES: Final = 32
_SURE, _NAMED = 1.0, LET_BE + CALLED


class Wallets(CryptoRecognizer):
    """Addresses of wallets of a dozen currencies.

    Those whose checksum holds are taken wherever they stand, unless the text says that they are contracts or hashes,
    and not whose.
    Ethereum's in letters of one case, and Solana's, have none: a word beside them says what they are.
    """

    def analyze(
        self,
        text: str,
        entities: list[str],  # noqa: ARG002
        nlp_artifacts: Any = None,  # noqa: ARG002
        regex_flags: int | None = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Return addresses of wallets."""
        if not _LONG.search(text):
            return []
        results = [
            result for result in results_of(self, text) if not _is_other(*_beside(text, result.start, result.end))
        ]
        for match in _SHAPE.finditer(text):
            score = _score(text, match.start(), match.end(), str(match.lastgroup))
            if score:
                results.append(result_of(self, "CRYPTO", match.start(), match.end(), score))
        for match in _KEY.finditer(text):
            if (
                _is_mixed(match[0])
                and _is_said(*_beside(text, *match.span()), _KEY_CUE)
                and len(checksums.base58(match[0])) == _KEY_BYTES
            ):
                results.append(result_of(self, "CRYPTO", *match.span(), _NAMED))
        return results


def _score(text: str, start: int, end: int, kind: str) -> float:
    """Return how sure it is that an address of some currency is a wallet: 0 for none."""
    address = text[start:end]
    if kind == "ethereum":
        return _score_of_ethereum(address, *_beside(text, start, end))
    is_valid = checksums.has_base58_checksum(address, _VERSIONS[kind]) if kind in _VERSIONS else _CHECKS[kind](address)
    return _SURE * (is_valid and not _is_other(*_beside(text, start, end)))


def _score_of_ethereum(address: str, before: str, after: str) -> float:
    digits = address[2:]
    if len(set(digits)) < 8 or _is_other(before, after):  # the zero address and the like are no one's
        return 0.0
    if digits not in (digits.lower(), digits.upper()) and checksums.has_eip55_checksum(address):
        return _SURE
    return _NAMED if _is_said(before, after, _CUE) else 0.0


def _beside(text: str, start: int, end: int) -> tuple[str, str]:
    """Return what stands before an address and behind it, on its line; on the line above, if nothing stands before."""
    above, newline, line = text[max(0, start - _BEFORE) : start].rpartition("\n")
    before = line if line.strip(" \t:|-*•>\"'") or not newline else f"{above.rpartition(newline)[2]} {line}"
    after = re.split(r"[\n?]", text[end : end + _AFTER], maxsplit=1)[0]  # of `monero:4A6…?tx_amount=1`, nothing
    return before.replace("_", " "), after.replace("_", " ")  # words of keys, too


def _is_other(before: str, after: str) -> bool:
    """Tell whether a word beside an address says that it is no wallet; what stands nearest before it is right."""
    at = max((match.end() for match in _NO_WALLET.finditer(before)), default=0)
    if _SOMEONES.search(before, at):
        return False
    return at > 0 or _NO_WALLET.search(after) is not None


def _is_said(before: str, after: str, cue: re.Pattern[str]) -> bool:
    """Tell whether a word beside an address says that it is a wallet, and none that it is something else."""
    return not _is_other(before, after) and bool(cue.search(before) or cue.search(after))


def _is_mixed(key: str) -> bool:
    """Tell whether a key has digits and letters of both cases: words and hashes have not."""
    return any(map(str.isdigit, key)) and key not in (key.lower(), key.upper())
