"""Which URLs meet which entries: a table of both, and plain Python sets as the oracle."""

from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.urls.addresses import canonical_url
from pipeline.kernels.urls.url_keys import MARK, KeyTable, bin_starts, entry_keys, find_entries, key_table
from pipeline.url_screen.list_entries import normal_entry


def table_of(entries: list[str]) -> KeyTable:
    """Return a table in which each entry is a set of its own, by its number."""
    keys, marks = entry_keys(pa.array(entries, pa.string()))
    numbers: dict[int, int] = {int(mark): MARK for mark in marks if mark >= 0}
    numbers |= {int(key): number for number, key in enumerate(keys)}
    ordered = np.array(sorted(numbers), np.int64)
    return key_table(ordered, np.array([numbers[int(key)] for key in ordered], np.uint16), bin_starts(ordered))


def met(entries: list[str], urls: list[str]) -> list[set[int]]:
    """Return the numbers of the entries that each URL meets."""
    hits = find_entries(pa.array(urls, pa.string()), table_of(entries))
    assert sorted(hits.rows.tolist()) == hits.rows.tolist()
    result: list[set[int]] = [set() for _ in urls]
    for row, number in zip(hits.rows.tolist(), hits.sets.tolist(), strict=True):
        result[row].add(number)
    return result


CASES = [
    # entry, URL as crawled, whether they meet
    ("bad.example", "https://bad.example/", True),
    ("bad.example", "http://bad.example", True),
    ("bad.example", "HTTPS://Bad.EXAMPLE/Page", True),
    ("bad.example", "https://www.bad.example/x?y=1", True),
    ("bad.example", "https://a.b.c.bad.example/x", True),
    ("bad.example", "https://notbad.example/", False),
    ("bad.example", "https://not-bad.example/", False),
    ("bad.example", "https://bad.example.org/", False),
    ("bad.example", "https://example/", False),
    ("bad.example", "https://bad.examples/", False),
    ("bad.example", "https://good.example/?u=https://bad.example/", False),
    ("bad.example", "https://good.example/bad.example", False),
    ("bad.example", "https://bad.example@good.example/", False),
    ("bad.example", "https://me:secret@bad.example/", True),
    ("bad.example", "https://bad.example:8443/x", True),
    ("bad.example", "https://bad.example./x", True),
    ("bad.example", "https://good.example:80/@bad.example/", False),
    ("BAD.example.", "https://bad.example/", True),
    ("https://bad.example:8080/", "https://bad.example/x", True),
    ("*.bad.example", "https://bad.example/", True),
    (".bad.example", "https://a.bad.example/", True),
    ("www.bad.example", "https://www.bad.example/", True),
    ("www.bad.example", "https://bad.example/", False),
    ("a.bad.example", "https://bad.example/", False),
    ("a.bad.example", "https://b.bad.example/", False),
    ("*.tk", "https://any.host.tk/x", True),
    ("*.tk", "https://tk.example/x", False),
    ("bad_host.example", "https://bad_host.example/", True),
    ("mühle.example", "https://xn--mhle-0ra.example/", True),
    ("mühle.example", "https://MÜHLE.example/", True),
    ("xn--mhle-0ra.example", "https://mühle.example/x", True),
    ("mühle.example", "https://muhle.example/", False),
    ("例え.example", "https://a.例え.example/", True),
    ("10.0.0.1", "http://10.0.0.1/x", True),
    ("10.0.0.1", "http://10.0.0.1:8080/", True),
    ("0.0.1", "http://10.0.0.1/x", False),
    ("1.10.0.0.1.example", "http://10.0.0.1.example/", False),
    ("[::1]", "http://[::1]:80/x", True),
    ("::1", "http://[::1]/x", True),
    ("::1", "http://[::2]/x", False),
    ("blog.example/dark", "https://blog.example/dark", True),
    ("blog.example/dark", "https://blog.example/dark/", True),
    ("blog.example/dark/", "https://blog.example/dark", True),
    ("blog.example/dark", "https://blog.example/dark/b/c", True),
    ("blog.example/dark", "https://blog.example/Dark?page=2", True),
    ("blog.example/dark", "https://blog.example/darkness", False),
    ("blog.example/dark", "https://blog.example/a/dark", False),
    ("blog.example/dark", "https://blog.example/", False),
    ("blog.example/dark", "https://a.blog.example/dark", False),
    ("blog.example/dark", "https://www.blog.example/dark", True),
    ("www2.blog.example/dark", "https://blog.example/dark", True),
    ("blog.example/dark", "https://wwwblog.example/dark", False),
    ("blog.example/dark", "https://me@blog.example:81/dark", True),
    ("http://blog.example/show?id=5&a=1", "https://blog.example/show?a=1&id=5", True),
    ("blog.example/show?id=5", "https://blog.example/show?id=6", False),
    ("blog.example/show?id=5", "https://blog.example/show", False),
    ("blog.example/?id=5", "https://blog.example/?id=5#part", True),
    ("blog.example/", "https://blog.example/anything", True),
    ("blog.example/a%20b", "https://blog.example/a b/c", True),
    ("bad.example", "bad.example", False),
    ("bad.example", "ftp://bad.example/", False),
    ("bad.example", "", False),
    ("bad.example", "https://", False),
    ("bad.example", "http:///bad.example", False),
    ("bad.example", "urn:isbn:bad.example", False),
    ("bad.example", "https://" + "a." * 2000 + "bad.example/", True),
    ("blog.example/dark", "https://blog.example/dark" + "/x" * 4000, True),
]


