"""Files that are wrong in one place or a few: records of the sample, mutated by structure. A seed gives one file."""

import gzip
import io
import json
import random
import re
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import brotli
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from pipeline.kernels.warc.charset_tables import encodings
from tests.sample.capture import Capture
from tests.sample.catalog import captures
from tests.sample.warc import record, response

Mutation = Callable[[bytes, random.Random], bytes]
_SOUND = b"WARC/1.0\r\nWARC-Type: metadata\r\nContent-Length: 2\r\n\r\n{}\r\n\r\n"
_NASTY = (
    b"",
    b" ",
    b"-1",
    b"0",
    b"18446744073709551616",
    b"1e9",
    b"\xff\xfe",
    b"\0",
    b"a" * 70_000,
    b'x, y; z="',
    b"gzip, br",
    b"text/html; charset=",
    b"chunked",
    b"\xe6\xb0\xb4",
    b"%",
    b"//",
    b"javascript:x",
    b"data:,",
    b"http://[::1",
    b"noai",
)
_TAGS = (
    b"table",
    b"td",
    b"pre",
    b"code",
    b"math",
    b"svg",
    b"template",
    b"noscript",
    b"script",
    b"style",
    b"textarea",
    b"a",
    b"ul",
    b"li",
    b"p",
    b"h1",
    b"ruby",
    b"select",
    b"frameset",
    b"plaintext",
    b"title",
    b"body",
    b"html",
    b"button",
    b"mi",
)
_PIECES = (
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<",
    b">",
    b"&#0;",
    b"&#x110000;",
    b"&#99999999999;",
    b"&amp",
    b"&notin;",
    b"\0",
    b"<meta charset=utf-16>",
    b"<base href='//x'>",
    b"</p></p>",
    b"\\(",
    b"$$",
    b"<annotation encoding='application/x-tex'>",
    b"\xed\xa0\x80",
    b"\xff",
    b"\xef\xbf\xbd",
    "\u202e\u0301".encode(),
    b"<?php",
    b"<%",
    b"`",
    b"```",
    b"\r",
    b"\x1b$B",
)
_ENCODINGS: tuple[tuple[bytes, Callable[[bytes], bytes]], ...] = (
    (b"gzip", lambda body: gzip.compress(body, 1, mtime=0)),
    (b"zstd", zstandard.compress),
    (b"br", lambda body: brotli.compress(body, quality=1)),
    (b"deflate", zlib.compress),
)


class File(NamedTuple):
    """A file to read: its name tells its kind."""

    name: str
    content: bytes


@cache
def _records() -> tuple[bytes, ...]:
    """Return records of the sample, those of 64 KB at most, and the same texts as WET records."""
    small = [capture for _, capture in captures() if len(capture.body) < 1 << 16]
    texts = [_conversion(capture) for capture in small[::9]]
    return (*map(response, small), *texts)


def _conversion(capture: Capture) -> bytes:
    text = re.sub(rb"<[^>]*>", b" ", capture.body)
    headers = (("WARC-Target-URI", capture.url), ("Content-Type", "text/plain"))
    return record("conversion", capture.record_id, capture.date, headers, text)


@cache
def _rows() -> tuple[dict[str, object], ...]:
    rows: list[dict[str, object]] = []
    for number, (_, capture) in enumerate(captures()):
        text = re.sub(r"<[^>]*>", " ", capture.body[:6000].decode("utf-8", "replace"))
        rows.append({"url": capture.url, "text": text, "score": number / 7, "tags": [capture.kind], "meta": {"day": 1}})
    return tuple(rows)


def _at(content: bytes, chance: random.Random) -> int:
    return chance.randrange(len(content) + 1)


def _flip(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8, 64)) if content else 0):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: _at(content, chance)]


def _remove(content: bytes, chance: random.Random) -> bytes:
    at = _at(content, chance)
    return content[:at] + content[at + chance.choice((1, 2, 16, 500, 5000)) :]


