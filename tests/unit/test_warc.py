"""WARC files of every packing are read record by record, and damage costs only the record that it hits."""

import gzip
import io
from collections.abc import Callable
from datetime import UTC, datetime

import lz4.frame
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.inputs.streams import RetryingStream, TransientReadError
from pipeline.kernels.warc.records import Response, ScanReport, parse_date, read_responses
from tests.timing import assert_quick

CAP = 1 << 20
DATE = "2024-03-04T05:06:07Z"


def record(
    number: int,
    kind: str = "response",
    body: bytes = b"",
    identity: str | None = None,
    headers: str = "",
    uri: str = "",
) -> bytes:
    block = b"HTTP/1.1 200 OK\r\n\r\n<p>" + (body or bytes((number * n * n + 7 * n) % 251 for n in range(300)))
    identity = f"WARC-Record-ID: <urn:r:{number}>\r\n" if identity is None else identity
    uri = uri or f"https://a.example/{number}"
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\n{identity}WARC-Date: {DATE}\r\nWARC-Target-URI: {uri}\r\n{headers}"
    return f"{head}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


RECORDS = [
    record(0, "warcinfo"),
    record(1, "request"),
    *(record(number) for number in range(2, 7)),
    record(7, "metadata"),
]
RESPONSES = [f"<urn:r:{number}>" for number in range(2, 7)]


def checked_lz4(content: bytes) -> bytes:
    return bytes(lz4.frame.compress(content, content_checksum=True))


def zstd(content: bytes) -> bytes:
    return bytes(pa.compress(content, codec="zstd", asbytes=True))


PACKINGS: dict[str, Callable[[list[bytes]], bytes]] = {
    "plain": b"".join,
    "gzip, a member a record": lambda records: b"".join(map(gzip.compress, records)),
    "gzip, one member": lambda records: gzip.compress(b"".join(records)),
    "lz4, a frame a record": lambda records: b"".join(map(checked_lz4, records)),
    "lz4, one frame": lambda records: checked_lz4(b"".join(records)),
    "zstd, a frame a record": lambda records: b"".join(map(zstd, records)),
}


def scan(content: bytes, wanted: set[int] | None = None, cap: int = CAP) -> tuple[list[Response], ScanReport]:
    report = ScanReport()
    return list(read_responses(io.BytesIO(content), cap, report, wanted)), report


def ids(responses: list[Response]) -> list[str | None]:
    return [response.record_id for response in responses]


@pytest.mark.parametrize("pack", PACKINGS.values(), ids=PACKINGS)
def test_every_response_of_every_packing_is_read(pack: Callable[[list[bytes]], bytes]) -> None:
    result, report = scan(pack(RECORDS))
    assert ids(result) == RESPONSES
    assert report == ScanReport(records=8, responses=5)
    first = result[0]
    assert (first.url, first.date) == ("https://a.example/2", datetime(2024, 3, 4, 5, 6, 7, tzinfo=UTC))
    assert first.payload.startswith(b"HTTP/1.1 200 OK\r\n\r\n<p>")
    assert (len(first.payload), first.payload_is_whole, first.truncated) == (322, True, None)


@pytest.mark.parametrize("pack", PACKINGS.values(), ids=PACKINGS)
@pytest.mark.parametrize("chosen", [[0], [4], [1, 3], [0, 1, 2, 3, 4], []])
def test_offsets_are_unique_and_lead_a_second_scan_to_the_same_records(
    pack: Callable[[list[bytes]], bytes], chosen: list[int]
) -> None:
    content = pack(RECORDS)
    first, _ = scan(content)
    offsets = [response.offset for response in first]
    assert offsets == sorted(set(offsets))
    second, _ = scan(content, {offsets[number] for number in chosen})
    assert second == [first[number] for number in chosen]


@pytest.mark.parametrize("name", ["gzip, a member a record", "lz4, a frame a record"])
@pytest.mark.parametrize("hit", range(2, 7))
@pytest.mark.parametrize("place", [0.3, 0.6, 0.95])
def test_damage_within_a_member_costs_its_record_and_no_other(name: str, hit: int, place: float) -> None:
    packed = [PACKINGS[name]([one]) for one in RECORDS]
    damaged = bytearray(packed[hit])
    at = int(len(damaged) * place)
    damaged[at : at + 6] = bytes(byte ^ 0x5A for byte in damaged[at : at + 6])
    content = b"".join([*packed[:hit], bytes(damaged), *packed[hit + 1 :]])
    result, report = scan(content)
    lost = f"<urn:r:{hit}>"
    assert [one for one in ids(result) if one != lost] == [one for one in RESPONSES if one != lost]
    assert report.error is not None
    assert report.damaged >= 1
    offsets = {response.offset for response in result[::2]}
    assert scan(content, offsets)[0] == result[::2]


