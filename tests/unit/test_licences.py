"""The licence that a page links as its own, else the first open one, in short where it is Creative Commons."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.extraction import extract
from pipeline.kernels.html.metadata.licences import short_licence

URL = "https://mill.example/rye/"
CC = "https://creativecommons.org/licenses"
PROSE = "<p>The mill stands by the river, and its wheel has turned there for two hundred years.</p>"


@pytest.mark.parametrize(
    ("url", "short"),
    [
        (f"{CC}/by/4.0/", "cc-by-4.0"),
        (f"{CC}/by/4.0", "cc-by-4.0"),
        (f"{CC}/by-nc-sa/2.5/deed.fr", "cc-by-nc-sa-2.5"),
        (f"{CC}/BY-SA/3.0/DE/", "cc-by-sa-3.0-de"),
        (f"{CC}/by-sa/3.0/igo/legalcode", "cc-by-sa-3.0-igo"),
        (f"{CC}/by-nd/", "cc-by-nd"),
        ("http://www.creativecommons.org/licenses/by/2.0", "cc-by-2.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/deed.de", "cc0-1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "cc-pdm-1.0"),
        (f"{CC}/publicdomain/", "cc-publicdomain"),
        (f"{CC}/", f"{CC}/"),
        (f"{CC}/bypass/1.0", f"{CC}/bypass/1.0"),
        ("https://notcreativecommons.org/licenses/by/4.0", "https://notcreativecommons.org/licenses/by/4.0"),
        ("https://mill.example/?u=creativecommons.org/licenses/by/4.0", "https://mill.example/?u=creativecommons.org/licenses/by/4.0"),
    ],
)  # fmt: skip
def test_creative_commons_has_short_names(url: str, short: str) -> None:
    assert short_licence(url) == short


@pytest.mark.parametrize(
    ("markup", "licence"),
    [
        ("", None),
        (f"<link rel=license href='{CC}/by/4.0/'>", "cc-by-4.0"),
        (f"<LINK REL='License' HREF='{CC}/by/4.0/'>", "cc-by-4.0"),
        (f'<a rel="noopener license" href="{CC}/by-sa/4.0/">CC</a>', "cc-by-sa-4.0"),
        ("<a rel=license href=/terms>terms</a>", "https://mill.example/terms"),
        ("<a rel=license href='#terms'>terms</a>", None),
        ("<a rel=license href='javascript:void(0)'>terms</a>", None),
        ("<a rel=license>terms</a>", None),
        (f"<a href='{CC}/by/2.0/'>CC</a>", "cc-by-2.0"),
        (f"<a href='{CC}/by/2.0/'>a picture</a><a rel=license href='{CC}/by-sa/4.0/'>this</a>", "cc-by-sa-4.0"),
        (f"<a href='{CC}/by/2.0/'>one</a><a href='{CC}/by/3.0/'>other</a>", "cc-by-2.0"),
        (f"<a rel=license href=/a>one</a><a rel=license href=/b>other</a>{PROSE}", "https://mill.example/a"),
        ("<a href=//creativecommons.org/publicdomain/zero/1.0/>0</a>", "cc0-1.0"),
        ("<a href=https://www.gnu.org/licenses/gpl-3.0.html>GPL</a>", "https://www.gnu.org/licenses/gpl-3.0.html"),
        ("<a href=https://opensource.org/license/mit>MIT</a>", "https://opensource.org/license/mit"),
        ("<a href=https://mill.example/driving-license>how to get one</a>", None),
        (f"<a itemprop=license href='{CC}/by/4.0/'>CC</a>", "cc-by-4.0"),
        (f"<!-- <a rel=license href='{CC}/by/4.0/'>CC</a> -->", None),
        (f"<script>var a = \"<a rel=license href='{CC}/by/4.0/'>\"</script>", None),
        (f"<p>{CC}/by/4.0/</p>", None),
        (f"<a href='/share?u={CC}/by/4.0/'>share</a>", None),
        (f"<img src=a.png alt='{CC}/by/4.0/'>", None),
        (
            f'<script type="application/ld+json">{{"@type": "Article", "license": "{CC}/by/4.0/"}}</script>',
            "cc-by-4.0",
        ),
        (
            f'<script type=\'application/ld+json\'>{{"license": "{CC}/by/4.0/"}}</script><a rel=license href=/a>CC</a>',
            "https://mill.example/a",
        ),
        (
            f'<script type=\'application/ld+json\'>{{"image": {{"license": "{CC}/by/4.0/"}}}}</script>',
            None,
        ),
    ],
)
def test_a_page_s_own_licence_comes_before_any_that_it_links(markup: str, licence: str | None) -> None:
    assert extract(f"<title>Rye</title>{markup}<main>{PROSE}</main>", URL).licence == licence


@given(st.text(max_size=60))
def test_any_text_is_the_address_of_a_licence(text: str) -> None:
    assert short_licence(text)[:3] in ("cc-", "cc0", text[:3])
    result = extract(f"<a rel=license href='{text}'>x</a><p>x", URL).licence
    assert result is None or result.startswith(("http", "cc"))
