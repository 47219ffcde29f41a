"""Words that say what the number beside them is, in the languages that most of the web is written in.

presidio's recognisers of national identifiers bring the words of their country; for what is the same everywhere it
knows English ones alone. A word that ends in `*` may go on: `telefon*` finds "Telefonnummer". `_` stands for a space.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

LET_BE, CALLED, AT_LEAST = 0.3, 0.35, 0.4
"""Score of a value that needs a cue, what presidio adds for a cue, and what a value then has at least."""
_BEFORE: Final = 60
_LABEL: Final = 16
"""Characters before a number on its line, below which the line above may say what it is: a form, a table, a chat."""


def words_of(listed: str) -> tuple[str, ...]:
    """Return words that white space parts; `_` stands for a space."""
    return tuple(word.replace("_", " ") for word in listed.split())


PHONE: Final = words_of(
    """
    phone* tel telephone* cellphone* mobile_number mobile_no fax hotline* whatsapp viber sms contact_number
    answering_at reach_us_at reach_me_at reached_at reach_me_on reach_us_on contacted_at contact_me_on call_us call_me
    call_back callback* caller_id* calling_me_from landline* mob msisdn voicemail otp
    rufnummer* faxnummer* kontaktnummer* servicenummer* notruf*
    telefon* telef handynummer handynr mobiltelefon* mobilnummer anruf* rückruf* festnetz* durchwahl
    tél téléphon* appelez appeler ligne_directe teléf* celular* cel llám* llam* telefone* telemóve* ligue* ligar*
    telefono* cellulare* chiamare chiamaci telefoon* mobiel* bel_ons tlf puh puhelin* sími zadzwo* komórk*
    dzwoni* volejte mobilní hívj* sunați apelați gọi điện_thoại di_động hubungi telp
    тел телефон* моб мобильн* факс звонит* звоните дзвон* τηλ τηλέφων* κιν κινητό φαξ טל טלפון נייד פקס
    هاتف* الهاتف جوال* الجوال موبايل* واتساب* فاكس اتصل* تلفن تماس موبایل फ़ोन फोन मोबाइल व्हाट्सएप ফোন মোবাইল
    โทร* มือถือ* 电话* 電話* 手机* 手機* 传真* 傳真* 携帯* 전화* 휴대폰* 팩스*
    """
)
PHONE_WEAK: Final = words_of(
    "call calling dial ring rang cell mobile mobil handy portable gsm móvil cep appel bel ringe"
    " ring_til kontakt contact contacts reservations bookings"
)
"""What may stand before a phone number, and before much else."""
PHONE_AFTER: Final = words_of("office fax mobile mobil home work cell phone tel direct main")
"""What stands behind it, as in lists of contacts."""
ADDRESS: Final = words_of(
    """
    ip ips ipv4 ipv6 host hosts server* address* ping gateway dns router subnet adres* dirección direccion endereço
    indirizz* сервер* адрес* 地址* アドレス* 주소*
    """
)
"""What stands before an address of the internet that could be a version or the number of a section."""
NATIONAL: Final[dict[str, tuple[str, ...]]] = {
    "US_SSN": words_of(
        """
        ssn ssns ss# ss_# ss_no ss_number soc_sec my_social your_social his_social her_social their_social social_no
        social_security* 社会安全号码*
        """
    ),
    "IN_AADHAAR": words_of("aadhar adhaar आधार*"),
    "IN_PAN": words_of("पैन pan_card pan_no"),
    "DE_TAX_ID": words_of("steuer-identifikationsnummer tax_id"),
}
"""What stands before identifiers of persons, beside what presidio knows."""
LOOSE: Final[dict[str, tuple[str, ...]]] = {
    "US_SSN": words_of(
        """
        social seguro_social seguridad_social sécurité_sociale sozialversicherung* sociale_zekerheid previdenza_sociale
        ubezpieczeni* социальн* 社会安全* 社会保障* 社会保険* सामाजिक_सुरक्षा الضمان_الاجتماعي
        """
    )
}
"""What is said of them so loosely that digits alone need more."""
CARD: Final = words_of(
    """
    credit* card* visa* mastercard* master_card cc amex discover jcb diners maestro unionpay carte karte*
    kreditkarte* kartennummer tarjeta* cartão cartões carta carte* creditcard* kaart* kort* karta karty kartę karcie
    kreditkort* kartı* карт* بطاق* क्रेडिट कार्ड 卡号* 信用卡* 银行卡* カード* 카드*
    """
)
"""What stands before the number of a credit or debit card."""


def cue_pattern(cues: Iterable[str], signs: str = "") -> re.Pattern[str]:
    """Return what finds cues, whatever their case; those in scripts without spaces stand anywhere.

    Args:
        cues: Words; `*` at the end lets one go on.
        signs: Single signs that are cues too.

    >>> find = cue_pattern(("tel", "phone*", "电话*"), "☎")
    >>> [bool(find.search(text)) for text in ("Tel. 12", "tell me", "Phones: 12", "megaphone", "联系电话12", "☎ 12")]
    [True, False, True, False, True, True]
    """
    whole: list[str] = []
    begins: list[str] = []
    anywhere = [re.escape(sign) for sign in signs]
    for cue in cues:
        word = re.escape(cue.removesuffix("*"))
        (anywhere if is_unspaced(cue) else begins if cue.endswith("*") else whole).append(word)
    groups = [rf"(?<!\w)(?:{'|'.join(whole)})(?!\w)"] if whole else []
    groups += [rf"(?<!\w)(?:{'|'.join(begins)})"] if begins else []
    return re.compile("|".join((*groups, *anywhere)), re.IGNORECASE)


def is_unspaced(word: str) -> bool:
    """Tell whether a word is Thai, Chinese, Japanese or Korean."""
    return "\u0e00" <= word[0] <= "\u0e7f" or word[0] >= "\u2e80"


class Cue:
    """Words that say of a number what it is, before it on its line; on the line above, if little stands before it."""

    def __init__(self, words: Sequence[str]) -> None:
        """Know the words; several may stand in one entry."""
        self._pattern = cue_pattern([word.lower() for word in words] or ["\0"])
        self._folded = sorted({_folded(word.removesuffix("*")) for word in words}, key=len)

    def __call__(self, text: str, start: int) -> bool:
        """Tell whether one of them stands before a place."""
        above, newline, line = text[max(0, start - _BEFORE) : start].rpartition("\n")
        if newline and len(line) < _LABEL:
            line = f"{above.rpartition(newline)[2]} {line}"
        return bool(self._pattern.search(line))

    def may_be_in(self, text: str) -> bool:
        """Tell whether the letters of one stand anywhere in a text: quick, and true wherever a cue is found."""
        plain = _folded(text)
        return any(word in plain for word in self._folded)

    def is_in(self, text: str) -> bool:
        """Tell whether one of them stands anywhere in a text."""
        return bool(self._pattern.search(text.replace("\n", " ")))


@lru_cache(maxsize=8)
def _folded(text: str) -> str:
    """Return a text with all letters alike that patterns take for alike, whatever their case; on one line."""
    return text.casefold().replace("i\u0307", "i").replace("\u0131", "i").replace("\n", " ")
