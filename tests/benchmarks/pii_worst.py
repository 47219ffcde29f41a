"""What finding personal data costs in texts that are made to cost much, with prose beside them.

`python -m tests.benchmarks.pii_worst [--sizes 200000 2000000] [--kinds WORD ...] [--prose FILE]`: a row per kind,
µs of CPU time for each code point at each size, and how many values were found. The same seed gives the same texts. A
text's language is not known and it has no host, so that the numbers and identifiers of most countries are looked for.
FILE holds JSON lines with a `text`, gzipped or not: real prose. Without it, prose is words drawn at random.
"""

import argparse
import base64
import gzip
import json
import random
import string
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pyarrow as pa

from pipeline.kernels.pii.find import find_pii
from pipeline.pii.params import PiiParams

_SEED: Final = 7
_SIZES: Final = (200_000, 2_000_000)
_LETTERS: Final = string.ascii_lowercase
_ALPHANUMERIC: Final = string.ascii_letters + string.digits
_TEXT: Final = """
the mill stands by water and its wheel turns slowly while stones grind rye for bread that people of three villages
carry home in sacks on market days before winter comes with snow over fields where nothing grows until spring
"""
_WORDS: Final = _TEXT.split()
Kind = Callable[[random.Random], str]


def _digits(draw: random.Random, least: int, most: int | None = None) -> str:
    return "".join(draw.choices(string.digits, k=draw.randint(least, most or least)))


def _letters(draw: random.Random, least: int, most: int) -> str:
    return "".join(draw.choices(_LETTERS, k=draw.randint(least, most)))


def _groups(draw: random.Random, sizes: tuple[int, ...], sign: str) -> str:
    return sign.join(_digits(draw, size) for size in sizes)


def _phone(draw: random.Random) -> str:
    shapes = ((3, 3, 4), (2, 2, 2, 2, 2), (5, 6), (2, 4, 4), (3, 7), (2, 8))
    lead = draw.choice(("", "", "+1 ", "+49 ", "0", "00", "(0)", "+44 (0)"))
    return lead + _groups(draw, draw.choice(shapes), draw.choice(" -./"))


def _international(draw: random.Random) -> str:
    return f"+{draw.randint(1, 99)} {_groups(draw, (3, 3, 4), draw.choice(' -'))}"


def _card(draw: random.Random) -> str:
    number = draw.choice("3456") + _digits(draw, 14)
    doubled = [int(digit) * (1 if at % 2 else 2) for at, digit in enumerate(number)]
    check = -sum(value - 9 * (value > 9) for value in doubled) % 10
    number += str(check)
    return draw.choice((" ", "-", "")).join(number[at : at + 4] for at in range(0, 16, 4))


def _iban(draw: random.Random) -> str:
    return draw.choice(("DE", "GB", "FR", "PT")) + _groups(draw, (2, 4, 4, 4, 4, 2), draw.choice((" ", "")))


def _date(draw: random.Random) -> str:
    year, month, day = draw.randint(1950, 2029), draw.randint(1, 12), draw.randint(1, 28)
    shapes = f"{year}-{month:02}-{day:02}", f"{day:02}.{month:02}.{year}", f"{month}/{day}/{year}"
    return draw.choice((*shapes, f"{year}{month:02}{day:02}"))


def _ipv4(draw: random.Random) -> str:
    return ".".join(str(draw.randint(1, 254)) for _ in range(4))


def _ipv6(draw: random.Random) -> str:
    return ":".join(f"{draw.randrange(65536):x}" for _ in range(8))


def _mac(draw: random.Random) -> str:
    return draw.choice(":-").join(f"{draw.randrange(256):02x}" for _ in range(6))


def _uuid(draw: random.Random) -> str:
    value = f"{draw.getrandbits(128):032x}"
    return "-".join((value[:8], value[8:12], value[12:16], value[16:20], value[20:]))


def _doi(draw: random.Random) -> str:
    return f"10.{draw.randint(1000, 99999)}/s{_groups(draw, (5, 3, 5), '-')}-{draw.randrange(10)}"


def _email(draw: random.Random) -> str:
    return f"{_letters(draw, 3, 9)}.{_letters(draw, 3, 9)}@{_letters(draw, 4, 9)}.{draw.choice(('org', 'com', 'de'))}"


def _log_line(draw: random.Random) -> str:
    moment = f"{draw.randint(0, 23):02}:{draw.randint(0, 59):02}:{draw.randint(0, 59):02}"
    return (
        f'{_ipv4(draw)} - - [12/Mar/2024:{moment} +0000] "GET /{_letters(draw, 3, 9)} HTTP/1.1" 200 {_digits(draw, 5)}'
    )