@pytest.mark.parametrize(("entry", "url", "meets"), CASES)
def test_an_entry_and_a_url_meet_or_do_not(entry: str, url: str, meets: bool) -> None:
    normal = normal_entry(entry)
    assert normal is not None
    assert met([normal], [canonical_url(url)]) == [{0} if meets else set()]


def test_all_entries_that_a_url_meets_are_found() -> None:
    entries = ["*.example", "bad.example", "www.bad.example", "bad.example/x", "bad.example/x/y", "bad.example/x/y?z=1"]
    entries[0] = "example"
    assert met(entries, ["https://www.bad.example/x/y?z=1", "https://bad.example/x/"]) == [set(range(6)), {0, 1, 3}]


def test_an_address_is_no_host_and_a_mark_is_no_hit() -> None:
    keys, marks = entry_keys(pa.array(["a.example", "a.example/x", "a.example/y"]))
    assert len({*keys.tolist(), *marks.tolist()} - {-1}) == 4
    assert met(["a.example/x"], ["https://a.example/", "https://a.example/y"]) == [set(), set()]


def test_nothing_meets_an_empty_table_and_no_url_meets_anything() -> None:
    assert met([], ["https://a.example/"]) == [set()]
    assert met(["a.example"], []) == []
    hits = find_entries(pa.array([None, "https://a.example/"]), table_of(["a.example"]))
    assert hits.rows.tolist() == [1]


LABEL = st.sampled_from(["a", "b", "www", "www2", "1", "xn--a"])
HOSTS = st.lists(LABEL, min_size=1, max_size=4).map(".".join)
PATHS = st.lists(st.sampled_from(["/", "a", "b", "A", ".", "~"]), max_size=8).map(lambda pieces: "/" + "".join(pieces))
QUERIES = st.sampled_from(["", "?a=1", "?b=/a"])
ENTRIES = st.one_of(HOSTS, st.builds(str.__add__, HOSTS, st.builds(str.__add__, PATHS, QUERIES)))
URLS = st.builds(
    "{}://{}{}{}{}{}".format,
    st.sampled_from(["http", "https", "ftp"]),
    st.sampled_from(["", "me@", "b:a@"]),
    HOSTS,
    st.sampled_from(["", ":81", "."]),
    PATHS,
    QUERIES,
)


def bare(host: str) -> str:
    first, _, rest = host.partition(".")
    return rest if first.startswith("www") and first[3:].isdigit() | (first == "www") and "." in rest else host


def plain_key(entry: str) -> str:
    """Return what an entry is known by among Python strings."""
    entry = entry.lower().rstrip("/?")
    cut = min([entry.find(sign) for sign in "/?" if sign in entry], default=len(entry))
    return bare(entry[:cut]) + entry[cut:] if cut < len(entry) else entry


def plainly_met(url: str) -> set[str]:
    """Return the keys of all entries that a URL would meet."""
    split = urlsplit(url.lower())
    host = (split.hostname or "").rstrip(".")
    if split.scheme == "ftp" or not host:
        return set()
    labels = host.split(".")
    parents = {host} if labels[-1].isdigit() else {".".join(labels[at:]) for at in range(len(labels))}
    whole = (split.path + ("?" + split.query if split.query else "")).rstrip("/?")
    cuts = [at for at in range(1, len(split.path)) if split.path[at] == "/"] + [len(split.path)]
    paths = {split.path[:cut] for cut in cuts} | {whole}
    return parents | {bare(host) + path for path in paths if path.rstrip("/")}


@given(st.lists(ENTRIES, max_size=8), st.lists(URLS, max_size=5))
def test_look_ups_agree_with_sets_of_strings(entries: list[str], urls: list[str]) -> None:
    keys = [plain_key(entry) for entry in entries]
    for url, numbers in zip(urls, met(entries, urls), strict=True):
        assert {keys[number] for number in numbers} == plainly_met(url) & set(keys), url


@given(st.integers(0, 3000), st.integers(0, 2**32))
def test_every_key_lies_in_its_bin(count: int, seed: int) -> None:
    keys = np.unique(np.random.default_rng(seed).integers(0, 1 << 63, count, np.int64))
    starts = bin_starts(keys)
    table = key_table(keys, np.zeros(len(keys), np.uint16), starts)
    assert (np.diff(starts) >= 0).all()
    bins = keys >> table.shift
    assert ((starts[bins] <= np.arange(len(keys))) & (np.arange(len(keys)) < starts[bins + 1])).all()
    assert (starts[0], starts[-1]) == (0, len(keys))
