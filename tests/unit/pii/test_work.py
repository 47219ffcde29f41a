"""How much work a text costs: counted, not timed."""

import random
from collections.abc import Callable
from ipaddress import IPv4Address
from unittest.mock import patch

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from phonenumbers import Leniency

from pipeline.kernels.pii import addresses, find, issued, windows
from pipeline.kernels.pii.find import LIST_SPACING, MOST_VALUES, REST_OF_LIST
from pipeline.kernels.pii.locales import Locale
from pipeline.kernels.pii.national_ids import Cautious
from pipeline.kernels.pii.phones import MOST_ALIKE_IN_VAIN, MOST_IN_VAIN, MOST_JUDGED, Phones
from tests.benchmarks.pii_figures import TABLES, false_values
from tests.benchmarks.pii_worst import KINDS, text_of
from tests.unit.pii.finding import values_in

REGIONS = Locale("", "und").regions
SIZE = 30_000
SHOWN = 1 + SIZE // (windows._LONGEST - windows._BEFORE - windows._AFTER - 2 * windows._REACH)
"""Texts that are shown of one of that size, at most."""


def calls_in(work: Callable[[], object], target: object, name: str) -> int:
    with patch.object(target, name, autospec=True, side_effect=getattr(target, name)) as counted:
        work()
    return counted.call_count


@pytest.mark.parametrize("kind", KINDS)
def test_the_library_of_phone_numbers_is_asked_seldom(kind: str) -> None:
    text = text_of(*KINDS[kind], SIZE)
    assert calls_in(lambda: values_in(text, "und"), issued, "library_numbers") <= issued.MOST_ASKED * SHOWN


@pytest.mark.parametrize("table", ["measurements", "integers", "times", "dates", "signed numbers", "shares"])
def test_of_tables_of_figures_it_is_never_asked(table: str) -> None:
    cell, between, _ = TABLES[table]
    draw = random.Random(3)
    text = between.join(cell(draw) for _ in range(3_000))
    assert calls_in(lambda: values_in(text, "und"), issued, "library_numbers") == 0


def test_figures_are_not_taken_for_phone_numbers() -> None:
    result = false_values(100, "en", None)
    cells, values = sum(count for count, _ in result.values()), sum(sum(one.values()) for _, one in result.values())
    assert values <= cells / 500
    assert not result["signed numbers"][1]


def test_numbers_are_judged_one_by_one_until_it_is_a_list_of_them() -> None:
    text = "\n".join(f"({area}) 555-{area:04}" for area in range(212, 312))
    judged = calls_in(lambda: values_in(text), Phones, "_judged")
    assert MOST_JUDGED <= judged < 2 * MOST_JUDGED
    assert len(values_in(text)) == 100


