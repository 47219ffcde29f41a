"""Targets that a user names: a YAML file of names, files and fields. Test sets are refused."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from classifiers.training.errors import ExamplesError
from classifiers.training.example_files import read_rows
from pipeline.errors import ConfigError, InputError, near_miss
from pipeline.experiments.corpus import Target

_KEYS = ("file", "field", "weight")
_SPLITS = "test|tests|testset|eval|evaluation"
_TEST = re.compile(rf"(?:^|[^a-z0-9])(?:{_SPLITS})(?:[^a-z]|$)")
_TEST_FOLDER = re.compile(rf"(?:^|.*[^a-z0-9])(?:{_SPLITS})/[^/]*")
_BENCHMARKS = (
    "mmlu", "gsm8k", "humaneval", "mbpp", "hellaswag", "arcchallenge", "arceasy", "winogrande", "piqa", "truthfulqa",
    "gpqa", "bbh", "ifeval", "livecodebench", "swebench", "agieval",
)  # fmt: skip
"""Benchmarks: what is named after one has to say that it is its train or validation split."""
_OTHER_SPLIT = re.compile(r"(?:^|[^a-z])(?:train|training|dev|val|valid|validation)(?:[^a-z]|$)")


def looks_like_test(name: str, file: str) -> bool:
    """Return whether a target looks like a test set.

    It does where its name, its file or a folder named for a split says so, and where it is named after a benchmark and
    nothing says that it is another split.

    Args:
        name: Of the target.
        file: Its file, the folder before it.

    >>> looks_like_test("sums", "gsm8k/train.jsonl"), looks_like_test("sums", "gsm8k/all.jsonl")
    (False, True)
    >>> looks_like_test("squad-test", "a.jsonl"), looks_like_test("latest", "my_test_runs/a.jsonl")
    (True, False)
    """
    written, path = name.lower(), file.lower()
    if _TEST.search(written) or _TEST.search(path.rpartition("/")[2]) or _TEST_FOLDER.fullmatch(path):
        return True
    both = f"{written}/{path}"
    squeezed = re.sub(r"[\s._-]", "", both)
    return any(benchmark in squeezed for benchmark in _BENCHMARKS) and not _OTHER_SPLIT.search(both)


def read_targets(path: str, bytes_each: int) -> tuple[Target, ...]:
    """Return the targets that a file names.

    Args:
        path: YAML: name → {file, field (default `text`), weight (default 1)}, or name → file; paths are relative to it.
        bytes_each: Of text to keep of each target.

    Raises:
        ConfigError: The file is not of this form, or a target looks like a benchmark's test set.
        InputError: A target's file cannot be read or has no text.
    """
    try:
        given = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"--targets {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"--targets {path} is no YAML: {error}") from error
    if not isinstance(given, dict) or not given:
        raise ConfigError(f"--targets {path}: expected name → {{file, field, weight}}")
    return tuple(_target(path, str(name), value, bytes_each) for name, value in given.items())


def _target(path: str, name: str, value: Any, bytes_each: int) -> Target:
    entry: Mapping[str, Any] = {"file": value} if isinstance(value, str) else value
    if not isinstance(entry, Mapping) or "file" not in entry:
        raise ConfigError(f"--targets {path}, {name}: expected a file, or {{file, field, weight}}")
    for key in entry:
        if key not in _KEYS:
            raise ConfigError(f"--targets {path}, {name}: no key '{key}'{near_miss(str(key), _KEYS)}")
    weight = entry.get("weight", 1.0)
    if not isinstance(weight, int | float) or isinstance(weight, bool) or not 0 < weight < float("inf"):
        raise ConfigError(f"--targets {path}, {name}: a weight is a positive number, not {weight}")
    file = Path(path).parent / str(entry["file"])
    if looks_like_test(name, "/".join(file.parts[-2:])):
        raise ConfigError(
            f"--targets {path}, {name}: {file} looks like a benchmark's test set; a mix that is fitted to one cannot be"
            " measured by it any more: name its train or validation split"
        )
    try:
        rows = read_rows(file)
    except ExamplesError as error:
        raise InputError(f"--targets {path}, {name}: {error}") from error
    field = str(entry.get("field", "text"))
    texts = tuple(row[field] for row in rows if isinstance(row.get(field), str) and row[field])
    if not texts:
        raise InputError(f"--targets {path}, {name}: {file} has no text in '{field}'")
    return Target(name, float(weight), kept(texts, bytes_each))


def kept(texts: tuple[str, ...], bytes_each: int) -> tuple[str, ...]:
    """Return the first texts, none longer than a twentieth of what is kept, up to some bytes.

    >>> kept(("a" * 50, "b" * 50, "c"), 100)
    ('aaaaa', 'bbbbb', 'c')
    """
    chosen, left = [], bytes_each
    for text in texts:
        if left <= 0:
            break
        cut = text[: max(bytes_each // 20, 1)]
        chosen.append(cut)
        left -= len(cut.encode("utf-8", "replace"))
    return tuple(chosen)
