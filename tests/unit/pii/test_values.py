"""Which values are personal data, in which words, languages and places. All of them are made up."""

import base64
import json

import pytest

from pipeline.kernels.pii.addresses import is_public
from pipeline.kernels.pii.engine import Settings
from tests.unit.pii.finding import values_in

TOKEN = "ghp_" + "aB3" * 12
LONG = "ghp_" + "a1B" * 80
ACCESS = "AKIA" + "QZ7M" * 4
JWT = ".".join(
    base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
    for part in ({"alg": "HS256", "typ": "JWT"}, {"sub": "miller-17", "exp": 1900000000}, "signature of the guild")
)
BLOCK = (
    "-----BEGIN RSA PRIVATE KEY-----\n" + "\n".join(["MIIEowIBAAKCAQEA" * 4] * 6) + "\n-----END RSA PRIVATE KEY-----"
)

ARMOUR = "\n".join(["lQOYBFxyz0aB" * 5] * 300)
PGP = f"-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n{ARMOUR}\n=aBcd\n-----END PGP PRIVATE KEY BLOCK-----"

FOUND = [
    ("Write to jane.miller@watermill.org today.", "EMAIL_ADDRESS", "jane.miller@watermill.org"),
    ("Mail: <JANE+sacks@Water-Mill.CO.UK>", "EMAIL_ADDRESS", "JANE+sacks@Water-Mill.CO.UK"),
    ("mailto:jane@mühle.de", "EMAIL_ADDRESS", "jane@mühle.de"),
    ("contact=jane@watermill.org&lang=en", "EMAIL_ADDRESS", "jane@watermill.org"),
    ("Ask jane@example.org for a sack.", "EMAIL_ADDRESS", "jane@example.org"),
    ("Call 202-555-0143 before noon.", "PHONE_NUMBER", "202-555-0143"),
    ("Ring (212) 555-0198 x42 please", "PHONE_NUMBER", "(212) 555-0198 x42"),
    ("from abroad +49 30 901820 only", "PHONE_NUMBER", "+49 30 901820"),
    ("Phone: 2025550143", "PHONE_NUMBER", "2025550143"),
    ("call 0800 138 1016 now", "PHONE_NUMBER", "0800 138 1016"),
    ("phone=2025550143", "PHONE_NUMBER", "2025550143"),
    ("4556 6177 office\nother", "PHONE_NUMBER", "4556 6177"),
    ("ring 212-555-0143, or 999-555-0143 of no area", "PHONE_NUMBER", "999-555-0143"),
    ("Owner: 001-299-555-0143x17", "PHONE_NUMBER", "001-299-555-0143x17"),
    ("(0117) 496 0143 after six", "PHONE_NUMBER", "(0117) 496 0143"),
    ("Boat for sale. 01632 960143, Jane", "PHONE_NUMBER", "01632 960143"),
    ("I am at 07911123456 all day", "PHONE_NUMBER", "07911123456"),
    ("write to +44 7700 900143 please", "PHONE_NUMBER", "+44 7700 900143"),
    ("text me on 0044 7700 900143", "PHONE_NUMBER", "0044 7700 900143"),
    ("call Jane on 2025550143", "PHONE_NUMBER", "2025550143"),
    ("c: 202 555 0143 | o: 202 555 0144", "PHONE_NUMBER", "202 555 0144"),
    ("The mill (01632 960143) is open", "PHONE_NUMBER", "01632 960143"),
    ("To order: +44 20 7946 0143", "PHONE_NUMBER", "+44 20 7946 0143"),
    ("Museum of Modern Art (212) 555-0143", "PHONE_NUMBER", "(212) 555-0143"),
    ("Fax: +1.2125550143", "PHONE_NUMBER", "+1.2125550143"),
    ("Phone:\n4556 6177\nFax:", "PHONE_NUMBER", "4556 6177"),
    ("open 24/7 - (0800) 138 1016", "PHONE_NUMBER", "(0800) 138 1016"),
    ("Pay with 4539 5787 6362 1486, please", "CREDIT_CARD", "4539 5787 6362 1486"),
    ("2223003122003222", "CREDIT_CARD", "2223003122003222"),
    ("5425-2334-3010-9903", "CREDIT_CARD", "5425-2334-3010-9903"),
    ("paid by 4539-578-763-628", "CREDIT_CARD", "4539-578-763-628"),
    ("6759 6498 2643 8453 18", "CREDIT_CARD", "6759 6498 2643 8453 18"),
    ("my card 4539578763628", "CREDIT_CARD", "4539578763628"),
    ("to PT50 0002 0123 1234 5678 9015 4 by then", "IBAN_CODE", "PT50 0002 0123 1234 5678 9015 4"),
    ("to pt50000201231234567890154 from next month on", "IBAN_CODE", "pt50000201231234567890154"),
    ("to DE89 3704 0044 0532 0130 00 by Friday", "IBAN_CODE", "DE89 3704 0044 0532 0130 00"),
    ("iban gb82west12345698765432", "IBAN_CODE", "gb82west12345698765432"),
    ("logged in from 81.2.69.142 at noon", "IP_ADDRESS", "81.2.69.142"),
    ("server 23.45.67.12 is down", "IP_ADDRESS", "23.45.67.12"),
    ("2a02:8070:a1c3:42::17 asked", "IP_ADDRESS", "2a02:8070:a1c3:42::17"),
    ("bytes from 2a02:8070:a1c3:42:9:8:7:17: seq=1", "IP_ADDRESS", "2a02:8070:a1c3:42:9:8:7:17"),
    ("its MAC is 3c:22:fb:7a:01:9e.", "MAC_ADDRESS", "3c:22:fb:7a:01:9e"),
    ("3c22.fb7a.019e", "MAC_ADDRESS", "3c22.fb7a.019e"),
    ("donate to 1BoatSLRHtKNngkdXEeobR76b53LETtpyT now", "CRYPTO", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"),
    ("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "CRYPTO", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),
    ("My social security number is 536-22-8741.", "US_SSN", "536-22-8741"),
    ("SSN 536228741", "US_SSN", "536228741"),
    ("SS#: 536 22 8741", "US_SSN", "536 22 8741"),
    (f"export TOKEN={TOKEN}", "SECRET_KEY", TOKEN),
    (f"token {LONG} leaked", "SECRET_KEY", LONG),
    (f"a\n{PGP}\nb", "SECRET_KEY", PGP),
    (f"key {ACCESS} leaked", "SECRET_KEY", ACCESS),
    (f"Authorization: Bearer {JWT}", "SECRET_KEY", JWT),
    (f"file:\n{BLOCK}\nend", "SECRET_KEY", BLOCK),
    (f'aws_secret_access_key = "{"wJalr+Xut/" * 4}"', "SECRET_KEY", "wJalr+Xut/" * 4),
]
LET_BE = [
    "Nothing but corn and water.",
    "The mill was sold on 2024-03-14 and again on 14.03.2025, at 10:15:30.",
    "Open 9.00-16.00, in 1998-2004 and 2010 – 2024.",
    "It weighs 0.366025 and 1.36603 stone, 1 234 567 grains, 12,500,000 in all.",
    "ISBN 978-3-16-148410-0, doi:10.1000/s11926-017-0626-7",
    "version 2.20.1.155, v1.2.3.4, openresty/1.19.7.1 and 2.20.1.160.g5676",
    "See section 3.1.2.4 of the manual.",
    "192.168.0.17 and 10.1.2.3, 127.0.0.1, 203.0.113.9, 2001:db8::1, 224.0.0.251",
    "Set the resolver to 8.8.8.8 or 1.1.1.1.",
    "git clone git@forge.org:mill/wheel.git, from noreply@forge.org",
    "http://user@watermill.org/x and npm i left-pad@1.3.0, icon@2x.png",
    "https://lists.org/msg/20210805T150534.12345678-1-jane@watermill.org",
    "Order 4006381333931 and part 20170816045123 or 180922506.",
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8, id 550e8400-e29b-41d4-a716-446655440000",
    "key AKIAIOSFODNN7EXAMPLE as in the manual",
    "00:00:00:00:00:00 and ff:ff:ff:ff:ff:ff, 10:20:30:40:50:60",
    "std::1, face::1 and 1::1",
    "ISBN 0-306-40615-2, ISSN 2049-3630, doi 10.1007/s10072-021-05082-9",
    "1 1 2 3 5 8 13 21 34, sizes 36 37 38 39 40 and (2012) 45 67 89",
    "the call of 1 000 000 people in the cell 123456789, mobile 1280 x 1024 - 800",
    "0\t\t0.965926\t−\t0.258819i\n1\t0\t0.866025\t-\t0.500000i",
    "Pull 6.4.102...6.4.103, (169.254.0.0/16), (130-230 lbs)",
    "4539 5787 6362 1487 fails its checksum, DE89 3704 0044 0532 0130 01 too",
    "The 1234567890 sacks of company 943476591 in 16 bands of 8.",
    "Vol. 274 (1999) 21840-21847; 20 (200) 531-544; [Page 58263-58264]; ZIP 92037-92039",
    "the default: 30000-32767, lots 13824 75582 and 15563 13890",
    "part 0445 110 181 and 0306406152, trains 0930 1015 1100",
    "drawn: 03 12 25 36 48",
    "1087 1091 1093 1097, 1370-6233 1780-4507, 14616730500365928",
    "md5 d6:a3:12:fe:43:c8:35:a0:4c:3b:6a:10:9e:c4:c9:01",
    "call a taxi to 14 3684 Court Street",
    "724 32 9202 sacks",
    "+2147483647 and +4294967295, x = +0.9659258263, +1.4142135623, @@ -1 +1234567890 @@",
    "01.03.2024 150,00 EUR, 01-03-2024 150 units, 04.03.24 1015, on 05-06-19 1230 hours",
    "010 110 0101 and (1001) 0110 1100, J. Phys. 96 (118) 12345-67",
    "security advisory 536228741\nSecurity\n536228741",
    "Please call us.\n1000000 people came\nApps for your phone\n1234567 downloads",
    "function calls: 1234567890 in 3.2 s, called 1500000000 times",
    "More than 100 000 mobile users have 250 000 work places",
    "They tell of television in Tel Aviv, 1995 2005, cell 12345.",
]


@pytest.mark.parametrize(("text", "entity", "value"), FOUND)
def test_values_are_found_whole(text: str, entity: str, value: str) -> None:
    assert (entity, value) in values_in(text)


@pytest.mark.parametrize("text", LET_BE)
def test_what_only_looks_like_personal_data_is_let_be(text: str) -> None:
    assert values_in(text) == []


def test_a_second_number_is_found_behind_one_with_a_countrys_code_or_a_cue() -> None:
    result = values_in("+1 (212) 555-0143 (646) 555-0144")
    assert [value for _, value in result] == ["+1 (212) 555-0143", "(646) 555-0144"]
    result = values_in("Tél 01 42 68 53 00 / 06 12 34 56 78", "fr")
    assert [value for _, value in result] == ["01 42 68 53 00", "06 12 34 56 78"]


def test_national_identifiers_alone_are_found_where_nothing_else_is_asked_for() -> None:
    text = "jane@watermill.org, tel. 202-555-0143, SSN 536-22-8741"
    assert values_in(text, settings=Settings(("NATIONAL_ID",))) == [("US_SSN", "536-22-8741")]


def test_numbers_beside_one_another_are_found_each() -> None:
    result = values_in("(212) 555-1234 (646) 555-1235 and 020 7946 0958, 020 7946 0959")
    assert [value for _, value in result] == ["(212) 555-1234", "(646) 555-1235", "020 7946 0958", "020 7946 0959"]


IN_CODE = [
    ("author = 'jane@watermill.org'", ["EMAIL_ADDRESS"]),
    (f"token = '{TOKEN}'", ["SECRET_KEY"]),
    (BLOCK, ["SECRET_KEY"]),
    ("connect('81.2.69.142')", ["IP_ADDRESS"]),
    ("author = 'jane@example.org'", []),
    ("bind('203.0.113.9'); require('1.2.3.4')", []),
    ("phone = '202-555-0143'; card = '4539578763621486'", []),
    ("ssn = '536-22-8741'; mac = '3c:22:fb:7a:01:9e'", []),
]


@pytest.mark.parametrize(("text", "entities"), IN_CODE)
def test_in_code_only_addresses_and_keys_are_looked_for(text: str, entities: list[str]) -> None:
    assert [name for name, _ in values_in(text, code=((0, len(text)),))] == entities


def test_prose_beside_code_is_read_as_prose() -> None:
    text = "run('202-555-0143') or call 202-555-0143"
    assert values_in(text, code=((0, 19),)) == [("PHONE_NUMBER", "202-555-0143")]


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("81.2.69.142", True),
        ("81.2.69.0/24", True),
        ("2a02:8070::17%eth0", True),
        ("100.64.0.1", False),
        ("169.254.1.1", False),
        ("198.51.100.3", False),
        ("77.77.77.77", False),
        ("4.5.6.7", False),
        ("fe80::1", False),
        ("::1", False),
        ("ff02::fb", False),
        ("999.1.1.1", False),
        ("no address", False),
    ],
)
def test_only_public_addresses_may_be_a_persons(address: str, public: bool) -> None:
    assert is_public(address) == public
