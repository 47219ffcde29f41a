"""Checks of identifiers that python-stdnum lacks; each takes a number with or without signs in between.

Sources: the state's own rules as Wikipedia has them, under the name of each identifier.
"""

import re
from datetime import date
from typing import Final

from stdnum import luhn

_SIGNS: Final = re.compile(r"[^0-9A-Z]")
_LETTERS: Final = "0123456789ABCDEFGHJKLMNPQRSTUVXYWZIO"
"""Letters of Taiwan's identifiers by their values, of which the least is 10."""
_SINGAPORE: Final = {"S": "JZIHGFEDCBA", "T": "GFEDCBAJZIH", "F": "XWUTRQPNMLK", "G": "RQPNMLKXWUT", "M": "XWUTRQPNJLK"}
"""Last letters of Singapore's identifiers by their first; those of T and G are S's and F's, moved by four."""
_PROVINCES: Final = range(1, 97)
_GOVERNORATES: Final = (*range(1, 36), 88)


def _compact(number: str) -> str:
    return _SIGNS.sub("", number.upper())


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def is_taiwanese(number: str) -> bool:
    """Tell whether a number is one of Taiwan, of a citizen or of a resident.

    >>> is_taiwanese("A123456789"), is_taiwanese("A123456788")
    (True, False)
    """
    number = _compact(number)
    first = _LETTERS.index(number[0])
    second = _LETTERS.index(number[1]) % 10
    return (first // 10 + first % 10 * 9 + second * 8 + _weighted(number[2:], (7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


def is_of_hong_kong(number: str) -> bool:
    """Tell whether a number is that of an identity card of Hong Kong.

    >>> is_of_hong_kong("G123456(A)"), is_of_hong_kong("A123456(4)")
    (True, False)
    """
    number = _compact(number)
    values = [36] * (9 - len(number)) + [int(sign, 36) for sign in number]
    return sum(value * weight for value, weight in zip(values, range(9, 0, -1), strict=True)) % 11 == 0


def is_of_singapore(number: str) -> bool:
    """Tell whether a number is an NRIC or FIN of Singapore.

    >>> is_of_singapore("S1234567D"), is_of_singapore("S1234567A")
    (True, False)
    """
    number = _compact(number)
    total = _weighted(number[1:8], (2, 7, 6, 5, 4, 3, 2)) + 3 * (number[0] == "M")
    return _SINGAPORE[number[0]][total % 11] == number[-1]


def is_vietnamese(number: str) -> bool:
    """Tell whether twelve digits begin with a province, and a sex and century, of Vietnam; there is no checksum.

    >>> is_vietnamese("001099012345"), is_vietnamese("123499012345")
    (True, False)
    """
    number = _compact(number)
    return int(number[:3]) in _PROVINCES and number[3] in "0123"


def is_iranian(number: str) -> bool:
    """Tell whether a number is a national code of Iran.

    >>> is_iranian("0499370899"), is_iranian("0499370898")
    (True, False)
    """
    number = _compact(number)
    left = _weighted(number[:9], (10, 9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return len(set(number)) > 1 and int(number[9]) == (left if left < 2 else 11 - left)


def is_saudi(number: str) -> bool:
    """Tell whether a number is one of a citizen or resident of Saudi Arabia.

    >>> is_saudi("1000000008"), is_saudi("1000000009")
    (True, False)
    """
    return luhn.is_valid(_compact(number))


def is_emirati(number: str) -> bool:
    """Tell whether a number is an Emirates ID.

    >>> is_emirati("784-1980-1234567-8"), is_emirati("784-1980-1234567-0")
    (True, False)
    """
    return luhn.is_valid(_compact(number))


def is_egyptian(number: str) -> bool:
    """Tell whether a number has a date of birth and a governorate of Egypt; what its last digit means is not public.

    >>> is_egyptian("29001011234567"), is_egyptian("29013011234567")
    (True, False)
    """
    number = _compact(number)
    try:
        date(1700 + 100 * int(number[0]) + int(number[1:3]), int(number[3:5]), int(number[5:7]))
    except ValueError:
        return False
    return int(number[7:9]) in _GOVERNORATES


def is_snils(number: str) -> bool:
    """Tell whether a number is a SNILS of Russia.

    >>> is_snils("112-233-445 95"), is_snils("112-233-445 94")
    (True, False)
    """
    number = _compact(number)
    return _weighted(number[:9], (9, 8, 7, 6, 5, 4, 3, 2, 1)) % 101 % 100 == int(number[9:])


def is_kazakh(number: str) -> bool:
    """Tell whether a number is an IIN of Kazakhstan.

    >>> is_kazakh("990101300013"), is_kazakh("991301300017")
    (True, False)
    """
    number = _compact(number)
    if not (1 <= int(number[2:4]) <= 12 and 1 <= int(number[4:6]) <= 31):
        return False
    left = _weighted(number, tuple(range(1, 12))) % 11
    if left == 10:
        left = _weighted(number, (*range(3, 12), 1, 2)) % 11
    return left == int(number[11])
