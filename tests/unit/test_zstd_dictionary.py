"""Files of zstd frames with a dictionary are read as any others, and a dictionary that is wrong is named."""

import io

import pytest
import zstandard

from pipeline.kernels.warc.records import Response, ScanReport, read_responses
from pipeline.kernels.warc.zstd_dictionary import missing_dictionary
from tests.unit.test_warc import RECORDS, RESPONSES, ids, record, with_length

SAMPLES: list[bytes | bytearray | memoryview] = [
    record(number, body=b"The miller grinds grain number %d. " % number * 9) for number in range(400)
]
DICTIONARY = zstandard.train_dictionary(6_000, SAMPLES)
OTHER = zstandard.train_dictionary(5_000, SAMPLES[:200])


def frame(content: bytes, size: int | None = None) -> bytes:
    return b"\x5d\x2a\x4d\x18" + (len(content) if size is None else size).to_bytes(4, "little") + content


def frames(records: list[bytes]) -> list[bytes]:
    packer = zstandard.ZstdCompressor(dict_data=DICTIONARY, write_checksum=True)
    return [packer.compress(each) for each in records]


def scan(content: bytes, wanted: set[int] | None = None) -> tuple[list[Response], ScanReport]:
    report = ScanReport()
    return list(read_responses(io.BytesIO(content), 1 << 20, report, wanted)), report


@pytest.mark.parametrize("packed", [False, True])
def test_every_record_is_read_and_found_again(packed: bool) -> None:
    content = DICTIONARY.as_bytes()
    first = frame(zstandard.compress(content) if packed else content)
    whole = first + b"".join(frames(RECORDS))
    result, report = scan(whole)
    assert (ids(result), report.error, report.records) == (RESPONSES, None, 8)
    assert [response.payload for response in result] == [each.partition(b"\r\n\r\n")[2][:-4] for each in RECORDS[2:7]]
    starts = [len(first) + sum(map(len, frames(RECORDS)[:number])) for number in range(2, 7)]
    assert [response.offset for response in result] == starts
    assert scan(whole, set(starts[1:4]))[0] == result[1:4]


def test_damage_within_a_frame_costs_its_record_and_no_other() -> None:
    packed = frames(RECORDS)
    packed[3] = packed[3][:-20] + b"\xff" * 20
    result, report = scan(frame(DICTIONARY.as_bytes()) + b"".join(packed))
    assert ids(result) == [one for one in RESPONSES if one != "<urn:r:3>"]
    assert report.error is not None
    assert "dictionary" in report.error


def test_a_wrong_length_costs_its_record_and_no_other() -> None:
    records = [*RECORDS[:3], with_length(RECORDS[3], 50), *RECORDS[4:]]
    result, report = scan(frame(DICTIONARY.as_bytes()) + b"".join(frames(records)))
    assert ids(result) == [one for one in RESPONSES if one != "<urn:r:3>"]
    assert report.damaged == 1


@pytest.mark.parametrize(
    ("first", "message"),
    [
        (frame(b"\x37\xa4\x30\xec" + bytes(100)), "its zstd dictionary is damaged"),
        (frame(zstandard.compress(DICTIONARY.as_bytes())[:-50]), "its zstd dictionary is damaged"),
        (frame(b"\x28\xb5\x2f\xfd" + b"\xff" * 50), "its zstd dictionary is damaged"),
        (frame(b""), "its zstd dictionary is damaged: 0 bytes"),
        (frame(b"x", 1 << 31), "its zstd dictionary is said to have 2,147,483,648 bytes"),
        (frame(b"x", 1 << 20), "its zstd dictionary is cut"),
        (b"\x5d\x2a\x4d\x18", "its zstd dictionary is damaged"),
        (frame(b"WARC/1.0 the miller grinds"), "its zstd dictionary is damaged: 26 bytes"),
        (frame(OTHER.as_bytes()), "read with the zstd dictionary that the file begins with"),
        (b"", "its records want the zstd dictionary"),
    ],
)
def test_a_dictionary_that_is_wrong_is_named(first: bytes, message: str) -> None:
    result, report = scan(first + (b"".join(frames(RECORDS)) if len(first) != 4 else b""))
    assert not result
    assert report.error is not None
    assert message in report.error


def test_a_file_that_wants_no_dictionary_lacks_none() -> None:
    assert missing_dictionary(zstandard.compress(RECORDS[0])) is None
    assert missing_dictionary(b"\x28\xb5\x2f\xfd\xff") is None
    assert missing_dictionary(frames(RECORDS)[0]) is not None