def _repeat(content: bytes, chance: random.Random) -> bytes:
    at = _at(content, chance)
    piece = content[at : at + chance.choice((1, 4, 40, 400))]
    return content[:at] + piece * chance.choice((2, 20, 500)) + content[at:]


def _splice(content: bytes, chance: random.Random) -> bytes:
    other = chance.choice(_records())
    return content[: _at(content, chance)] + other[_at(other, chance) :]


def _insert(content: bytes, chance: random.Random) -> bytes:
    at = _at(content, chance)
    return content[:at] + chance.choice((*_PIECES, *_NASTY)) * chance.choice((1, 1, 3, 200)) + content[at:]


def _head_line(content: bytes, chance: random.Random) -> bytes:
    """Change a line of the heads: those of the record, or those of the response in it."""
    ends = [match.start() for match in re.finditer(rb"\r\n", content[:4000])][:30]
    if len(ends) < 2:
        return content
    number = chance.randrange(len(ends) - 1)
    start, end = ends[number] + 2, ends[number + 1]
    name = content[start:end].partition(b":")[0]
    line = chance.choice(
        [
            b"",
            content[start:end] * 2,
            name + b": " + chance.choice(_NASTY),
            name,
            content[start:end].replace(b":", b"", 1),
            name + b": a\r\n " + chance.choice(_NASTY),
            b"Content-Length: " + chance.choice(_NASTY),
            content[start:end] + b"\r\n" + content[start:end],
            content[start:end].swapcase(),
        ]
    )
    return content[:start] + line + content[end:]


def _parted(content: bytes) -> tuple[bytes, bytes, bytes]:
    """Return the head of a record, the head of the response in it, and the body."""
    of_record, _, rest = content.partition(b"\r\n\r\n")
    of_response, _, body = rest.partition(b"\r\n\r\n")
    return of_record, of_response, body.removesuffix(b"\r\n\r\n")


def _joined(of_record: bytes, of_response: bytes, body: bytes) -> bytes:
    block = of_response + b"\r\n\r\n" + body
    of_record = re.sub(rb"(?i)content-length: *\d*", b"Content-Length: %d" % len(block), of_record)
    return of_record + b"\r\n\r\n" + block + b"\r\n\r\n"


def _encode(content: bytes, chance: random.Random) -> bytes:
    """Compress the body, often under another name, often damaged."""
    of_record, of_response, body = _parted(content)
    names = []
    for name, packed in chance.choices(_ENCODINGS, k=chance.choice((1, 1, 2, 3))):
        body = packed(body)
        names.append(chance.choice((name, name, chance.choice(_ENCODINGS)[0], chance.choice(_NASTY))))
    body = chance.choice((_flip, _cut, lambda body, _: body))(body, chance)
    return _joined(of_record, of_response + b"\r\nContent-Encoding: " + b", ".join(names), body)


def _charset(content: bytes, chance: random.Random) -> bytes:
    """Say a charset that the body is not in, and write it in one that it does not say."""
    of_record, of_response, body = _parted(content)
    codec = chance.choice(
        ("utf-16", "utf-16-be", "shift_jis", "gb18030", "euc-kr", "iso2022_jp", "big5", "koi8-r", "utf-7")
    )
    label = chance.choice(sorted(encodings())).encode()
    text = body.decode("utf-8", "replace")
    body = chance.choice((body, text.encode(codec, "replace"), b"<meta charset=%b>" % label + body))
    return _joined(of_record, of_response + b"\r\nContent-Type: text/html; charset=" + label, body)


def _tags(content: bytes, chance: random.Random) -> bytes:
    """Open, close, nest and rename tags."""
    of_record, of_response, body = _parted(content)
    places = [match.start() for match in re.finditer(rb"</?[a-z]", body)] or [0]
    for _ in range(chance.choice((1, 2, 5, 20))):
        at, tag = chance.choice(places), chance.choice(_TAGS)
        piece = chance.choice(
            (
                b"<%b>" % tag,
                b"</%b>" % tag,
                b"<%b " % tag,
                b"<%b>" % tag * 300,
                b"<%b x='" % tag,
                b"<%b %b>" % (tag, b"a=b " * 99),
            )
        )
        body = body[:at] + piece + body[at + chance.choice((0, 0, 1, 5)) :]
    return _joined(of_record, of_response, body)


