"""What stands in lists of every format, and where lists lie."""

import gzip
import io
import tarfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.url_screen import list_entries
from pipeline.url_screen.list_entries import entries_in, entries_of, lists_in, normal_entry
from pipeline.url_screen.list_files import ListFile, list_files, lists_digest
from pipeline.url_screen.params import HARMFUL, UrlScreenParams


def read(content: str | bytes) -> tuple[list[str], int]:
    stretches = list(entries_of(io.BytesIO(content.encode() if isinstance(content, str) else content)))
    return sorted(entry for one in stretches for entry in one.entries.to_pylist()), sum(one.broken for one in stretches)


@pytest.mark.parametrize(
    ("line", "entries"),
    [
        ("bad.example", ["bad.example"]),
        ("  bad.example\t\r", ["bad.example"]),
        ("\ufeffbad.example", ["bad.example"]),
        ("BAD.Example", ["bad.example"]),
        ("bad.example.", ["bad.example"]),
        ("bad.example # why", ["bad.example"]),
        ("bad.example/x/y", ["bad.example/x/y"]),
        ("bad.example/x/", ["bad.example/x/"]),
        ("bad.example/x?b=1&a=2", ["bad.example/x?a=2&b=1"]),
        ("https://bad.example:8443/../x#top", ["bad.example/x"]),
        ("", []),
        ("# bad.example", []),
        ("! bad.example", []),
        ("; bad.example", []),
        ("[Adblock Plus]", []),
        ("0.0.0.0 bad.example", ["bad.example"]),
        ("127.0.0.1\tbad.example  # why", ["bad.example"]),
        ("::1 bad.example", ["bad.example"]),
        ("0.0.0.0 bad.example worse.example", ["bad.example", "worse.example"]),
        ("192.168.0.7 bad.example", ["bad.example"]),
        ("127.0.0.1 localhost", []),
        ("127.0.0.1 localhost.localdomain", []),
        ("255.255.255.255 broadcasthost", []),
        ("fe80::1%lo0 localhost", []),
        ("::1 ip6-localhost ip6-loopback", []),
        ("0.0.0.0 0.0.0.0", []),
        ("localhost", []),
        ("||bad.example^", ["bad.example"]),
        ("*.bad.example", ["bad.example"]),
        (".bad.example", ["bad.example"]),
        ("*.tk", ["tk"]),
        ("mühle.example", ["xn--mhle-0ra.example"]),
        ("10.1.2.3", ["10.1.2.3"]),
        ("2001:db8::1", ["[2001:db8::1]"]),
    ],
)
def test_a_line_is_read_as_what_it_means(line: str, entries: list[str]) -> None:
    assert read(f"{line}\n") == (entries, 0)


BROKEN = ["word", "two words", "a..example", "<html>", "||bad.example^$popup", "@@||bad.example^", "/x", "?", "http://"]
ODD = ["ftp://a.example", "0.0.0.0 word", "\x00\x01", "http://[::1", "x" * 70 + ".ä.example"]


@pytest.mark.parametrize("line", [*BROKEN, *ODD])
def test_a_broken_line_costs_only_itself(line: str) -> None:
    assert read(f"a.example\n{line}\nb.example") == (["a.example", "b.example"], 1)


def test_bytes_that_are_no_utf8_are_read_as_latin_1() -> None:
    assert read("mühle.example\na.example".encode("latin-1")) == (["a.example", "xn--mhle-0ra.example"], 0)