def test_of_a_table_of_other_figures_no_more_is_asked_than_of_its_beginning() -> None:
    text = "\n".join(f"({number}) {number}-{number % 7}" for number in range(1_000, 1_000 + SIZE // 14))
    tried = calls_in(lambda: values_in(text, "und"), Phones, "_issued")
    assert 0 < tried <= MOST_ALIKE_IN_VAIN * SHOWN


def test_of_figures_of_many_shapes_as_many_are_asked_about_as_of_any_table() -> None:
    draw = random.Random(5)
    drawn = (f"({draw.randrange(10 ** draw.randint(3, 5))}) {'-'.join(_groups(draw))}" for _ in range(SIZE // 17))
    text = "\n".join(drawn)
    tried = calls_in(lambda: values_in(text, "und"), Phones, "_issued")
    assert MOST_ALIKE_IN_VAIN < tried <= MOST_IN_VAIN * SHOWN


def _groups(draw: random.Random) -> list[str]:
    return [str(draw.randrange(10 ** draw.randint(1, 4))) for _ in range(draw.randint(2, 4))]


@pytest.mark.parametrize(
    ("line", "number", "language", "host"),
    [
        ("(1100) 100-{}", "0176 12345678", "de", "x.de"),
        ("Schraube M1  Lager (12100) 100-{}  Stueck", "0176 12345678", "de", "x.de"),
        ("(1100) 100-{}", "612 34 56 78", "es", "x.es"),
        ("ab {} 1234 5678", "020 7946 0958", "en", "mill.co.uk"),
    ],
)
def test_behind_a_table_of_other_figures_a_phone_number_is_found_as_before(
    line: str, number: str, language: str, host: str
) -> None:
    table = "\n".join(line.format(row) for row in range(60))
    assert ("PHONE_NUMBER", number) in values_in(f"{table}\nJan Kowalski\n{number}", language, host)


def test_of_a_list_of_values_the_beginning_is_read() -> None:
    text = text_of(*KINDS["social security numbers"], 10 * LIST_SPACING * MOST_VALUES)
    shown = calls_in(lambda: values_in(text, "und"), find, "results_in")
    assert shown <= 0.3 * len(text) / windows._LONGEST
    assert values_in(text, "und")[-1][0] == REST_OF_LIST


def test_what_is_asked_no_more_is_replaced_rather_than_let_be() -> None:
    text = "\n".join(f"+49 30 9018{number:02}" for number in range(60))
    with patch.object(issued, "library_numbers", side_effect=AssertionError):
        lookups = issued.Lookups(0)
        assert lookups.international(text, 0, 13) == [(0, 13, "+49 30 901800")]
        ((region, result),) = lookups.issued("call 020 7946 0958 now", 5, 18, ["US", "GB"])
    assert (region, result) == ("GB", [(5, 18, "020 7946 0958")])


def test_identifiers_that_need_a_word_are_not_judged_without_one() -> None:
    text = " ".join(str(number) for number in range(100_000_000, 100_002_000))
    assert calls_in(lambda: values_in(text, "und"), Cautious, "_is_plain") == 0


def test_white_space_is_looked_for_at_the_ends_of_windows_alone() -> None:
    for text in (":" * SIZE, "1.1." * (SIZE // 4), "1:" * (SIZE // 2)):
        looked = calls_in(lambda text=text: list(windows.windows_of(text)), windows, "_grown_end")  # type: ignore[misc]
        assert looked <= SHOWN * windows._REACH


@settings(max_examples=400, deadline=None)
@given(
    st.from_regex(r"[+(]?[0-9]{1,5}([-. /()]{0,3}[0-9]{1,5}){1,5}", fullmatch=True), st.sampled_from([*REGIONS, "JP"])
)
@example("07911 123456", "GB")
@example("(0)11 2345-6789", "BR")
@example("011 44 20 7946 0958", "US")
@example("0(/5002000000(0", "US")
def test_what_the_library_takes_for_issued_may_be_issued(shown: str, region: str) -> None:
    result = issued.library_numbers(shown, region, Leniency.VALID)
    runs = [*issued.runs_abroad(shown), *issued.runs_in(shown)]
    for start, end, text in result:
        digits = phonenumbers.normalize_digits_only(text)
        if issued.LEAST_DIGITS <= len(digits) <= issued.MOST_DIGITS and "+" not in text:
            first = start + next(place for place, sign in enumerate(text) if sign.isdigit())
            assert any(run.start <= first and run.end >= end for run in runs)
            assert issued.may_be_issued(digits, region)


@settings(max_examples=400, deadline=None)
@given(st.from_regex(r"\+ ?[0-9]{1,5}([-. ]?[0-9]{1,5}){1,4}", fullmatch=True))
def test_what_the_library_takes_for_possible_may_be_abroad(shown: str) -> None:
    if issued.library_numbers(shown, None, Leniency.POSSIBLE):
        assert issued.runs_abroad(shown)


@given(st.integers(0, 2**32 - 1))
@example(int(IPv4Address("203.0.113.7")))
@example(int(IPv4Address("223.255.255.255")))
def test_ordinary_addresses_are_public_ones(number: int) -> None:
    address = IPv4Address(number)
    ordinary = addresses._is_ordinary(str(address).split("."))
    if ordinary is not None:
        with patch.object(addresses, "_is_ordinary", return_value=None):
            assert addresses.is_public(str(address)) == ordinary


@pytest.mark.parametrize("kind", ["decimals", "dates", "IPv4 addresses", "phone numbers, one a line", "base64"])
def test_each_sign_is_shown_hardly_more_than_once(kind: str) -> None:
    text = text_of(*KINDS[kind], SIZE)
    assert sum(shown.size for shown in windows.windows_of(text)) <= 1.2 * SIZE


@pytest.mark.parametrize("around", ["sk-{}", "eyJ{}", "-----BEGIN RSA PRIVATE KEY-----{}"])
@pytest.mark.parametrize("inner", ["ab-12-34-xyzw", "12.34.56.78.", "a.b.c-1:2:3:4-", "0123456789-"])
def test_what_a_long_value_holds_is_not_shown_again(around: str, inner: str) -> None:
    text = f"{around.format(inner * 300)} write to jane@mill.org\n" * 8
    assert sum(shown.size for shown in windows.windows_of(text)) <= 2 * len(text)
