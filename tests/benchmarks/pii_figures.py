"""How often figures are taken for personal data, and how often phone numbers among others are found.

`python -m tests.benchmarks.pii_figures [--rows 400] [--language en] [--host HOST]`: tables of numbers as they stand on
the web, made up, the same for a seed. The first list has a row per kind of table: its cells, for each entity how many
values were found in 1,000 of them. All of these are wrong. The second list is the control: lists and tables of
contacts, with the share of their values that something was found in.
"""

import argparse
import random
from collections import Counter
from collections.abc import Callable
from typing import Final, NamedTuple

import pyarrow as pa

from pipeline.kernels.pii.find import Found, find_pii
from pipeline.pii.params import PiiParams

_SEED: Final = 11
Cell = Callable[[random.Random], str]


def _number(draw: random.Random, digits: int) -> str:
    return str(draw.randrange(10 ** (digits - 1), 10**digits))


def _time(draw: random.Random) -> str:
    return f"{draw.randint(0, 23):02}:{draw.randint(0, 59):02}"


def _date(draw: random.Random) -> str:
    return f"{draw.randint(1990, 2026)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"


def _price(draw: random.Random) -> str:
    return f"{draw.choice('$€£')}{draw.uniform(1, 9999):,.2f}"


def _score(draw: random.Random) -> str:
    return f"{draw.randint(0, 7)}-{draw.randint(0, 7)} ({draw.randint(0, 3)}-{draw.randint(0, 3)})"


def _part(draw: random.Random) -> str:
    shapes = ((3, 4), (2, 5), (4, 3, 3), (2, 3, 4), (5, 2), (3, 3, 3))
    return "-".join(_number(draw, size) for size in draw.choice(shapes))


def _log(draw: random.Random) -> str:
    return f"{_date(draw)} {_time(draw)}:07.{_number(draw, 3)} [{_number(draw, 5)}] took {_number(draw, 4)} ms"


def _range(draw: random.Random) -> str:
    first = draw.randint(100, 90_000)
    return f"{first}-{first + draw.randint(1, 40)}"


def _interval(draw: random.Random) -> str:
    low, high = sorted(draw.uniform(-9, 9) for _ in range(2))
    return f"{low + high:.2f} ({low:.2f}, {high:.2f})"


TABLES: Final[dict[str, tuple[Cell, str, int]]] = {
    "measurements": (lambda draw: f"{draw.uniform(-99, 99):.3f}", "\t", 8),
    "measurements with commas": (lambda draw: f"{draw.uniform(0, 9999):.2f}".replace(".", ","), "\t", 6),
    "measurements with errors": (lambda draw: f"{draw.uniform(0, 99):.2f} ± {draw.uniform(0, 9):.2f}", " | ", 5),
    "signed numbers": (lambda draw: f"{draw.uniform(-99, 99):+.4f}", " ", 6),
    "exponents": (lambda draw: f"{draw.uniform(1, 10):.4f}e{draw.randint(-9, 9):+03}", " ", 5),
    "intervals": (_interval, "\t", 4),
    "prices": (_price, "\t", 4),
    "integers": (lambda draw: _number(draw, draw.randint(1, 7)), "\t", 8),
    "integers in a row": (lambda draw: _number(draw, draw.randint(1, 7)), " ", 12),
    "integers with groups": (lambda draw: f"{draw.randint(1, 10**9):,}", "\t", 5),
    "integers with spaces in groups": (lambda draw: f"{draw.randint(10**3, 10**9):,}".replace(",", " "), "\t", 5),
    "integers with dots in groups": (lambda draw: f"{draw.randint(10**3, 10**9):,}".replace(",", "."), "\t", 5),
    "integers of nine digits, CSV": (lambda draw: _number(draw, 9), ",", 6),
    "integers of ten digits, CSV": (lambda draw: _number(draw, 10), ",", 6),
    "integers of ten digits, one a line": (lambda draw: _number(draw, 10), "\n", 1),
    "integers of twelve digits, CSV": (lambda draw: _number(draw, 12), ",", 4),
    "integers of sixteen digits": (lambda draw: _number(draw, 16), "\t", 3),
    "coordinates": (lambda draw: f"{draw.uniform(-90, 90):.6f}, {draw.uniform(-180, 180):.6f}", "\n", 1),
    "degrees": (lambda draw: f"{draw.randint(0, 89)}°{draw.randint(0, 59):02}′{draw.uniform(0, 59):04.1f}″N", "\t", 2),
    "times": (_time, " ", 10),
    "times of day without colons": (lambda draw: f"{draw.randint(0, 23):02}{draw.randint(0, 59):02}", " ", 10),
    "lap times": (lambda draw: f"{draw.randint(0, 9)}:{draw.uniform(0, 59):06.3f}", "\t", 5),
    "dates": (_date, "\t", 5),
    "dates with slashes": (lambda draw: f"{draw.randint(1, 12)}/{draw.randint(1, 28)}/{_number(draw, 4)}", " ", 5),
    "sports results": (_score, "\t", 5),
    "seasons": (lambda draw: f"{1950 + draw.randint(0, 70)}-{draw.randint(10, 99)}", " ", 8),
    "draws of a lottery": (lambda draw: f"{draw.randint(1, 49):02}", " ", 7),
    "part numbers": (_part, "\t", 4),
    "order numbers": (lambda draw: f"#{_number(draw, 8)}", "\t", 4),
    "pages": (_range, "; ", 6),
    "shares": (lambda draw: f"{draw.uniform(0, 100):.1f}%", "\t", 8),
    "bits": (lambda draw: "".join(draw.choices("01", k=8)), " ", 8),
    "logs": (_log, "\n", 1),
    "times since 1970": (lambda draw: str(draw.randint(1_000_000_000, 1_790_000_000)), "\n", 1),
    "versions": (lambda draw: f"{draw.randint(0, 20)}.{draw.randint(0, 99)}.{draw.randint(0, 999)}", "\t", 5),
    "sections": (lambda draw: ".".join(str(draw.randint(1, 19)) for _ in range(4)), "\n", 1),
    "hexadecimal": (lambda draw: f"0x{draw.getrandbits(32):08x}", " ", 8),
    "ISBNs": (lambda draw: f"978-{_number(draw, 1)}-{_number(draw, 4)}-{_number(draw, 4)}-{_number(draw, 1)}", "\n", 1),
    "postal codes": (lambda draw: f"{_number(draw, 5)}-{_number(draw, 4)}", "\t", 4),
}
"""Kind → a cell, what stands between two, and how many a row has. None is personal data."""


