"""E-mail addresses that Cloudflare hides are decoded, and stood in for, in prose and in code."""

import pytest

from pipeline.kernels.extraction import extract
from pipeline.kernels.html.protected_emails import STAND_IN, show_emails
from tests.timing import assert_quick

PROSE = "<p>Let a small stream of water run over the wheel all night, even if you do not grind anything at all.</p>"


def hidden(email: str, key: int = 0x5A) -> str:
    """The attribute in which Cloudflare keeps an address."""
    return bytes([key, *(byte ^ key for byte in email.encode())]).hex()


def page(inner: str) -> str:
    return f"<title>Mill</title><main><h1>Mill</h1>{PROSE}{inner}{PROSE}</main>"


FORMS = [
    '<a href="/cdn-cgi/l/email-protection" class="__cf_email__" data-cfemail="{}">[email&#160;protected]</a>',
    '<span class="__cf_email__" data-cfemail="{}">[email&nbsp;protected]</span>',
    "<a DATA-CFEMAIL='{}'>[email protected]</a>",
    "<a data-cfemail={}>\n[email\u00a0protected]\n</a>",
    '<a href="/cdn-cgi/l/email-protection#{}">[email&#160;protected]</a>',
    '<a href="/cdn-cgi/l/email-protection#{0}"><i data-cfemail="{0}">[email&#160;protected]</i></a>',
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("key", [0, 0x5A, 0xFF])
def test_an_address_has_its_stand_in_in_prose_and_code(form: str, key: int) -> None:
    link = form.format(hidden("anna@mühle.org", key))
    text = extract(page(f"<p>Write to {link} before you come.</p><pre>author =\n  {link}</pre>")).text
    assert f"Write to {STAND_IN} before you come." in text
    assert text.count(STAND_IN) == 2
    assert "protected" not in text
    assert "anna" not in text


@pytest.mark.parametrize("digits", ["", "5", "5a", "5a3", "zz", "5a3bzz", hidden("no address"), "5a" * 700])
def test_a_placeholder_without_an_address_goes(digits: str) -> None:
    link = FORMS[0].format(digits)
    assert "Write to before you come." in extract(page(f"<p>Write to {link} before you come.</p>")).text


def test_an_address_writes_no_markup_and_no_subject() -> None:
    mail = "a&b@example.org?subject=rye"
    assert show_emails(FORMS[4].format(hidden(mail)).encode()).endswith(b">a&amp;b@example.org</a>")
    assert show_emails(FORMS[4].format(hidden("<b>@mill.org")).encode()).endswith(b"></a>")


def test_the_placeholder_is_text_where_nothing_is_hidden() -> None:
    for source in (
        b"<p>They write [email&#160;protected] here.",
        b"<b class=x>[email protected]</b>",
        b"[email protected]",
    ):
        assert show_emails(source) == source


@pytest.mark.parametrize(
    "piece", ["<a data-cfemail=", "[email protected]", "<a data-cfemail=5a>[email protected]", "<"]
)
def test_no_page_takes_long(piece: str) -> None:
    source = (piece * (1_000_000 // len(piece)) + "[email protected]").encode()
    assert_quick(lambda: show_emails(source), 2)
