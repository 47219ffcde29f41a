"""Identifiers of large countries: by checksum and name, in many spellings; nothing else of so many digits."""

import itertools
import random
import re
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.br import cnpj, cpf
from stdnum.cn import ric
from stdnum.de import idnr
from stdnum.jp import in_
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.tr import tckimlik

from pipeline.kernels.pii import stdnum_ids
from pipeline.kernels.pii.entities import ENTITIES
from pipeline.kernels.pii.locales import locale_of
from pipeline.kernels.pii.stdnum_kinds import Kind
from tests.timing import assert_quick
from tests.unit.pii.finding import values_in

DRAWN = random.Random(11)


def digits(size: int) -> str:
    return "".join(DRAWN.choices("0123456789", k=size))


CPF = cpf.format((nine := digits(9)) + cpf._calc_check_digits(nine))
CNPJ = cnpj.format((twelve := "11222333" + "0001") + cnpj.calc_check_digits(twelve))
RIC = (seventeen := "11010519900307" + "123") + ric.calc_check_digit(f"{seventeen}0")
NIR = (thirteen := "1850578006084") + f"{97 - int(thirteen) % 97:02}"
BSN = next(f"{number}" for number in range(123456700, 123456800) if bsn.is_valid(str(number)))
MY_NUMBER = (eleven := digits(11)) + in_.calc_check_digit(eleven)
TCKN = (nine := "1" + digits(8)) + tckimlik.calc_check_digits(nine)
PESEL = (ten := "4405140135") + pesel.calc_check_digit(ten)
TAX_ID = next(f"{number}" for number in range(86095742700, 86095742800) if idnr.is_valid(str(number)))
ZA = (twelve := "800101500908") + luhn.calc_check_digit(twelve)

SAID = [
    ("pt", "moinho.com.br", f"CPF do titular: {CPF}, conforme o contrato.", "BR_CPF"),
    ("pt", None, f"{CPF} é o meu CPF", "BR_CPF"),
    ("en", None, f'{{"cpf": "{cpf.compact(CPF)}"}}', "BR_CPF"),
    ("en", None, f"numero_cpf={cpf.compact(CPF)}", "BR_CPF"),
    ("pt", None, f"Nome\tCPF\nAna\t{cpf.compact(CPF)}\nRui\t{cpf.compact(CPF)}", "BR_CPF"),
    ("pt", None, f"CNPJ {cnpj.compact(CNPJ)}", "BR_CNPJ"),
    ("zh", "shuimo.cn", f"身份证号：{RIC}，请核对。", "CN_RESIDENT_ID"),
    ("zh", None, "身份证号１１０１０５１９４９１２３１００２Ｘ请核对", "CN_RESIDENT_ID"),
    ("fr", "moulin.fr", f"N° de sécurité sociale : {NIR}", "FR_NIR"),
    ("fr", None, "numéro de sécu : 1 85 05 78 006 084 91", "FR_NIR"),
    ("es", "molino.mx", "CURP: BOXW310820HNERXN09", "MX_CURP"),
    ("es", "molino.mx", "RFC GODE561231GR8", "MX_RFC"),
    ("nl", "molen.nl", f"Mijn BSN is {BSN}.", "NL_BSN"),
    ("nl", None, f"burgerservicenummer: {BSN[:4]}.{BSN[4:6]}.{BSN[6:]}", "NL_BSN"),
    ("id", "gilingan.id", "NIK 3171011708450001", "ID_NIK"),
    ("ja", "suisha.jp", f"マイナンバーは{MY_NUMBER[:4]} {MY_NUMBER[4:8]} {MY_NUMBER[8:]}です", "JP_MY_NUMBER"),
    ("ko", "mulle.kr", "주민등록번호 971013-9019902", "KR_RRN"),
    ("tr", "degirmen.tr", f"T.C. Kimlik No: {TCKN}", "TR_NATIONAL_ID"),
    ("en", None, f"my Turkish ID number is {TCKN}", "TR_NATIONAL_ID"),
    ("es", "molino.ar", "DNI 20.123.456", "AR_DNI"),
    ("es", "molino.ar", "CUIT 20-05536168-2", "AR_CUIT"),
    ("es", "molino.cl", "RUT: 12.531.909-2", "CL_RUT"),
    ("es", "molino.co", "NIT 213.123.432-1", "CO_NIT"),
    ("es", "molino.es", "con DNI 12.345.678-Z", "ES_NIF"),
    ("it", "mulino.it", "codice fiscale RSS MRA 85T10 A562S", "IT_FISCAL_CODE"),
    ("pl", "mlyn.pl", f"PESEL: {PESEL}", "PL_PESEL"),
    ("de", "muehle.de", f"Steuer-ID {TAX_ID[:2]} {TAX_ID[2:5]} {TAX_ID[5:8]} {TAX_ID[8:]}", "DE_TAX_ID"),
    ("nl", "molen.be", "rijksregisternummer 85.07.30-033.28", "BE_NATIONAL_NUMBER"),
    ("de", "muehle.ch", "AHV-Nr. 756.9217.0769.85", "CH_AHV"),
    ("ro", "moara.ro", "CNP 1630615123457", "RO_CNP"),
    ("cs", "mlyn.cz", "rodné číslo 710319/2745", "CZ_BIRTH_NUMBER"),
    ("en", "mill.co.za", f"ID number {ZA}", "ZA_ID_NUMBER"),
    ("th", None, "เลขประจำตัวประชาชน 7-1021-99567-50-4", "TH_TNIN"),
    ("zh", "shuimo.tw", "身分證字號 A123456789", "TW_NATIONAL_ID"),
    ("zh", "shuimo.hk", "香港身份證號碼 G123456(A)", "HK_ID_CARD"),
    ("ru", "melnica.ru", "СНИЛС 112-233-445 95", "RU_SNILS"),
    ("ru", "melnica.ru", "ИНН 500100732259", "RU_INN"),
    ("da", "moelle.dk", "CPR-nr. 211062-5629", "DK_CPR"),
    ("no", "moelle.no", "fødselsnummer 151086 95088", "NO_FODSELSNUMMER"),
    ("hi", None, "आधार संख्या 2341 2341 2346", "IN_AADHAAR"),
]