class Contact(NamedTuple):
    """A row of a list of contacts: what stands before the value, the value, what stands behind."""

    before: str
    value: str
    after: str


def _american(draw: random.Random) -> str:
    area = draw.choice((202, 212, 303, 415, 512, 617, 713, 808))
    last = f"{draw.randint(200, 999)}-{_number(draw, 4)}"
    return draw.choice((f"({area}) {last}", f"{area}-{last}", f"+1 {area}-{last}", f"{area}-{last}".replace("-", ".")))


def _british(draw: random.Random) -> str:
    mobile = f"{draw.randint(400, 499)} {_number(draw, 6)}"
    london = f"{_number(draw, 4)} {_number(draw, 4)}"
    return draw.choice((f"020 7{london[1:]}", f"07{mobile}", f"+44 20 7{london[1:]}", f"+44 7{mobile}"))


def _german(draw: random.Random) -> str:
    area = draw.choice((30, 40, 69, 89, 211, 221, 711))
    return draw.choice(
        (f"0{area} {_number(draw, 7)}", f"+49 {area} {_number(draw, 7)}", f"(0{area}) {_number(draw, 7)}")
    )


def _name(draw: random.Random) -> str:
    return f"{draw.choice(('Jane', 'Anna', 'Omar', 'Li', 'Peter'))} {draw.choice(('Miller', 'Weber', 'Okoye', 'Chen'))}"


def _email(draw: random.Random) -> str:
    return f"{_name(draw).lower().replace(' ', '.')}{draw.randint(1, 99)}@watermill.org"


CONTACTS: Final[dict[str, tuple[Callable[[random.Random], Contact], str]]] = {
    "American numbers, one a line": (lambda draw: Contact("", _american(draw), ""), "en"),
    "British numbers, one a line": (lambda draw: Contact("", _british(draw), ""), "en"),
    "German numbers, one a line": (lambda draw: Contact("", _german(draw), ""), "de"),
    "names and American numbers": (lambda draw: Contact(f"{_name(draw)}\t", _american(draw), "\tMill Road"), "en"),
    "names and British numbers": (lambda draw: Contact(f"{_name(draw)}, ", _british(draw), ""), "en"),
    "rooms and German numbers": (lambda draw: Contact(f"{draw.randint(1, 400)}\t", _german(draw), "\t"), "de"),
    "labels and American numbers": (lambda draw: Contact(f"{_name(draw)}. Tel: ", _american(draw), ""), "en"),
    "numbers among figures": (lambda draw: Contact(f"{_number(draw, 3)}\tphone ", _american(draw), "\t12.50"), "en"),
    "names and e-mail addresses": (lambda draw: Contact(f"{_name(draw)}\t", _email(draw), "\t1990"), "en"),
}
"""Kind → a row of it, and the language of the list."""


def false_values(rows: int, language: str, host: str | None) -> dict[str, tuple[int, Counter[str]]]:
    """Return for each kind of table its cells, and how many values of each entity are found in it."""
    result = {}
    for name, (cell, between, columns) in TABLES.items():
        draw = random.Random(_SEED)
        table = "\n".join(between.join(cell(draw) for _ in range(columns)) for _ in range(rows))
        result[name] = rows * columns, Counter(one.entity for one in _found_in(table, language, host))
    return result


def recall(rows: int) -> dict[str, float]:
    """Return for each kind of list the share of its values that something was found in."""
    result = {}
    for name, (row, language) in CONTACTS.items():
        draw = random.Random(_SEED)
        text, places = "", []
        for before, value, after in (row(draw) for _ in range(rows)):
            places.append(range(len(text) + len(before), len(text) + len(before) + len(value)))
            text += f"{before}{value}{after}\n"
        covered = {place for one in _found_in(text, language, None) for place in range(one.start, one.end)}
        result[name] = sum(not covered.isdisjoint(place) for place in places) / rows
    return result


def _found_in(text: str, language: str, host: str | None) -> list[Found]:
    settings = PiiParams().find_params().settings()
    return find_pii(pa.array([text]), [()], [language], [host], settings)[0] or []


def main() -> None:
    """Print both lists."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=400)
    parser.add_argument("--language", default="en")
    parser.add_argument("--host")
    asked = parser.parse_args()
    tables = false_values(asked.rows, asked.language, asked.host)
    print("| table | cells | values found in 1,000 cells |\n|---|---:|---|")
    for name, (cells, counts) in tables.items():
        each = ", ".join(f"{entity} {1000 * count / cells:.1f}" for entity, count in counts.most_common())
        print(f"| {name} | {cells:,} | {each or '0'} |")
    cells, values = sum(cells for cells, _ in tables.values()), sum(sum(one.values()) for _, one in tables.values())
    print(f"| all | {cells:,} | {1000 * values / cells:.2f} |")
    print("\n| list | values found |\n|---|---:|")
    for name, share in recall(asked.rows).items():
        print(f"| {name} | {share:.1%} |")


if __name__ == "__main__":
    main()