@pytest.mark.parametrize("junk", [b"\0" * 100, b"junk " * 30])
def test_junk_between_members_costs_no_record(junk: bytes) -> None:
    packed = [gzip.compress(one) for one in RECORDS]
    result, report = scan(b"".join([*packed[:4], junk, *packed[4:]]))
    assert ids(result) == RESPONSES
    assert report.error is not None


@pytest.mark.parametrize("name", PACKINGS)
@pytest.mark.parametrize("missing", [1, 10, 60])
def test_a_file_cut_at_its_end_gives_the_records_before_and_says_so(name: str, missing: int) -> None:
    result, report = scan(PACKINGS[name](RECORDS[:7])[:-missing])
    assert ids(result) in (RESPONSES, RESPONSES[:-1]) or name == "lz4, one frame"  # the whole of it is one block
    if ids(result) != RESPONSES:
        assert report.error is not None


@pytest.mark.parametrize("kept", [30, 60, 100, 120])
def test_a_record_cut_within_its_header_is_damage_and_no_response(kept: int) -> None:
    result, report = scan(b"".join(RECORDS[:7]) + record(9)[:kept])
    assert ids(result) == RESPONSES
    assert report.responses == 5
    if kept >= 60:  # below it even the type is gone
        assert report.error is not None
        assert "cut in its header" in report.error


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty file"),
        (b"<html>no archive", "not a WARC file: it begins with b'<html>no archive'"),
        (b"PAR1", "not a WARC file"),
        (gzip.compress(b"some text", mtime=0), "."),
        (b"filedesc://x.arc 0.0.0.0 2008", "ARC file, which is not read: convert it"),
        (gzip.compress(b"filedesc://x.arc 0.0.0.0 2008", mtime=0), "ARC file, which is not read: convert it"),
    ],
)
def test_what_is_no_warc_is_told_by_name(content: bytes, message: str) -> None:
    result, report = scan(content)
    assert not result
    assert (report.records, report.damaged) == (0, 1)
    assert report.error is not None
    assert message in report.error or message == "."


def test_a_record_without_an_id_has_none() -> None:
    result, _ = scan(record(1, identity=""))
    assert ids(result) == [None]


@pytest.mark.parametrize(
    ("uri", "url"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("<https://a.example/x>", "https://a.example/x"),
        ("https://a.example/ü", "https://a.example/ü"),
        ("https://a.example/ a", "https://a.example/ a"),
    ],
)
def test_target_addresses_lose_angle_brackets_and_nothing_else(uri: str, url: str) -> None:
    assert scan(record(1, uri=uri))[0][0].url == url


def test_an_address_that_is_not_utf_8_does_not_stop_the_scan() -> None:
    content = record(1, uri="https://a.example/*").replace(b"/*", b"/\xe9") + record(2)
    assert ids(scan(content)[0]) == ["<urn:r:1>", "<urn:r:2>"]


def test_warc_truncated_is_passed_on() -> None:
    result, _ = scan(record(1, headers="WARC-Truncated: length\r\n"))
    assert result[0].truncated == "length"


@pytest.mark.parametrize("pack", PACKINGS.values(), ids=PACKINGS)
def test_a_payload_over_the_cap_is_read_in_part_and_its_neighbours_whole(pack: Callable[[list[bytes]], bytes]) -> None:
    result, report = scan(pack([record(1), record(2, body=b"x" * 5000), record(3)]), cap=400)
    assert [response.payload_is_whole for response in result] == [True, False, True]
    assert len(result[1].payload) == 401
    assert report.error is None


@pytest.mark.parametrize("block", [b"", b"x"])
def test_tiny_records_are_whole(block: bytes) -> None:
    head = f"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: {len(block)}\r\n\r\n".encode()
    result, report = scan(head + block + b"\r\n\r\n" + record(1))
    assert [response.payload[:1] for response in result] == [block, b"H"]
    assert report.error is None


MANY = [record(number, "request" if number % 5 == 0 else "response") for number in range(200)]
LENGTHS = st.one_of(
    st.integers(0, 2_000), st.integers(2_001, 70_000), st.sampled_from([1 << 31, 1 << 40, (1 << 63) - 1])
)


def with_length(content: bytes, length: int) -> bytes:
    head, _, rest = content.partition(b"Content-Length: ")
    return head + b"Content-Length: %d" % length + rest[rest.index(b"\r\n") :]


def ends_where_a_record_may(records: list[bytes], number: int, length: int) -> bool:
    """Tell whether a record is as long as if it held what follows it, or ends before an empty line: that may be so."""
    begin = sum(map(len, records[:number])) + records[number].index(b"\r\n\r\n") + 4
    content, end = b"".join(records), begin + length
    rest = content[end : end + 40]
    is_own_end = end in range(begin + len(MANY[0].partition(b"\r\n\r\n")[2]) - 4, begin + len(records[number]))
    return not is_own_end and (
        rest.startswith(b"\r\n\r\n") or rest.lstrip(b"\r\n").startswith(b"WARC/") or end == len(content)
    )