@pytest.mark.parametrize(("language", "host", "text", "entity"), SAID)
def test_an_identifier_is_found_by_its_name(language: str, host: str | None, text: str, entity: str) -> None:
    result = values_in(text, language, host)
    assert entity in [name for name, _ in result]
    assert all(sum(map(str.isalnum, value)) >= 7 for _, value in result)


@pytest.mark.parametrize(("language", "host", "text", "entity"), SAID)
def test_a_number_whose_checksum_does_not_hold_is_none(language: str, host: str | None, text: str, entity: str) -> None:
    with patch.object(stdnum_ids, "_check", return_value=lambda _: False):
        result = stdnum_ids.StdnumIds(locale_of(host, language), [entity], "any").analyze(text, [entity])
    assert result == []


@pytest.mark.parametrize("text", [CPF, CNPJ, RIC, "1 85 05 78 006 084 91", "85.07.30-033.28", "756.9217.0769.85"])
def test_what_is_written_as_nothing_else_is_needs_no_name(text: str) -> None:
    assert [value for _, value in values_in(f"see {text} there", "en")] == [text]


LET_BE = [
    ("en", f"order {cpf.compact(CPF)} of {BSN} and {TCKN}, in {MY_NUMBER} sacks"),
    ("de", "Das ist nie 12345678Z gewesen"),
    ("en", "the nit 213123432-1 and the rut 12531909-2"),
    ("fr", "à cui 9000123456789"),
    ("en", "CPF 111.111.111-11, CPF 529.982.247-26"),
    ("en", "BSN 123456789 and PESEL 44051401358"),
    ("zh", "订单号 20240314123456789X"),
]


@pytest.mark.parametrize(("language", "text"), LET_BE)
def test_other_numbers_are_let_be(language: str, text: str) -> None:
    assert [name for name, _ in values_in(text, language) if name in stdnum_ids.ENTITIES_OF_STDNUM] == []


def test_a_name_reaches_no_further_than_its_line_or_table() -> None:
    number = cpf.compact(CPF)
    assert values_in(f"The CPF is asked for.\n\nIn all {number} sacks", "en") == []
    assert values_in(f"CPF:\n{number}", "pt") == [("BR_CPF", number)]
    assert values_in(f"CPFs: {number}, {number} e {number}", "pt") == [("BR_CPF", number)] * 3
    assert len(values_in(f"BSN: {BSN}, {'and so on ' * 4}{BSN} order {BSN}", "nl")) == 2
    assert values_in(f"| CPF | x |\n| {number} | 1 |\n\n{number}", "en") == [("BR_CPF", number)]


