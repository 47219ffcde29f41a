"""Where a document may be from, and what goes by that: identifiers, numbers, and the script around values."""

import pytest

from pipeline.kernels.pii.locales import locale_of
from tests.unit.pii.finding import values_in

NATIONAL = [
    ("es", "tienda.example.es", "DNI 12345678Z", "ES_NIF"),
    ("it", "bottega.example.it", "codice fiscale RSSMRA85T10A562S", "IT_FISCAL_CODE"),
    ("fi", "myll.example.fi", "henkilötunnus 131052-308T", "FI_PERSONAL_IDENTITY_CODE"),
    ("pl", "mlyn.example.pl", "PESEL 44051401359", "PL_PESEL"),
    ("en", "mill.example.uk", "NHS number 943 476 5919", "UK_NHS"),
    ("en", "mill.example.uk", "national insurance AB 12 34 56 C", "UK_NINO"),
    ("en", "mill.example.ca", "my SIN is 513 692 541", "CA_SIN"),
    ("en", "mill.example.in", "PAN ABCPE1234F", "IN_PAN"),
    ("en", "mill.example.sg", "NRIC S1234567D", "SG_NRIC_FIN"),
]


@pytest.mark.parametrize(("language", "host", "text", "entity"), NATIONAL)
def test_identifiers_are_those_of_the_place(language: str, host: str, text: str, entity: str) -> None:
    assert entity in [name for name, _ in values_in(text, language, host)]


def test_identifiers_of_other_places_are_not_asked_for() -> None:
    assert "SG_NRIC_FIN" not in [name for name, _ in values_in("NRIC S1234567D", "es", "molino.example.es")]
    assert values_in("12345678Z", "en", "mill.example.uk") == []
    assert "US_SSN" not in [name for name, _ in values_in("536-22-8741", "de", "muehle.example.de")]


ATTACHED = [
    ("zh", "把手机号改成13812345678，谢谢", "PHONE_NUMBER", "13812345678"),
    ("zh", "来自81.2.69.142的网友", "IP_ADDRESS", "81.2.69.142"),
    ("zh", "请发到jane@watermill.org谢谢", "EMAIL_ADDRESS", "jane@watermill.org"),
    ("zh", "信用卡5425-2334-3010-9903被盗", "CREDIT_CARD", "5425-2334-3010-9903"),
    ("ja", "メールはjane@watermill.orgまで", "EMAIL_ADDRESS", "jane@watermill.org"),
    ("ko", "전화 02-312-3456로 연락", "PHONE_NUMBER", "02-312-3456"),
    ("th", "โทร02-123-4567ครับ", "PHONE_NUMBER", "02-123-4567"),
    ("ja", "電話０３－１２３４－５６７８まで", "PHONE_NUMBER", "０３－１２３４－５６７８"),
    ("ja", "電話03ー1234ー5678まで", "PHONE_NUMBER", "03ー1234ー5678"),
    ("zh", "社会安全号码是536 22 8741，请改", "US_SSN", "536 22 8741"),
]


@pytest.mark.parametrize(("language", "text", "entity", "value"), ATTACHED)
def test_scripts_without_spaces_may_touch_a_value(language: str, text: str, entity: str, value: str) -> None:
    assert values_in(text, language) == [(entity, value)]


def test_an_identifier_that_is_named_is_found_in_every_language() -> None:
    assert values_in("Номер социального страхования 536-22-8741", "ru") == [("US_SSN", "536-22-8741")]
    assert values_in("В социальных сетях 536228741 записей", "ru") == []
    assert values_in("Meine SSN: 536-22-8741", "de", "muehle.example.de") == [("US_SSN", "536-22-8741")]
    assert values_in("my Spanish NIF is 12345678Z", "en", "mill.example.uk") == [("ES_NIF", "12345678Z")]
    assert values_in("Steuer-ID: 86 095 742 719", "de") == [("DE_TAX_ID", "86 095 742 719")]


CALLED = [
    ("de", "Telefon: 4711 0815"),
    ("de", "unter der Rufnummer 4711 0815"),
    ("fr", "Tél. : 47 11 08 15"),
    ("es", "Teléfono 4711 0815"),
    ("ru", "Телефон: 4711 0815"),
    ("zh", "联系电话：47110815"),
    ("ja", "電話 4711-0815"),
    ("ko", "전화 4711-0815"),
    ("ar", "هاتف 4711 0815"),
    ("pl", "zadzwoń: 4711 0815"),
    ("tr", "Telefon 4711 0815"),
    ("hi", "फ़ोन 4711 0815"),
]


@pytest.mark.parametrize(("language", "text"), CALLED)
def test_a_number_that_a_text_calls_a_phone_number_is_one(language: str, text: str) -> None:
    assert [name for name, _ in values_in(text, language)] == ["PHONE_NUMBER"]
    number = "".join(sign for sign in text if sign in "0123456789 -").strip()
    assert values_in(f"In all {number} sacks.", language) == []


@pytest.mark.parametrize(
    ("host", "language", "german", "american"),
    [
        ("muehle.example.de", "de", True, False),
        ("mill.example.de", "en", True, True),
        ("mill.example.com", "en", False, True),
        ("mill.example.co.uk", "en", False, False),
        ("mill.example.com", "de", True, False),
        ("mill.example.com", "xx", False, False),
        ("muehle.example.de", "xx", True, False),
        ("mill.example.com", "und", True, True),
        (None, None, True, True),
    ],
)
def test_a_document_may_be_from_its_hosts_country_or_from_where_its_language_is_spoken(
    host: str | None, language: str | None, german: bool, american: bool
) -> None:
    place = locale_of(host, language)
    assert (place.may_issue(("de",)), place.may_issue(("us",))) == (german, american)
