"""Tables of figures are no phone books, and cost little."""

import random

import pytest

from tests.timing import assert_quick
from tests.unit.pii.finding import values_in

DRAWN = random.Random(5)


def decimals(columns: int, rows: int) -> str:
    return "\n".join("\t".join(f"{DRAWN.uniform(-99, 99):.3f}" for _ in range(columns)) for _ in range(rows))


TABLES = {
    "decimals in columns": decimals(8, 400),
    "decimals in a row": decimals(8, 400).replace("\t", " ").replace("\n", " "),
    "decimals with commas": decimals(5, 400).replace(".", ","),
    "integers in a row": " ".join(str(DRAWN.randrange(10 ** DRAWN.randrange(1, 8))) for _ in range(3_000)),
    "times": " ".join(f"1{number % 10}:{number % 60:02}:{number % 59:02}" for number in range(2_000)),
    "dates": " ".join(f"20{10 + number % 20}-0{1 + number % 9}-1{number % 10}" for number in range(2_000)),
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_table_of_figures_holds_no_phone_number(table: str) -> None:
    assert [value for entity, value in values_in(table) if entity == "PHONE_NUMBER"] == []


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_figures_cost_little_more_than_prose(table: str) -> None:
    assert_quick(lambda: values_in(table), 25e-6 * len(table) + 0.2)


@pytest.mark.parametrize(
    "line",
    [
        "3.141 2.718 1.414\nTel. 069 1234567\n1.732 2.236",
        "12 500 7 000\ncall 212-555-0143 now",
        "Berlin 030 901820\tHamburg 040 428280",
        "+49 30 901820 +49 40 428280",
    ],
)
def test_phone_numbers_beside_figures_are_found(line: str) -> None:
    assert "PHONE_NUMBER" in {entity for entity, _ in values_in(line)}