def _contact(draw: random.Random) -> str:
    return f"{_letters(draw, 4, 9).title()}, tel. {_phone(draw)}, {_email(draw)}"


KINDS: Final[dict[str, tuple[Kind, str]]] = {
    "decimals": (lambda draw: f"{draw.uniform(-99, 99):.3f}", "\t"),
    "decimals, one a line": (lambda draw: f"{draw.uniform(-99, 99):.6f}", "\n"),
    "integers": (lambda draw: str(draw.randrange(10 ** draw.randrange(1, 9))), " "),
    "integers of ten digits, CSV": (lambda draw: str(draw.randrange(10**9, 10**10)), ","),
    "integers of ten digits, one a line": (lambda draw: str(draw.randrange(10**9, 10**10)), "\n"),
    "integers of nine digits": (lambda draw: _digits(draw, 9), " "),
    "integers with groups": (lambda draw: f"{draw.randrange(10**6, 10**10):,}", "  "),
    "phone numbers, one a line": (_phone, "\n"),
    "phone numbers in a row": (_phone, " "),
    "phone numbers with a country, one a line": (_international, "\n"),
    "phone numbers of eleven digits": (lambda draw: "0" + _digits(draw, 10), "\n"),
    "contacts": (_contact, "\n"),
    "signs of phone numbers": (lambda draw: "".join(draw.choices("0123456789 -.()+", k=60)), ""),
    "signs of phone numbers, digits mostly": (lambda draw: "".join(draw.choices("0123456789" * 3 + " -()+", k=60)), ""),
    "brackets and digits": (lambda draw: f"({_digits(draw, 1, 4)}", ") "),
    "cards": (_card, "\n"),
    "cards in a row": (_card, " "),
    "digits in fours": (lambda draw: _digits(draw, 4), " "),
    "digits without an end": (lambda draw: _digits(draw, 60), ""),
    "accounts (IBAN)": (_iban, "\n"),
    "words of letters and digits": (lambda draw: f"{_letters(draw, 2, 2)}{_digits(draw, 2, 20)}", " "),
    "dates": (_date, " "),
    "dates and times, one a line": (
        lambda draw: f"{_date(draw)} {draw.randint(0, 23)}:{draw.randint(10, 59)}:30",
        "\n",
    ),
    "times": (lambda draw: f"{draw.randint(0, 23)}:{draw.randint(10, 59)}:{draw.randint(10, 59)}", " "),
    "DOIs": (_doi, "\n"),
    "ISBNs": (lambda draw: f"978-{_groups(draw, (1, 4, 4, 1), '-')}", "\n"),
    "social security numbers": (lambda draw: _groups(draw, (3, 2, 4), "-"), "\n"),
    "IPv4 addresses": (_ipv4, "\n"),
    "IPv4 addresses in a row": (_ipv4, " "),
    "IPv6 addresses": (_ipv6, "\n"),
    "network cards": (_mac, "\n"),
    "UUIDs": (_uuid, "\n"),
    "logs": (_log_line, "\n"),
    "e-mail addresses": (_email, "\n"),
    "e-mail addresses in a row": (_email, ","),
    "the same e-mail address": (lambda _: "jane@watermill.org", "\n"),
    "a@a@": (lambda _: "a@a@a@a@a@", ""),
    "a.a.a@a.a.": (lambda _: "a.a.a@a.a.", ""),
    "@@@@": (lambda _: "@" * 10, ""),
    "1.1.1.1": (lambda _: "1.1.1.1.1.", ""),
    "numbers with dots": (lambda draw: str(draw.randrange(300)), "."),
    "::::": (lambda _: "::::::::::", ""),
    "1:1:1:": (lambda _: "1:1:1:1:1:", ""),
    "hexadecimal with colons": (lambda draw: f"{draw.randrange(65536):x}", ":"),
    "1-1-1-": (lambda _: "1-1-1-1-1-", ""),
    "ab-ab-": (lambda _: "ab-ab-ab-", ""),
    "+1(+1(": (lambda _: "+1(+1(+1(", ""),
    "0 0 0 ": (lambda _: "0 0 0 0 0 ", ""),
    "base64": (lambda draw: base64.b64encode(draw.randbytes(57)).decode(), "\n"),
    "base64 without an end": (lambda draw: base64.b64encode(draw.randbytes(57)).decode(), ""),
    "base64 for URLs": (lambda draw: base64.urlsafe_b64encode(draw.randbytes(33)).decode(), " "),
    "hexadecimal": (lambda draw: draw.randbytes(20).hex(), " "),
    "hexadecimal without an end": (lambda draw: draw.randbytes(20).hex(), ""),
    "words as wallets": (lambda draw: "1" + "".join(draw.choices(_ALPHANUMERIC, k=33)), "\n"),
    "bc1bc1": (lambda draw: "bc1" + "".join(draw.choices(_LETTERS + string.digits, k=39)), "\n"),
    "beginnings of keys": (lambda draw: draw.choice(("eyJ", "sk-", "ghp_", "xoxb-", "AKIA", "hf_", "npm_")) * 3, " "),
    "eyJeyJ": (lambda _: "eyJeyJeyJ", ""),
    "beginnings of private keys": (lambda _: "-----BEGIN PRIVATE KEY-----", "\n"),
    "words for phones with digits": (lambda draw: f"phone {_digits(draw, 6, 8)}", " "),
    "words for identifiers with digits": (lambda draw: f"ssn pesel nhs tax id {_digits(draw, 9, 11)}", " "),
    "digits of Arabic": (lambda draw: "".join(draw.choices("٠١٢٣٤٥٦٧٨٩", k=9)), " "),
    "full-width digits": (lambda draw: "".join(draw.choices("０１２３４５６７８９－", k=12)), "は"),
    "digits in Chinese": (lambda draw: _digits(draw, 1, 11), "水"),
    "letters and digits": (lambda draw: "".join(draw.choices("A1", k=20)), ""),
    "any ASCII": (lambda draw: "".join(draw.choices(string.printable, k=40)), ""),
}
"""Kind → a piece of it, and what stands between two pieces."""


