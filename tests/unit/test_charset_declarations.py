"""A page's own word on its charset is found where browsers find it, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.warc.charset import decode
from pipeline.kernels.warc.charset_declarations import declared_charset
from tests.timing import assert_quick
from tests.unit.encoding_standard import needs_shared, prescan_cases


@needs_shared
def test_html5libs_pages_declare_what_its_tests_say() -> None:
    cases = prescan_cases()
    assert len(cases) == 82
    wrong = []
    for page, name in cases:
        marked = decode(page, None)[1] if page.startswith(b"\xef\xbb\xbf") else None
        if (marked or declared_charset(page) or "windows-1252") != name:
            wrong.append((page, name))
    assert not wrong


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"<meta charset=koi8-r>", "koi8-r"),
        (b"<META\nCHARSET\t=\f'koi8-r'/>", "koi8-r"),
        (b"<meta/charset=koi8-r>", "koi8-r"),
        (b'<meta a charset="koi8-r" charset=utf-8>', "koi8-r"),
        (b"<meta charset=koi8-r", None),
        (b"<meta charset='koi8-r>", None),
        (b"<metacharset=koi8-r>", None),
        (b"<meta charset=no-such><meta charset=koi8-r>", "koi8-r"),
        (b"<meta content='text/html; charset=koi8-r'>", None),
        (b"<meta content='text/html; charset=koi8-r' http-equiv=content-TYPE>", "koi8-r"),
        (b"<meta http-equiv=content-type content='charset charset = \"koi8-r\" x'>", "koi8-r"),
        (b"<meta http-equiv=content-type content='charset=\"koi8-r'>", None),
        (b"<meta http-equiv=content-type content='charset=koi8-r;x'>", "koi8-r"),
        (b"<meta http-equiv=refresh content='text/html; charset=koi8-r'>", None),
        (b"<meta http-equiv=content-type content='charset=koi8-r' charset=utf-8>", "utf-8"),
        (b"<!-- <meta charset=utf-8> --><meta charset=koi8-r>", "koi8-r"),
        (b"<!--><meta charset=koi8-r>", "koi8-r"),
        (b"<!---><meta charset=koi8-r>", "koi8-r"),
        (b"<!-- <meta charset=koi8-r>", None),
        (b"<!doctype html><a title='<meta charset=utf-8>'><meta charset=koi8-r>", "koi8-r"),
        (b"<? <meta charset=utf-8><meta charset=koi8-r>", "koi8-r"),
        (b"</ <meta charset=utf-8><meta charset=koi8-r>", "koi8-r"),
        (b"a < b <meta charset=koi8-r>", "koi8-r"),
        (b"<meta charset=utf-16be>", "utf-8"),
        (b"<meta charset=x-user-defined>", "windows-1252"),
        (b"<meta charset=hz-gb-2312>", "replacement"),
        (b"<?xml version='1.0' encoding = \"koi8-r\"?><p>", "koi8-r"),
        (b"<?xml version='1.0' encoding='koi8-r'?><meta charset=utf-8>", "utf-8"),
        (b"<?xml version='1.0' encoding='utf-16'?><p>", "utf-8"),
        (b" <?xml version='1.0' encoding='koi8-r'?>", None),
        (b"<?xml encoding='koi8 r'?>", None),
        ("<?xml version='1.0'?>".encode("utf-16-le"), "utf-16le"),
        ("<?xml version='1.0'?>".encode("utf-16-be"), "utf-16be"),
        (b"", None),
    ],
)
def test_a_declaration_counts_where_browsers_see_one(head: bytes, name: str | None) -> None:
    assert declared_charset(head) == name


PIECES = ["<meta", " charset=", "utf-8", "'", '"', ">", "<!--", "-->", "<a", "/", "=", " ", "http-equiv=", "content="]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_markup_declares_something_or_nothing(head: str) -> None:
    assert declared_charset(head.encode()) in (None, "utf-8")


@pytest.mark.parametrize(
    "piece", [b"<meta ", b"<a b=c ", b"<!", b"<!--", b"<a ='", b"<?xml encoding", b"charset=", b"<a"]
)
def test_a_prescan_takes_linear_time(piece: bytes) -> None:
    assert_quick(lambda: declared_charset(b"<?xml " + piece * 20_000), 1)
    content = b"<meta http-equiv=content-type content='" + piece.replace(b"'", b"") * 20_000 + b"'>"
    assert_quick(lambda: declared_charset(content), 1)
