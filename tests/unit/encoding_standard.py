"""The published numbers of the Encoding Standard and html5lib's tests, where they lie beside the checkout."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

CONFORMANCE = Path(__file__).resolve().parents[3] / "shared" / "conformance"
needs_shared = pytest.mark.skipif(
    not (CONFORMANCE / "encoding").is_dir(), reason="the Encoding Standard's indexes are not in ../shared"
)


@cache
def indexes() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((CONFORMANCE / "encoding" / "indexes.json").read_text())
    return content


@cache
def labels() -> dict[str, str]:
    groups = json.loads((CONFORMANCE / "encoding" / "encodings.json").read_text())
    return {
        label: encoding["name"].lower()
        for group in groups
        for encoding in group["encodings"]
        for label in encoding["labels"]
    }


def prescan_cases() -> list[tuple[bytes, str]]:
    """Return pages and the encoding that each declares, out of html5lib's tests."""
    cases = []
    for path in sorted((CONFORMANCE / "html5lib" / "encoding").glob("*.dat")):
        for block in path.read_bytes().split(b"#data\n")[1:]:
            page, _, name = block.partition(b"\n#encoding\n")
            cases.append((page, name.split(b"\n")[0].decode().strip().lower()))
    return cases
