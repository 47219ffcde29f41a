"""What spares presidio's patterns a text never hides a value from them."""

import re

import pytest
import regex  # type: ignore[import-untyped]
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from presidio_analyzer.predefined_recognizers import EmailRecognizer, IpRecognizer, MacAddressRecognizer

from pipeline.kernels.pii import addresses, keys
from pipeline.kernels.pii.emails import Emails
from tests.timing import assert_linear

IPS = [pattern.regex for pattern in IpRecognizer.PATTERNS]
MACS = [pattern.regex for pattern in MacAddressRecognizer.PATTERNS]
NAMED = keys._NAMED  # stands before AWS's secret keys, as what `re` cannot look back at
TOKENS = [NAMED, *(pattern for pattern in keys._PATTERNS.values() if NAMED not in pattern and "PRIVATE" not in pattern)]


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(IPS).flatmap(lambda regex: st.from_regex(re.compile(regex, re.IGNORECASE))))
def test_what_may_be_an_address_of_the_internet_is_shown(text: str) -> None:
    assert addresses._MAY_BE_IP.search(text)


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(MACS).flatmap(lambda regex: st.from_regex(re.compile(regex, re.IGNORECASE))))
def test_what_may_be_an_address_of_a_network_card_is_shown(text: str) -> None:
    assert addresses._MAY_BE_MAC.search(text)


@settings(max_examples=50, suppress_health_check=list(HealthCheck))  # the recognizer's pattern is slow to draw from
@given(st.sampled_from(EmailRecognizer.PATTERNS).flatmap(lambda pattern: st.from_regex(pattern.regex)))
def test_what_may_be_an_address_of_e_mail_has_its_sign(text: str) -> None:
    assert "@" in text


def _email_spans(pattern: str, text: str) -> list[tuple[int, int]]:
    flags = regex.DOTALL | regex.MULTILINE | regex.IGNORECASE  # presidio's
    return [match.span() for match in regex.finditer(pattern, text, flags)]


@settings(max_examples=2000, suppress_health_check=list(HealthCheck))
@given(st.text("ab1é.-@@/!: \n", max_size=40))
@example("a@b.org/x@y.org")
@example("a@b@c.d@e.f -.a.@b.c a@b-c@d--e.fg.@h.i")
def test_addresses_of_e_mail_are_those_of_presidio_s_pattern(text: str) -> None:
    assert _email_spans(Emails.PATTERNS[0].regex, text) == _email_spans(EmailRecognizer.PATTERNS[0].regex, text)


@pytest.mark.parametrize("piece", ["ab-12-34-xyzw", "12.34.56.78.", "a@", "a@b-", "a@b.c/", "-", ".a"])
@pytest.mark.parametrize("before", ["", "a@a", "a@a."])
def test_long_words_cost_time_by_their_length(piece: str, before: str) -> None:
    recognizer = Emails()
    assert_linear(lambda size: recognizer.analyze(before + piece * size + " jane@mill.org", []), 20_000)


@settings(max_examples=400, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_may_be_a_key_is_shown(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TOKENS).flatmap(st.from_regex))
    assert any(sign in text.casefold() for sign in keys._SIGNS)


@pytest.mark.parametrize("block", ["RSA PRIVATE KEY", "PRIVATE KEY", "PGP PRIVATE KEY BLOCK"])
def test_a_private_key_is_shown(block: str) -> None:
    result = keys.SecretKeys().analyze(
        f"-----BEGIN {block}-----\nMIIEpAIBAAKCAQEA\n-----END {block}-----", ["SECRET_KEY"]
    )
    assert len(result) == 1
