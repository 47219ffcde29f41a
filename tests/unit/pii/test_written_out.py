"""Addresses of e-mail that are written out, in many ways and languages; sentences with `at` and `dot` stay."""

import pytest

from tests.timing import assert_quick
from tests.unit.pii.finding import values_in

WRITTEN = [
    *("info(at)muehle-corp.de", "jane [at] corp-mail [dot] com", "anna (at) mill (dot) example", "anna{at}mill.org"),
    *("anna AT mill DOT org", "anna＠mill.org", "anna&#64;mill.org", "anna%40mill.org", "anna ät mill Punkt de"),
    *("anna arobase mill point fr", "ana arroba molino punto es", "ana arroba moinho ponto com ponto br"),
    *("anna chiocciola mulino punto it", "anna apenstaartje molen punt nl", "anna małpa mlyn kropka pl"),
    *("anna собака mill точка ru", "anna zavináč mlyn tečka cz", "anna アットマーク mill ドット jp"),
    *("anna snabel-a kvarn punkt se", "anna kuyruklu a degirmen nokta com", "anna@mill.org.NOSPAM"),
    *(
        "anna@mill.orgREMOVE-THIS",
        "anna@mill dot org",
        "anna@mill(dot)org",
        "anna[@]mill[.]org",
        "anna_at_mill_dot_org",
    ),
    *(
        "anna-at-mill-dot-org",
        "anna<at>mill<dot>org",
        "anna *at* mill *dot* org",
        "anna（at）mill.org",
        "anna @ mill . org",
    ),
    *("anna (dot) miller (at) mill (dot) org", "anna dot miller at gmail dot com", "anna.miller @ gmail.com"),
    *("ana arroba molino.mx", "anna{at}muehle.de", "Anna (at) Muehle.De", "anna.m @ web.de"),
    *("anna at the rate gmail dot com", "anna.m at mill dot co dot uk", "vinay_sajip at red-dove dot com"),
]
SENTENCES = [
    "We meet at noon (at the mill) and dot the i in com; user at host is no address.",
    "Look at the dot com boom, look at example.com, look AT example.com.",
    "He worked at Amazon dot com, shop at walmart dot com, subscribe at npr dot org.",
    "I met her @ example.com; A @ B.T, x_1 @ w.to(dev), 5 @ 3.de, prices @ 2.50",
    "The dog (at) home, stay-at-home.mom, моя собака mail.ru, section 2(a)foo.is",
    "from my laptop. At one point in my life; one at mill point of sale",
    "@@ -1 +1 @@ foo.com and git@forge.org:mill/wheel.git",
    "x_1 @ w.at, wheel_2 @ mill.it, Wheel7 @ mill.org, Fair @ oldmill.com, wheel%402x.zip, wheel@3x.zip",
    "sold at the rate of 30.In May, sold at the rate of 30.in May, an at sign there.Is it, an at sign there.it",
    "la chiocciola lenta.La strada, la chiocciola lenta.it, mała małpa skacze.pl",
    "una arroba entera.Es, una arroba mas.es",
    "them (at) dawn.In spring, you [at] night.It is",
    "We arrive at station punto de encuentro, à la pointe point de vue",
]


@pytest.mark.parametrize("address", WRITTEN)
@pytest.mark.parametrize("around", ["Contact: {}, please", "{}", "- {}\n- rye", "メール：{}まで"])
def test_an_address_that_is_written_out_is_found_whole(address: str, around: str) -> None:
    assert values_in(around.format(address), "und") == [("EMAIL_ADDRESS", address)]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_sentences_stay(sentence: str) -> None:
    assert values_in(sentence) == []


def test_a_sentence_becomes_an_address_where_it_speaks_of_e_mail() -> None:
    assert values_in("write to anna at mill dot org") == [("EMAIL_ADDRESS", "anna at mill dot org")]
    assert values_in("E-Mail: anna at mill.org") == [("EMAIL_ADDRESS", "anna at mill.org")]
    assert values_in("E-Mail: anna at muehle.de") == [("EMAIL_ADDRESS", "anna at muehle.de")]
    assert values_in("Mail me: wheel7 @ mill.org") == [("EMAIL_ADDRESS", "wheel7 @ mill.org")]
    assert values_in("posta: anna chiocciola mulino.it") == [("EMAIL_ADDRESS", "anna chiocciola mulino.it")]
    assert values_in("We saw Anna at mill.org") == []


def test_in_code_all_but_made_up_addresses_are_found() -> None:
    for address, result in (
        ("anna (at) mill (dot) org", 1),
        ("anna (at) example (dot) org", 0),
        ("a@mill.org", 1),
        ("anna(at)mill.org", 1),
        ("mail = x_2 @ w.at[0]", 0),
        ("write(at) w.to(2)", 0),
        ("email me chiocciola mill.it", 0),
    ):
        assert len(values_in(f"# by {address}", code=((0, 40),))) == result


@pytest.mark.parametrize(
    "piece",
    ["(at)", "a (at) b.", " at dot ", "a at b dot c ", "＠", "a＠b．", "@ ", "[dot] ", "a@b dot ", "@x", "@xy.z-"],
)
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (100_000 // len(piece)) + " a @ b"
    assert_quick(lambda: values_in(text, "und"), 3)
