"""Items of suites: from a line of JSON to the units of question and answer that are looked for."""

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.decontamination.suite_files import SuiteFields, SuiteFile
from pipeline.errors import ConfigError
from pipeline.stores import storage

MIN_WORDS: Final = 8
"""Words of an item below which it is not looked for alone."""
ITEM_TYPES: Final = {
    "suite": pa.string(), "item": pa.string(), "is_training": pa.bool_(), "line": pa.int32(), "words": pa.int32(),
    "scale": pa.int32(), "breaks": pa.int32(), "passage": pa.int32(),
    "units": pa.list_(pa.int64()), "answer": pa.list_(pa.int64()),
}  # fmt: skip
ITEM_SCHEMA: Final = (
    "suite string, item string, is_training boolean, line int, words int, scale int, breaks int,"
    " passage int, units array<long>, answer array<long>"
)
"""An item's units are hashes, so a run holds no test data; they are empty where it is too short to be looked for."""
_AT_ONCE = 4096
_SHOWN = 12
_GUESSES: Final = {
    "question": (
        "question", "problem", "prompt", "query", "goal", "question_stem", "ctx", "instruction", "input", "sentence",
        "premise", "text",
    ),
    "before": ("body",),
    "answer": (
        "answer", "target", "final_answer", "answerkey", "correct_answer", "best_answer", "correct", "label", "gold",
        "solution", "output", "response", "answers",
    ),
    "choices": ("options", "choices", "endings"),
    "passage": ("passage", "context", "article", "story", "paragraph", "support"),
    "id": ("id", "idx", "task_id", "question_id", "qid", "uid", "item_id", "index", "ind"),
}  # fmt: skip
_OPTION: Final = re.compile(r"(?:^|(?<=[\s,;\[(]))\(?([A-Ha-h])\s*[).:]\s*")
_LETTERS: Final = "abcdefgh"


class Item(NamedTuple):
    """What is looked for of an item.

    Attributes:
        name: Its id in the suite.
        question: Text that is matched.
        answer: Text that is to stand near; "" where there is none.
        passage: Text that the question is about.
    """

    name: str
    question: str
    answer: str
    passage: str


def item_batches(file: SuiteFile) -> Iterator[pa.RecordBatch]:
    """Yield the items of a file as rows of `ITEM_TYPES`.

    Raises:
        ConfigError: A line is no JSON object, or has none of the fields that hold a question.
    """
    for start, items in _in_batches(read_items(file)):
        yield _batch(file, start, items)


def _in_batches(items: Iterator[Item]) -> Iterator[tuple[int, list[Item]]]:
    pending: list[Item] = []
    start = 0
    for item in items:
        pending.append(item)
        if len(pending) == _AT_ONCE:
            yield start, pending
            start, pending = start + len(pending), []
    if pending:
        yield start, pending


