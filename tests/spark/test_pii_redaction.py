"""Personal data found and replaced as a worker does it, in batches of any size, and where a recogniser breaks."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pytest

from pipeline.engine.tables import NO_TABLES
from pipeline.kernels.pii.find import MOST_VALUES
from pipeline.pii.params import PiiParams
from pipeline.pii.redaction import measure_pii, redacted
from schemas.columns import HOST, LANGUAGE, SPANS, TEXT, TITLE, WARC_OFFSET
from tests.spark.test_pii import MAIL, PLAIN, Page, page

COLUMNS = (WARC_OFFSET, TEXT, TITLE, SPANS, LANGUAGE, HOST)


def through(pages: Sequence[Page], batch_rows: int = 99, **settings: Any) -> list[Page]:
    """Measure and redact without Spark, in batches of some size."""
    params = PiiParams(**settings)
    schema = pa.schema([column.field for column in COLUMNS])
    numbered = [{"host": None, **one, "warc_offset": number} for number, one in enumerate(pages)]
    batches = pa.Table.from_pylist(numbered, schema).to_batches(max_chunksize=batch_rows)
    measured = measure_pii(iter(batches), params.find_params(), NO_TABLES)
    return [row for batch in measured for row in redacted(batch, params.replacement).to_pylist()]


def test_texts_that_are_null_or_empty_hold_nothing() -> None:
    pages: list[Page] = [
        {"text": None, "title": None, "spans": None, "language": None},
        {"text": "", "title": "", "spans": [], "language": "en"},
        {"text": None, "title": f"By {MAIL}", "spans": None, "language": "en"},
    ]
    result = through(pages)
    assert [(one["text"], one["title"], one["pii"]) for one in result] == [
        (None, None, []),
        ("", "", []),
        (None, "By <EMAIL_ADDRESS>", []),
    ]
    assert [one["pii_per_1000_words"] for one in result] == [0, 0, 0]


@pytest.mark.parametrize("batch_rows", [1, 2])
def test_batches_change_nothing(batch_rows: int) -> None:
    assert through(PLAIN, batch_rows) == through(PLAIN)


def failing(original: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    def of_window(shown: Any, *others: Any) -> Iterator[Any]:
        if "trouble" in shown.text:
            raise RuntimeError(shown.text)
        yield from original(shown, *others)

    return of_window


def test_what_a_recogniser_breaks_on_is_emptied_and_is_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.kernels.pii import find

    monkeypatch.setattr(find, "_of_window", failing(find._of_window))
    broken = f"# trouble\nwith {MAIL}"
    text, title, both = through(
        [
            page("a", broken, f"By {MAIL}", [(0, 9, "heading")]),
            page("b", f"Write to {MAIL}.", f"trouble, {MAIL}"),
            page("c", f"Write to {MAIL}.", "Mill"),
        ]
    )
    assert (text["text"], text["pii"], text["spans"], text["title"]) == ("", None, [], "By <EMAIL_ADDRESS>")
    assert (title["text"], title["title"]) == ("Write to <EMAIL_ADDRESS>.", None)
    assert title["pii"] == both["pii"] != []


def list_of_addresses(behind: str) -> Page:
    lines = "\n".join(f"Jane {number}: jane{number}@mill.org" for number in range(3 * MOST_VALUES))
    return {"text": f"{lines}\n{behind}", "title": "", "spans": [], "language": "en"}


def test_the_rest_of_a_list_of_values_is_replaced_as_a_whole() -> None:
    (read,) = through([list_of_addresses("The end is jane@mill.org.")])
    assert "@" not in read["text"]
    assert read["text"].endswith("<REST_OF_LIST>")
    assert [value["entity"] for value in read["pii"][-2:]] == ["EMAIL_ADDRESS", "REST_OF_LIST"]
    last = read["pii"][-1]
    assert read["text"][last["start"] : last["end"]] == "<REST_OF_LIST>"


def test_such_a_list_is_as_dense_as_what_was_read_of_it() -> None:
    (read,) = through([list_of_addresses("one two three " * 100)])
    assert read["pii_per_1000_words"] > 100


@pytest.mark.parametrize(
    "line", ["jane{}@mill.org", "水车在河边磨面供给三个村庄的人们直到冬天雪落下来田地里什么也不长 jane{}@mill.org"]
)
def test_clean_text_behind_many_values_stays(line: str) -> None:
    lines = "\n".join(line.format(number) for number in range(MOST_VALUES + 9))
    clean = "The wheel turns and the stones grind. " * 8_000
    (read,) = through([{"text": f"{lines}\n{clean}", "title": "", "spans": [], "language": "en"}])
    assert read["text"].endswith(clean)
    assert [value["entity"] for value in read["pii"]] == ["EMAIL_ADDRESS"] * (MOST_VALUES + 9)


def test_a_value_that_several_windows_show_counts_once() -> None:
    key = f"-----BEGIN RSA PRIVATE KEY-----\n(snip)\n{'On 12.03.2024 the wheel turned. ' * 530}"
    values = "\n".join(f"81.2.69.{number}" for number in range(100, 112))
    clean = "The wheel turns and the stones grind. " * 900
    (read,) = through([{"text": f"{key}\n{values}\n{clean}", "title": "", "spans": [], "language": "en"}])
    assert read["text"].endswith(clean)


def test_a_text_of_many_values_far_apart_is_read_to_its_end() -> None:
    lines = "\n".join(f"{'The wheel turns. ' * 12} jane{number}@mill.org" for number in range(MOST_VALUES + 9))
    (read,) = through([{"text": lines, "title": "", "spans": [], "language": "en"}])
    assert [value["entity"] for value in read["pii"]] == ["EMAIL_ADDRESS"] * (MOST_VALUES + 9)


def test_values_that_code_keeps_make_no_list() -> None:
    lines = "\n".join(f"call({number} - 555 - 0143)  # (212) 555-0143" for number in range(MOST_VALUES))
    spans = [{"start": 0, "end": len(lines), "kind": "code"}]
    (read,) = through([{"text": lines, "title": "", "spans": spans, "language": "en"}])
    assert read["text"] == lines