@pytest.mark.parametrize("kind", stdnum_ids.ALL, ids=lambda kind: kind.entity)
def test_every_identifier_has_a_name_a_check_and_an_entity(kind: Kind) -> None:
    assert kind.entity in ENTITIES
    assert callable(stdnum_ids._check(kind))
    assert not any("  " in word or word.strip() != word for word in kind.words.split(", "))


@given(st.data())
def test_no_number_of_a_kinds_shape_breaks_its_check(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(stdnum_ids.ALL))
    value = data.draw(st.from_regex(re.compile(kind.shape.replace("~", "[ .-]?"), re.ASCII), fullmatch=True))
    assert stdnum_ids._holds(kind, value) in (True, False)


@pytest.mark.parametrize("kind", stdnum_ids.ALL, ids=lambda kind: kind.entity)
def test_no_random_digits_break_a_check(kind: Kind) -> None:
    drawn = [digits(size) for size in range(7, 19) for _ in range(50)]
    drawn += [f"{digits(before)}19800704{digits(18 - 8 - before)}" for before in range(11) for _ in range(50)]
    for value in filter(stdnum_ids._shape(kind).fullmatch, drawn):
        assert stdnum_ids._holds(kind, value) in (True, False)


def test_a_number_on_which_a_check_breaks_is_none() -> None:
    number = (seventeen := "110012" + "19800704" + "123") + ric.calc_check_digit(f"{seventeen}0")
    with pytest.raises(KeyError):  # python-stdnum knows the province, and no such county
        ric.is_valid(number)
    assert values_in(f"message {number}, mail jane@mill.org") == [("EMAIL_ADDRESS", "jane@mill.org")]


@pytest.mark.parametrize("piece", [f"ID {ZA} ", f"{ZA}, ", f"ID {ZA[:-1]}0 ", f"ID {ZA}\n", "ID, x, y "])
def test_names_in_a_row_cost_no_more_than_apart(piece: str) -> None:
    text = f"ID: {piece * (200_000 // len(piece))}\n"
    assert_quick(lambda: values_in(text, "en", "mill.co.za"), 3)


@pytest.mark.parametrize(
    ("text", "language", "host"),
    [
        ("IRD {} of the grain", "en", "mill.co.nz"),
        ("SIN {} of the grain", "en", "mill.ca"),
        ("UTR {} of the grain", "en", "mill.co.uk"),
        ("TC {} of the grain", "tr", None),
        ("AFM {} of the grain", "el", None),
        ("UID {} of the grain", "hi", None),
    ],
)
def test_a_short_name_that_is_another_word_needs_its_country(text: str, language: str, host: str | None) -> None:
    (kind,) = (kind for kind in stdnum_ids.ALL if text.partition(" ")[0] in kind.words.split(", "))
    drawn = (digits(size) for size in itertools.cycle(range(8, 13)))
    number = next(one for one in drawn if stdnum_ids._shape(kind).fullmatch(one) and stdnum_ids._holds(kind, one))

    def found_in(language: str, host: str | None) -> list[str]:
        place = locale_of(host, language)
        results = stdnum_ids.StdnumIds(place, [kind.entity], "any").analyze(text.format(number), [kind.entity])
        return [one.entity_type for one in results]

    assert found_in(language, host) == [kind.entity]
    assert found_in("en", None) == found_in("und", None) == found_in("en", "mill.de") == []


@pytest.mark.parametrize("said", ["My number: {}", "my number is {}", "My Number {}", "my_number={}"])
def test_behind_a_name_that_says_little_the_number_stands(said: str) -> None:
    assert ("JP_MY_NUMBER", MY_NUMBER) in values_in(said.format(MY_NUMBER))
    assert "JP_MY_NUMBER" not in [name for name, _ in values_in(said.format(f"1 mill: {MY_NUMBER}"))]
    assert "JP_MY_NUMBER" not in [name for name, _ in values_in(said.format(f"one sack of {MY_NUMBER}"))]