def _in_body(mutation: Mutation) -> Mutation:
    def mutated(content: bytes, chance: random.Random) -> bytes:
        of_record, of_response, body = _parted(content)
        return _joined(of_record, of_response, mutation(body, chance))

    return mutated


_ANYWHERE: tuple[Mutation, ...] = (_flip, _cut, _remove, _repeat, _insert)
_OF_RECORDS: tuple[Mutation, ...] = (
    *_ANYWHERE,
    _splice,
    _head_line,
    _head_line,
    _head_line,
    _encode,
    _encode,
    _charset,
    _tags,
    _tags,
    _tags,
    *map(_in_body, _ANYWHERE),
    _in_body(_insert),
    _in_body(_splice),
)


def _several(content: bytes, mutations: Sequence[Mutation], chance: random.Random) -> bytes:
    for mutation in chance.choices(mutations, k=chance.choice((1, 1, 1, 2, 4))):
        content = mutation(content, chance)
    return content[: 1 << 20]


def _warc(chance: random.Random) -> File:
    """Return a WARC file: a record that is mutated, and two that are not."""
    wrong = _several(chance.choice(_records()), _OF_RECORDS, chance)
    records = [_SOUND, wrong, chance.choice(_records())]
    packing = chance.choice(("", "", ".gz", ".zst"))
    if packing:
        pack = zstandard.compress if packing == ".zst" else _ENCODINGS[0][1]
        records = [pack(one) for one in records]
        if chance.random() < 0.5:
            records[1] = chance.choice(_ANYWHERE)(records[1], chance)
    return File(f"a.warc{packing}", b"".join(records))


def _line(row: dict[str, object], chance: random.Random) -> bytes:
    line = json.dumps(row, ensure_ascii=chance.random() < 0.5).encode()
    odd = (
        b'"\\ud83d"',
        b"[" * 2000,
        b"1e400",
        b"-0",
        b"123456789012345678901234567890",
        b"NaN",
        b'{"a": [[]]}',
        b"tru",
        b'"\\u0000"',
        b'""',
    )
    return chance.choice(
        (
            lambda: _several(line, _ANYWHERE, chance),
            lambda: line.replace(b'"score": ', b'"score": ' + chance.choice(odd) + b', "score": ', 1),
            lambda: re.sub(rb'"score": [^,]*', lambda _: b'"score": ' + chance.choice(odd), line),
            lambda: re.sub(rb'"url": "[^"]*"', lambda _: b'"url": ' + chance.choice(odd), line),
            lambda: line[:-1] + b', "text": ' + chance.choice(odd) + b"}",
            lambda: line.decode().encode("utf-16"),
        )
    )()


def _json_lines(chance: random.Random) -> File:
    rows = chance.choices(_rows(), k=4)
    lines = [json.dumps(row).encode() for row in rows]
    lines[chance.randrange(4)] = _line(rows[0], chance)
    return File("a.jsonl", b"\n".join(lines))


def _parquet(chance: random.Random) -> File:
    out = io.BytesIO()
    table = pa.Table.from_pylist(chance.choices(_rows(), k=12))
    packing = chance.choice(("snappy", "zstd", "none", "gzip"))
    pq.write_table(table, out, row_group_size=4, compression=packing, use_dictionary=chance.random() < 0.5)
    return File("a.parquet", chance.choice((_flip, _flip, _remove, _cut))(out.getvalue(), chance))


def file_of(seed: int) -> File:
    """Return the file of a seed: of ten eight are WARC files, one is of JSON lines and one is Parquet."""
    chance = random.Random(seed)
    return chance.choices((_warc, _json_lines, _parquet), weights=(8, 1, 1))[0](chance)