def read_items(file: SuiteFile) -> Iterator[Item]:
    """Yield the items of a file.

    Raises:
        ConfigError: A line is no JSON object, or has none of the fields that hold a question.
    """
    for number, line in enumerate(_lines(file), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ConfigError(f"decontaminate: line {number} of '{file.path}' is no JSON: {error}") from error
        if not isinstance(row, dict):
            raise ConfigError(f"decontaminate: line {number} of '{file.path}' is no JSON object")
        yield _item(row, number, file)


def _lines(file: SuiteFile) -> Iterator[bytes]:
    with storage.open_for_reading(file.path) as stream:
        is_packed = stream.read(2) == b"\x1f\x8b"
        stream.seek(0)
        try:
            yield from gzip.GzipFile(fileobj=stream) if is_packed else stream
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise ConfigError(f"decontaminate: '{file.path}' cannot be unpacked: {error}") from error


def guessed_fields(names: Sequence[str]) -> SuiteFields | None:
    """Return which fields of a line are what, by their names; None where none can be a question.

    >>> guessed_fields(["ID", "Body", "Question", "Answer"]).question
    ('Body', 'Question')
    """
    by_name = {name.lower(): name for name in reversed(names)}

    def first(kind: str) -> tuple[str, ...]:
        return tuple(by_name[name] for name in _GUESSES[kind] if name in by_name)[:1]

    if not (question := first("question")):
        return None
    return SuiteFields(
        question=(*first("before"), *question),
        answer=first("answer"),
        choices=first("choices"),
        passage=first("passage"),
    )


def _item(row: Mapping[str, Any], number: int, file: SuiteFile) -> Item:
    fields = file.fields
    if fields is None or not _texts(row, fields.question):
        fields = guessed_fields(list(row))
    question = "" if fields is None else _question(row, fields)
    if fields is None or not question.strip():
        names = ", ".join(list(row)[:_SHOWN])
        wanted = ", ".join(file.fields.question if file.fields else _GUESSES["question"])
        raise ConfigError(
            f"decontaminate: line {number} of '{file.path}' has no question: none of the fields {wanted}; it has:"
            f" {names}. Say in a list of suites (decontaminate.suite_list) which field it is"
        )
    by_name = {name.lower(): name for name in reversed(list(row))}
    name = next((row[by_name[each]] for each in _GUESSES["id"] if each in by_name), number)
    return Item(str(name), question, answer_of(row, fields), "\n".join(_texts(row, fields.passage)))


def _question(row: Mapping[str, Any], fields: SuiteFields) -> str:
    """Return the fields joined; where several names are those of one field, they do not repeat each other."""
    return "\n".join(dict.fromkeys(_texts(row, fields.question)))


def _value(row: Mapping[str, Any], path: str) -> Any:
    if path in row:
        return row[path]
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _texts(row: Mapping[str, Any], paths: Sequence[str]) -> list[str]:
    return [text for path in paths if (text := _text(_value(row, path)))]


def _text(value: Any) -> str:
    """Return a value as it stands in a text: a whole number without a point, the first of a list."""
    if isinstance(value, list):
        return _text(value[0]) if value else ""
    if value is None or isinstance(value, dict | bool):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def choices_of(row: Mapping[str, Any], paths: Sequence[str]) -> list[str]:
    """Return the texts of the options of an item, in order.

    >>> choices_of({"options": "a ) 12 , b ) 16"}, ["options"])
    ['12', '16']
    >>> choices_of({"choices": {"text": ["sun", "moon"], "label": ["A", "B"]}}, ["choices"])
    ['sun', 'moon']
    """
    values = [value for path in paths if (value := _value(row, path)) is not None]
    if len(values) > 1 and all(isinstance(value, str) for value in values):
        return [str(value) for value in values]
    value = values[0] if values else None
    if isinstance(value, dict):
        value = value.get("text", list(value.values()))
    if isinstance(value, list):
        texts = [each.get("text", "") if isinstance(each, dict) else each for each in value]
        return [_OPTION.sub("", _text(text), count=1) if len(texts) > 1 else _text(text) for text in texts]
    pieces = _OPTION.split(value) if isinstance(value, str) else []
    return [text.strip(" ,;\n") for text in pieces[2::2]]


def answer_of(row: Mapping[str, Any], fields: SuiteFields) -> str:
    """Return the text of an item's answer: of the option, where it names one; "" where it has none.

    >>> fields = SuiteFields(question="q", answer="a", choices="o")
    >>> [answer_of(row, fields) for row in ({"a": "B", "o": ["sun", "moon"]}, {"a": "B"}, {"a": 27.0})]
    ['moon', '', '27']
    """
    answers = _texts(row, fields.answer)
    answer = answers[0] if answers else ""
    if fields.answer_after and fields.answer_after in answer:
        answer = answer.rpartition(fields.answer_after)[2].strip()
    choices = choices_of(row, fields.choices)
    letter = answer.strip("().: ").lower()
    if choices:
        if len(letter) == 1 and letter in _LETTERS:
            number = _LETTERS.index(letter)
        else:
            number = int(letter) if letter.isdigit() and letter not in choices else -1
        if 0 <= number < len(choices):
            return choices[number]
        return answer if answer in choices else ""
    return "" if len(letter) == 1 and letter.isalpha() else answer


def _batch(file: SuiteFile, start: int, items: Sequence[Item]) -> pa.RecordBatch:
    from pipeline.kernels.contamination.grams import scales_and_breaks
    from pipeline.kernels.contamination.units import find_units

    texts, answers, passages = matched_texts(items)
    units, answer_units = find_units(pa.array(texts, pa.string())), find_units(pa.array(answers, pa.string()))
    scales, breaks = scales_and_breaks(units)
    lengths = np.diff(units.offsets) // scales
    long_enough = lengths >= MIN_WORDS
    kept = np.repeat(long_enough, np.diff(units.offsets))
    counts = np.where(long_enough, np.diff(units.offsets), 0)
    columns = [
        pa.array([file.suite] * len(items)),
        pa.array([item.name for item in items]),
        pa.array([file.is_training] * len(items)),
        pa.array(np.arange(start, start + len(items), dtype=np.int32)),
        pa.array(lengths.astype(np.int32)),
        pa.array(scales),
        pa.array(breaks),
        pa.array(np.where(long_enough, np.diff(find_units(pa.array(passages, pa.string())).offsets), 0)),
        _lists(counts, units.hashes[kept]),
        _lists(np.diff(answer_units.offsets), answer_units.hashes),
    ]
    return pa.record_batch([c.cast(t) for c, t in zip(columns, ITEM_TYPES.values(), strict=True)], [*ITEM_TYPES])


def matched_texts(items: Sequence[Item]) -> tuple[list[str], list[str], list[str]]:
    """Return the text that is matched of each item, the answer that is to stand near, and the passage it begins with.

    A question that is too short alone is matched together with its passage, or with its answer, which then has no
    second part.
    """
    from pipeline.kernels.contamination.grams import scales_and_breaks
    from pipeline.kernels.contamination.units import find_units

    units = find_units(pa.array([item.question for item in items], pa.string()))
    is_short = np.diff(units.offsets) // scales_and_breaks(units)[0] < MIN_WORDS
    texts, answers, passages = [], [], []
    for item, short in zip(items, is_short.tolist(), strict=True):
        joins = short and (item.passage or item.answer)
        before = [item.passage] if joins and item.passage else []
        behind = [item.answer] if joins and not item.passage else []
        texts.append("\n\n".join([*before, "\n".join([item.question, *behind])]))
        answers.append("" if behind else item.answer)
        passages.append("".join(before))
    return texts, answers, passages


def _lists(counts: np.ndarray[Any, Any], values: np.ndarray[Any, Any]) -> pa.ListArray:
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values.view(np.int64)))
