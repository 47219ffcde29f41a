"""Hostile texts for the search of personal data: figures, addresses, keys and what looks like them."""

import base64
import itertools
from random import Random

from tests.hostile.registry import Text, drawn, gathered, numbered, personal, repeated

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@personal
def signs_of_telephones(size: int, random: Random) -> str:
    return drawn([*"0123456789 -.()+"], random, size)


@personal
def digits(size: int, random: Random) -> str:
    return drawn([*"0123456789"], random, size)


@personal
def one_digit(size: int, random: Random) -> str:
    return repeated("9", size)


@personal
def digits_and_spaces(size: int, random: Random) -> str:
    return drawn([*"0123456789 "], random, size)


@personal
def digits_of_other_scripts(size: int, random: Random) -> str:
    return drawn([*"٠١٢٣४५६7 -"], random, size)


@personal
def decimals(size: int, random: Random) -> str:
    return gathered((f"{random.uniform(-99, 99):.3f} " for _ in itertools.count()), size)


@personal
def integers(size: int, random: Random) -> str:
    return gathered((f"{random.randrange(10 ** random.randint(1, 12))} " for _ in itertools.count()), size)


@personal
def integers_with_commas(size: int, random: Random) -> str:
    return gathered((f"{random.randrange(10**9):,}; " for _ in itertools.count()), size)


@personal
def a_table_of_figures(size: int, random: Random) -> str:
    rows = ("\t".join(str(random.randrange(10**5)) for _ in range(8)) + "\n" for _ in itertools.count())
    return gathered(rows, size)


@personal
def telephones(size: int, random: Random) -> str:
    numbers = (f"+1 202-555-{random.randrange(10**4):04}\n" for _ in itertools.count())
    return gathered(numbers, size)


@personal
def telephones_of_all_countries(size: int, random: Random) -> str:
    numbers = (f"tel. +{random.randrange(1, 999)} {random.randrange(10**9)}, " for _ in itertools.count())
    return gathered(numbers, size)


@personal
def telephones_of_germany(size: int, random: Random) -> Text:
    numbers = (f"Tel. (0{random.randrange(30, 999)}) {random.randrange(10**7)}, " for _ in itertools.count())
    return Text(gathered(numbers, size), language="de", host="mill.de")


@personal
def identifiers_of_india(size: int, random: Random) -> Text:
    numbers = (f"aadhaar {random.randrange(10**12):012} ABCDE1234F " for _ in itertools.count())
    return Text(gathered(numbers, size), language="hi", host="mill.in")


@personal
def identifiers_of_many(size: int, random: Random) -> str:
    words = ["SSN 123-45-6789 ", "NHS 943 476 5919 ", "NIE X1234567L ", "pesel 44051401359 ", "12345678Z "]
    return drawn(words, random, size)


@personal
def e_mail_addresses(size: int, random: Random) -> str:
    return numbered("jane{}@mill.org, ", size)


@personal
def e_mail_addresses_without_space(size: int, random: Random) -> str:
    return numbered("jane{}@mill.org,", size)


@personal
def at_signs_between_letters(size: int, random: Random) -> str:
    return repeated("a@", size)


@personal
def at_signs(size: int, random: Random) -> str:
    return repeated("@", size)


@personal
def an_address_of_dots(size: int, random: Random) -> str:
    return repeated("a.", size, "jane@")


@personal
def a_name_of_dots(size: int, random: Random) -> str:
    return repeated("a.", size, "", "jane@mill.org")


@personal
def numbers_between_dots(size: int, random: Random) -> str:
    return repeated("1.", size)


@personal
def network_addresses(size: int, random: Random) -> str:
    parts = (".".join(str(random.randrange(256)) for _ in range(4)) + "\n" for _ in itertools.count())
    return gathered(parts, size)


@personal
def colons(size: int, random: Random) -> str:
    return repeated(":", size)


@personal
def long_network_addresses(size: int, random: Random) -> str:
    parts = (":".join(f"{random.randrange(1 << 16):x}" for _ in range(8)) + " " for _ in itertools.count())
    return gathered(parts, size)


@personal
def halves_of_network_addresses(size: int, random: Random) -> str:
    return drawn(["2001:db8:", ":", "a:", "1.2.3.4", " "], random, size)


@personal
def times_of_day(size: int, random: Random) -> str:
    return gathered((f"{random.randrange(24):02}:{number % 60:02}:17 " for number in itertools.count()), size)


@personal
def hardware_addresses(size: int, random: Random) -> str:
    parts = ("-".join(f"{random.randrange(256):02x}" for _ in range(6)) + ", " for _ in itertools.count())
    return gathered(parts, size)


@personal
def bytes_in_hexadecimal(size: int, random: Random) -> str:
    return gathered((f"{random.randrange(256):02X}-" for _ in itertools.count()), size)


@personal
def accounts(size: int, random: Random) -> str:
    numbers = (f"DE89 3704 0044 0532 {random.randrange(10**4):04} {number % 100:02} " for number in itertools.count())
    return gathered(numbers, size)


@personal
def accounts_that_are_right(size: int, random: Random) -> str:
    return repeated("GB82 WEST 1234 5698 7654 32, DE89370400440532013000, ", size)