@given(
    st.lists(st.sampled_from(["a.example", "*.tk", "0.0.0.0 b.example", "word", "# x", "ü.example"])),
    st.integers(1, 40),
)
def test_entries_do_not_depend_on_how_a_list_is_cut(lines: list[str], chunk: int) -> None:
    content = "\n".join(lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(list_entries, "CHUNK", chunk)
        assert read(content) == read_whole(content)


def read_whole(content: str) -> tuple[list[str], int]:
    result: list[str] = []
    broken = 0
    for line in content.split("\n"):
        entries, wrong = read(line)
        result += entries
        broken += wrong
    return sorted(result), broken


@given(st.text(max_size=40))
def test_whatever_a_line_holds_it_is_read_and_its_entry_stays_what_it_is(line: str) -> None:
    entries, _ = read(line)
    for entry in entries:
        assert normal_entry(f"*.{entry}") == entry or "\n" in line or " " in line or "\r" in line


def ut1(folder: Path) -> Path:
    for name, text in {
        "adult/domains": "a.example\n",
        "adult/urls": "b.example/x\n",
        "bank/domains": "c.example\n",
    }.items():
        (folder / "ut1" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "ut1" / name).write_text(text)
    (folder / "ut1" / "adult" / "usage").write_text("black\n")
    (folder / "ut1" / "README").write_text("not a list\n")
    (folder / "ut1" / "porn").symlink_to("adult")
    return folder / "ut1"


def contents(*places: str) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for file in list_files(places):
        for category, some in entries_in(file):
            result.setdefault(category, []).extend(some.entries.to_pylist())
    return {category: sorted(entries) for category, entries in result.items()}


def test_a_folder_has_its_categories_and_second_names_of_them_are_none(tmp_path: Path) -> None:
    assert contents(str(ut1(tmp_path))) == {"adult": ["a.example", "b.example/x"], "bank": ["c.example"]}


def test_an_archive_is_read_as_the_folder_that_it_holds(tmp_path: Path) -> None:
    folder = ut1(tmp_path)
    with tarfile.open(tmp_path / "all.tar.gz", "w:gz") as archive:
        archive.add(folder, "blacklists")
    assert contents(str(tmp_path / "all.tar.gz")) == contents(str(folder))


def test_an_archive_in_several_members_is_read_to_its_end_and_one_that_is_cut_is_an_error(tmp_path: Path) -> None:
    folder = ut1(tmp_path)
    with tarfile.open(tmp_path / "all.tar", "w") as archive:
        archive.add(folder, "blacklists")
    content = (tmp_path / "all.tar").read_bytes()
    halves = gzip.compress(content[: len(content) // 2]) + gzip.compress(content[len(content) // 2 :])
    (tmp_path / "two.tar.gz").write_bytes(halves)
    assert contents(str(tmp_path / "two.tar.gz")) == contents(str(folder))
    (tmp_path / "cut.tar.gz").write_bytes(halves[:-12])
    with pytest.raises(ConfigError, match="cannot be unpacked"):
        contents(str(tmp_path / "cut.tar.gz"))


def test_a_file_has_the_category_that_it_is_given_or_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "bets.hosts").write_text("0.0.0.0 a.example\n")
    (tmp_path / "bets.txt.gz").write_bytes(gzip.compress(b"b.example\n"))
    assert contents(str(tmp_path / "bets.hosts"), str(tmp_path / "bets.txt.gz")) == {
        "bets": ["a.example", "b.example"],
    }
    assert contents(f"gambling={tmp_path / 'bets.hosts'}") == {"gambling": ["a.example"]}
    (tmp_path / "many").mkdir()
    (tmp_path / "many" / "one").write_text("c.example\n")
    assert contents(f"gambling={tmp_path / 'many'}", f"gambling={tmp_path / 'bets.hosts'}") == {
        "gambling": ["a.example", "c.example"]
    }


def test_a_file_that_is_cut_is_an_error_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"a.example\n" * 100)[:-12])
    with pytest.raises(ConfigError, match=r"cut\.gz' cannot be unpacked"):
        contents(str(tmp_path / "cut.gz"))
    (tmp_path / "cut.tar.gz").write_bytes(b"no archive")
    with pytest.raises(ConfigError, match=r"cut\.tar\.gz' cannot be unpacked"):
        contents(str(tmp_path / "cut.tar.gz"))


def test_a_file_that_changes_while_a_run_lives_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a.example")
    (file,) = list_files((str(tmp_path / "a.txt"),))
    (tmp_path / "a.txt").write_text("b.example")
    with pytest.raises(ConfigError, match="something else here"):
        list(entries_in(file))


@pytest.mark.parametrize("name", ["zeros.txt.gz", "zeros.tar.gz"])
def test_a_list_of_a_gigabyte_in_one_line_costs_no_more_memory_than_a_chunk(tmp_path: Path, name: str) -> None:
    zeros, size = tmp_path / name, 256 << 20
    with gzip.open(zeros, "wb", compresslevel=1) as packed:
        if name.endswith(".tar.gz"):
            member = tarfile.TarInfo("adult/domains")
            member.size = size
            packed.write(member.tobuf())
        for _ in range(size >> 20):
            packed.write(bytes(1 << 20))
        packed.write(bytes(1 << 10))
    (file,) = list_files((str(zeros),))
    tracemalloc.start()
    try:
        assert sum(some.broken for _, some in entries_in(file)) == 1
        assert tracemalloc.get_traced_memory()[1] < 6 * list_entries.CHUNK
    finally:
        tracemalloc.stop()


def test_lists_are_known_by_category_and_bytes_and_not_by_place_or_order(tmp_path: Path) -> None:
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("a.example")
    two.write_text("a.example")

    def known(*places: str) -> str:
        return lists_digest(list_files(places))

    assert known(f"x={one}") == known(f"x={two}") != known(f"y={one}")
    assert known(f"x={one}", f"y={two}") == known(f"y={one}", f"x={two}")
    two.write_text("b.example")
    assert known(f"x={one}") != known(f"x={two}")


def test_the_lists_that_ship_hold_hosts_alone_in_categories_that_are_dropped() -> None:
    result = contents("bundled")
    assert set(result) <= set(HARMFUL)
    assert all(len(set(entries)) == len(entries) > 20 for entries in result.values())
    for file in list_files(("bundled",)):
        (lines,) = (content.read().decode() for _, content in lists_in(file))
        assert read(lines)[1] == 0
        assert lines.split() == sorted(lines.split())


def test_parameters_know_their_lists_by_hash() -> None:
    assert UrlScreenParams().resolved().lists_digest == lists_digest(list_files(("bundled",)))
    assert UrlScreenParams(lists=()).resolved().lists_digest != UrlScreenParams().resolved().lists_digest


def test_an_archive_member_out_of_a_category_is_no_list() -> None:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for name in ("domains", "adult/domains", "adult/usage"):
            member = tarfile.TarInfo(name)
            member.size = 9
            archive.addfile(member, io.BytesIO(b"a.example"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ListFile, "open", lambda _: io.BytesIO(held.getvalue()))
        lists = lists_in(ListFile("x.tar", ""))
        assert [(category, content.read()) for category, content in lists] == [("adult", b"a.example")]
