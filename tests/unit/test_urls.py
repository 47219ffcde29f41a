"""Two spellings of one address become one key, two addresses never do, and nothing raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.urls.addresses import canonical_url, document_id, host_of, row_key

A = "https://a.example/"


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://A.Example", A),
        ("https://a.example:443/", A),
        ("http://a.example:80/", "http://a.example/"),
        ("https://a.example:80/", "https://a.example:80/"),
        ("http://a.example:8080/", "http://a.example:8080/"),
        ("https://a.example:/", A),
        (" https://a.example/ \n", A),
        ("https://a.example/#top", A),
        ("https://a.example/?", A),
        ("https://a.example/b/./c/../d", A + "b/d"),
        ("https://a.example/B", A + "B"),
        ("https://a.example/%7eb%2fc", A + "~b%2Fc"),
        ("https://a.example/b c", A + "b%20c"),
        ("https://a.example/ü", A + "%C3%BC"),
        ("https://a.example/%fc", A + "%FC"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://straße.example:8443/", "https://xn--strae-oqa.example:8443/"),
        ("https://XN--BCHER-KVA.example/", "https://xn--bcher-kva.example/"),
        ("https://me:Pass@A.example/", "https://me:Pass@a.example/"),
        ("https://[::1]:443/", "https://[::1]/"),
        ("https://www.a.example/", "https://www.a.example/"),
        ("https://a.example/b/", A + "b/"),
        ("https://a.example/?b=2&a=1", A + "?a=1&b=2"),
        ("https://a.example/?a=2&a=1", A + "?a=1&a=2"),
        ("https://a.example/?a&b=", A + "?a=&b="),
        ("https://a.example/?thread-5", A + "?thread-5="),
        ("https://a.example/?&&a=1&", A + "?a=1"),
        ("https://a.example/?a=b=c", A + "?a=b%3Dc"),
        ("https://a.example/?q=%ec%e8%f0", A + "?q=%EC%E8%F0"),
        ("https://a.example/?b=2&amp;a=1", A + "?a=1&b=2"),
        ("https://a.example/?b=2&amp;amp;a=1&AMP;c", A + "?a=1&b=2&c="),
        ("https://a.example/?amp%3Bid=7&amp%3butm_medium=y", A + "?id=7"),
        ("https://a.example/?a=x&amp;utm_source=x&amp;", A + "?a=x"),
        ("https://a.example/#!/b?c=1", A + "#!/b?c=1"),
        ("https://a.example/?utm_id=1#!b", A + "#!b"),
        ("https://a.example/b;jsessionid=0A1B2C3D?c=1", A + "b?c=1"),
        ("https://a.example/b;JSESSIONID=0A.node1/c", A + "b/c"),
        ("https://a.example/(S(lit3py55t21z5v55vlm25s55))/b.aspx", A + "b.aspx"),
        ("https://a.example/?PHPSESSID=9f2c&a=1", A + "?a=1"),
        ("https://a.example/?ASPSESSIONIDABCDEFGH=X&CFID=1&CFTOKEN=2", A),
        ("https://a.example/?sid=0123456789abcdef0123456789ABCDEF&t=5", A + "?t=5"),
    ],
)
def test_spellings_of_one_address_become_one(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    "tracker",
    ["utm_source=x", "UTM_Campaign=x", "utm_id=", "utm_term", "fbclid=1", "gclid=1", "msclkid=1", "mc_eid=1",
     "pk_campaign=1",
     "vero_id=1", "yclid=1", "dclid=1", "wbraid=1", "%75tm_source=x"],
)  # fmt: skip
def test_trackers_go_and_their_neighbours_stay(tracker: str) -> None:
    assert canonical_url(f"{A}?b=2&{tracker}&a=1") == A + "?a=1&b=2"
    assert canonical_url(f"{A}?{tracker}") == A


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("?gallery=1", "?gallery=2"),
        ("?game=chess", "?game=go"),
        ("?cid=1", "?cid=2"),
        ("?uid=1", "?uid=2"),
        ("?ref=main", "?ref=next"),
        ("?source=a", "?source=b"),
        ("?keyword=a", "?keyword=b"),
        ("?q=%ec%e8%f0", "?q=%ec%e8%e0"),
        ("?utm=1", "?utm=2"),
        ("?a=1", "?A=1"),
        ("?a=1&a=2", "?a=1"),
        ("?a", "?b"),
        ("a%2fb", "a/b"),
        ("a", "A"),
        ("a", "a/"),
        ("%e4", "%c3%a4"),
        ("?a=1&b=2", "?a=1%26b=2"),
        ("?a=+", "?a=%2B"),
        ("?a=x%26amp;b=2", "?a=x&b=2"),
        ("?amp=1", "?=1"),
        ("?example;b=1", "?b=1"),
        ("#!a", "#!b"),
        ("#!a", ""),
        ("?sid=17", "?sid=18"),
        ("?session=1", "?session=2"),
        ("b;c=1", "b;c=2"),
        ("(S(short))/b", "b"),
    ],
)
def test_two_addresses_stay_two(one: str, other: str) -> None:
    assert canonical_url(A + one) != canonical_url(A + other)


@pytest.mark.parametrize(
    "name",
    ["17", "", " 17 ", "doc#5?b=1&a=2", "urn:isbn:3", "FILE:///X", "ftp://A.example/?b&a", "mailto:A@b", "//A.example/",
     "http://", "http:///a", "http:a", "a.example/x"],
)  # fmt: skip
def test_what_is_no_web_address_comes_back_verbatim(name: str) -> None:
    assert canonical_url(name) == name


@pytest.mark.parametrize(
    "url",
    ["http://[", "http://[::1", "http://a:99999/", "http://a:x/", "http://a..b/", f"http://{'a' * 80}.example/",
     "http://\ud800/", "http://a/\ud800", "http://a/\0", "http://*.example/", "http://a b/", "http://@/", "http://:80/"],
)  # fmt: skip
def test_broken_addresses_never_raise_and_are_stable(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once
    host_of(once)


QUERIES = st.lists(
    st.tuples(st.text("aüA%=+;. \u3000&#", max_size=5), st.text("b1%2f=+&#?é", max_size=5)).map("=".join), max_size=4
)
URLS = st.builds(
    lambda scheme, host, path, query: f"{scheme}://{host}/{path}?{'&'.join(query)}",
    st.sampled_from(["http", "HTTPS", "https"]),
    st.one_of(st.sampled_from(["a.example", "B.example:443", "u@c.example:80"]), st.text(max_size=10)),
    st.text("ab/.%2e?;é\t ", max_size=12),
    QUERIES,
)


@given(st.one_of(URLS, st.text(max_size=40)))
def test_a_canonical_address_is_its_own_canonical_address(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once
    host_of(once)


@given(st.permutations(["a=1", "b=2", "a=0", "c", "utm_x=3", "amp;jsessionid=4"]))
def test_the_order_of_parameters_does_not_matter(parameters: list[str]) -> None:
    assert canonical_url(f"{A}?{'&'.join(parameters)}") == A + "?a=0&a=1&b=2&c="


@pytest.mark.parametrize(
    ("url", "host"),
    [(A, "a.example"), ("https://u:p@b.example:81/", "b.example"), ("https://[::1]/", "::1"), ("17", None), ("", None)],
)
def test_hosts_have_neither_user_nor_port(url: str, host: str | None) -> None:
    assert host_of(url) == host


def test_document_ids_are_32_digits_and_tell_identity_from_address() -> None:
    result = {document_id(identity, url) for identity in ("a", "b", "a\n") for url in ("x", "", "\nx")}
    assert {len(doc_id) for doc_id in result} == {32}
    assert len(result) >= 8
    assert document_id("\ud800", "x") != document_id("\ud801", "x")


def test_row_keys_are_signed_64_bit_numbers() -> None:
    keys = [row_key(str(number)) for number in range(200)]
    assert len(set(keys)) == 200
    assert min(keys) < 0 < max(keys) < 2**63