@personal
def beginnings_of_accounts(size: int, random: Random) -> str:
    return repeated("DE89 ABCD ", size)


@personal
def cards(size: int, random: Random) -> str:
    return gathered((f"4{random.randrange(10**15):015} " for _ in itertools.count()), size)


@personal
def cards_that_are_right(size: int, random: Random) -> str:
    return repeated("4111 1111 1111 1111, ", size)


@personal
def dates(size: int, random: Random) -> str:
    return gathered((f"2020-{1 + number % 12:02}-{1 + number % 28:02} 10:20, " for number in itertools.count()), size)


@personal
def numbers_of_articles(size: int, random: Random) -> str:
    return gathered((f"doi:10.{random.randrange(10**4)}/s{random.randrange(10**9)}, " for _ in itertools.count()), size)


@personal
def numbers_of_books(size: int, random: Random) -> str:
    return gathered((f"ISBN 978-3-{random.randrange(10**8)}-{number % 10}, " for number in itertools.count()), size)


@personal
def numbered_addresses_of_pages(size: int, random: Random) -> str:
    return gathered((f"https://mill.example/{random.randrange(10**9)}/a@b " for _ in itertools.count()), size)


@personal
def base_64(size: int, random: Random) -> str:
    return base64.b64encode(random.randbytes(size * 3 // 4 - 3)).decode()


@personal
def lines_of_base_64(size: int, random: Random) -> str:
    return base64.encodebytes(random.randbytes(size * 7 // 10)).decode()[:size].ljust(size - 5, "A")


@personal
def hexadecimal(size: int, random: Random) -> str:
    return random.randbytes(size // 2).hex()


@personal
def letters_and_digits(size: int, random: Random) -> str:
    return drawn([*_LETTERS], random, size)


@personal
def identifiers_of_records(size: int, random: Random) -> str:
    one = (f"1a2b3c4d-1a2b-4c3d-8e9f-{random.randrange(1 << 48):012x}\n" for _ in itertools.count())
    return gathered(one, size)


@personal
def wallets(size: int, random: Random) -> str:
    return gathered(("1" + "".join(random.choices(_LETTERS, k=33)) + " " for _ in itertools.count()), size)


@personal
def long_wallets(size: int, random: Random) -> str:
    return gathered(("bc1" + "".join(random.choices(_LETTERS, k=60)).lower() + " " for _ in itertools.count()), size)


@personal
def beginnings_of_keys(size: int, random: Random) -> str:
    return drawn(["AKIA", "AIza", "xoxb-", "sk-", "ghp_", "eyJ", "hf_", "glpat-", "npm_", "k_live_"], random, size)


@personal
def keys(size: int, random: Random) -> str:
    return gathered(("AKIA" + "".join(random.choices(_LETTERS[:26], k=16)) + " " for _ in itertools.count()), size)


@personal
def beginnings_of_private_keys(size: int, random: Random) -> str:
    return repeated("-----BEGIN RSA PRIVATE KEY-----\n", size)


@personal
def keys_of_other_values(size: int, random: Random) -> str:
    inner = ("ab-12-34-xyzw", "12.34.56.78.", "a:1:2:3:4-", "0123456789-")
    return gathered((f"sk-{random.choice(inner) * 300} write to jane@mill.org " for _ in itertools.count()), size)


@personal
def a_private_key_without_an_end(size: int, random: Random) -> str:
    return repeated("A" * 64 + "\n", size, "-----BEGIN RSA PRIVATE KEY-----\n")


@personal
def tokens_of_sessions(size: int, random: Random) -> str:
    return repeated(f"eyJ{'hbGciOiJIUzI1' * 3}.eyJ{'zdWIiOiIxMjM0' * 9}.{'SflKxwRJSMeKKF2QT4f' * 3} ", size)


@personal
def names_of_access_keys(size: int, random: Random) -> str:
    return repeated("aws_secret_access_key = ", size)


@personal
def code_of_figures(size: int, random: Random) -> Text:
    text = drawn(["1.2.3.4 ", "jane@mill.org ", "0x4f ", "4111111111111111 "], random, size)
    spans = [(start, start + 20, "code") for start in range(0, len(text) - 40, 40)]
    return Text(text, spans)


@personal
def chinese_between_figures(size: int, random: Random) -> Text:
    return Text(drawn(["电话", "水", "13800138000", "-", "010"], random, size), language="zh", host="mill.cn")


@personal
def thai_between_figures(size: int, random: Random) -> Text:
    return Text(drawn(["โทร", "ก", "0812345678", "-", "1"], random, size), language="th", host="mill.co.th")


@personal
def words_that_call_for_a_value(size: int, random: Random) -> str:
    return drawn(["phone ", "iban ", "card ", "ssn ", "passport ", "12", "345", "-"], random, size)


@personal
def signs_and_digits_far_apart(size: int, random: Random) -> str:
    return repeated("7 \u200b\u200b 8", size)


@personal
def prose_with_a_number_a_line(size: int, random: Random) -> str:
    return numbered("The mill has the number {} and an e-mail address, as all mills of the river have.\n", size, "")