def _prose(draw: random.Random) -> str:
    sentence = " ".join(draw.choices(_WORDS, k=draw.randint(5, 20)))
    year = f" in {draw.randint(1800, 2024)}" if not draw.randrange(10) else ""
    return f"{sentence.capitalize()}{year}."


def text_of(kind: Kind, between: str, size: int) -> str:
    """Return a text of some code points."""
    draw = random.Random(_SEED)
    pieces: list[str] = []
    length = 0
    while length < size:
        pieces.append(kind(draw) + between)
        length += len(pieces[-1])
    return "".join(pieces)[:size]


def cost_of(texts: list[str], language: str = "und") -> tuple[float, int]:
    """Return the µs of CPU time for each code point, and how many values were found."""
    settings = PiiParams().find_params().settings()
    array, count = pa.array(texts, pa.large_string()), len(texts)
    start = time.process_time()
    result = find_pii(array, [()] * count, [language] * count, [None] * count, settings)
    spent = time.process_time() - start
    return spent / sum(map(len, texts)) * 1e6, sum(len(values or ()) for values in result)


def real_prose(file: Path, size: int) -> list[str]:
    """Return the first texts of a file that have some code points together."""
    texts: list[str] = []
    with (gzip.open if file.suffix == ".gz" else open)(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            texts.append(json.loads(line)["text"])
            size -= len(texts[-1])
            if size <= 0:
                break
    return texts


def main() -> None:
    """Print a row per kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(_SIZES))
    parser.add_argument(
        "--kinds", nargs="*", default=[], help="words, one of which is in the names of the kinds asked for"
    )
    parser.add_argument("--prose", type=Path)
    asked = parser.parse_args()
    rows = {name: kind for name, kind in KINDS.items() if not asked.kinds or any(one in name for one in asked.kinds)}
    print(f"| kind |{''.join(f' {size:,}: µs/char | values |' for size in asked.sizes)}")
    print(f"|---|{'---:|---:|' * len(asked.sizes)}")
    cost_of(["jane@watermill.org"])
    for name, (kind, between) in rows.items():
        _print_row(name, [cost_of([text_of(kind, between, size)]) for size in asked.sizes])
    _print_row("prose, words drawn at random", [cost_of([text_of(_prose, " ", size)], "en") for size in asked.sizes])
    if asked.prose:
        _print_row("real prose", [cost_of(real_prose(asked.prose, size), "en") for size in asked.sizes])


def _print_row(name: str, costs: list[tuple[float, int]]) -> None:
    print(f"| {name} |{''.join(f' {spent:.2f} | {values:,} |' for spent, values in costs)}", flush=True)


if __name__ == "__main__":
    main()