@pytest.mark.parametrize("name", ["plain", "gzip, a member a record", "zstd, a frame a record"])
@given(wrong=st.dictionaries(st.integers(0, 199), LENGTHS, min_size=1, max_size=12))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_a_wrong_length_costs_its_record_and_no_other(name: str, wrong: dict[int, int]) -> None:
    records = [with_length(each, wrong[number]) if number in wrong else each for number, each in enumerate(MANY)]
    assume(not any(ends_where_a_record_may(records, number, length) for number, length in wrong.items()))
    responses, report = scan(PACKINGS[name](records))
    read = {response.record_id: response for response in responses}
    assert len(read) == len(responses) == report.responses
    block = len(MANY[0].partition(b"\r\n\r\n")[2]) - 4
    for number, each in enumerate(MANY):
        if number in wrong and not block <= wrong[number] <= block + 4:  # blank lines more or less are between records
            assert f"<urn:r:{number}>" not in read
        elif number % 5:
            assert each.endswith(read[f"<urn:r:{number}>"].payload[:block] + b"\r\n\r\n")
    assert report.damaged == sum(not block <= length <= block + 4 for length in wrong.values())


@pytest.mark.parametrize("length", [1 << 31, 1 << 40, 1 << 63, 1 << 64])
def test_a_length_beyond_the_file_is_damage_and_the_records_behind_it_are_read(length: int) -> None:
    responses, report = scan(b"".join([RECORDS[2], with_length(RECORDS[3], length), *RECORDS[4:]]), cap=100)
    assert ids(responses) == ["<urn:r:2>", "<urn:r:4>", "<urn:r:5>", "<urn:r:6>"]
    assert report.damaged == 1


def test_what_follows_the_records_of_one_member_costs_none_of_them() -> None:
    responses, report = scan(gzip.compress(b"".join([*RECORDS[2:5], b"no record\r\n"])))
    assert ids(responses) == ["<urn:r:2>", "<urn:r:3>", "<urn:r:4>"]
    assert report.damaged == 1


def test_many_lengths_beyond_the_file_cost_one_look_at_its_end() -> None:
    content = b"".join(with_length(record(number), 0xFFFFFFFF) for number in range(3_000))
    assert_quick(lambda: scan(content, cap=100), 3)
    assert scan(content, cap=100)[1].damaged == 3_000


def test_a_store_that_fails_while_damage_is_looked_at_is_an_error() -> None:
    content = with_length(RECORDS[2], 5) + RECORDS[3]

    class Failing(io.BytesIO):
        seeks = 0

        def seek(self, offset: int, whence: int = 0) -> int:
            self.seeks += 1
            if self.seeks == 2:  # after damage, to the record that was read last
                raise TransientReadError("reset")
            return super().seek(offset, whence)

    with pytest.raises(TransientReadError):
        list(read_responses(Failing(content), CAP, ScanReport()))


@pytest.mark.parametrize("pack", PACKINGS.values(), ids=PACKINGS)
def test_a_failing_store_is_an_error_and_not_damage(pack: Callable[[list[bytes]], bytes]) -> None:
    content = pack(RECORDS * 60)

    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= len(content) // 2:
                raise ConnectionResetError("reset")
            return super().read(min(size or 0, 512))

    stream = RetryingStream("x", tries=2, opener=lambda _: Failing(content), wait=lambda _: None)
    with pytest.raises(TransientReadError):
        list(read_responses(stream, CAP, ScanReport()))


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2024-03-04T05:06:07Z", datetime(2024, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("2024-03-04T05:06:07.891234Z", datetime(2024, 3, 4, 5, 6, 7, 891234, tzinfo=UTC)),
        (" 2024-03-04T05:06:07+02:00 ", datetime(2024, 3, 4, 3, 6, 7, tzinfo=UTC)),
        ("2024-03-04T05:06:07", datetime(2024, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("2024-03-04", datetime(2024, 3, 4, tzinfo=UTC)),
        ("0001-01-01T00:00:00+23:59", None),
        ("9999-12-31T23:59:59-23:59", None),
        ("2024-13-04T05:06:07Z", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_are_in_utc_or_unknown(value: str | None, date: datetime | None) -> None:
    assert parse_date(value) == date


@given(st.text(max_size=30))
def test_any_date_at_all_survives(value: str) -> None:
    parse_date(value)


@given(
    st.binary(max_size=400), st.sampled_from([b"", b"WARC/1.0\r\n", b"\x1f\x8b\x08", b"\x04\x22\x4d\x18", RECORDS[2]])
)
def test_any_bytes_end_in_records_or_a_report(content: bytes, start: bytes) -> None:
    result, report = scan(start + content)
    assert report.responses == len(result)
    assert result or report.records or report.error
