"""The release described in Croissant 1.0, the JSON-LD of MLCommons for data sets: files, splits and columns."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pyarrow as pa

from pipeline.release.layout import FOLDERS
from schemas.tables import RELEASE

CROISSANT: Final = "croissant.json"
_CONTEXT: Final = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_FOLDER: Final = "release"


def croissant_of(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the description of a release.

    Args:
        manifest: Of the release.
    """
    tokens = sum(total["tokens"] for total in manifest["totals"])
    splits = [split for split in FOLDERS if any(total["split"] == split for total in manifest["totals"])]
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "gristmill-release",
        "version": "1.0.0",
        "description": f"Web text for pre-training language models: {tokens:,} tokens by category, with a manifest.",
        "license": "LICENSE-NOTICE",
        "citeAs": "See README.md.",
        "inLanguage": sorted({row["key"] for row in manifest["languages"] if row["key"] and row["key"] != "und"}),
        "distribution": [_folder(), *map(_files, splits)],
        "recordSet": [_records(split) for split in splits],
    }


def _folder() -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": _FOLDER,
        "name": _FOLDER,
        "description": "The folder of this file; the hash of each file in it is in manifest.json.",
        "contentUrl": ".",
        "encodingFormat": "git+https",
        "sha256": "see manifest.json",
    }


def _files(split: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": f"files-{split}",
        "containedIn": {"@id": _FOLDER},
        "encodingFormat": "application/x-parquet",
        "includes": f"{FOLDERS[split]}/*/{split}-*.parquet",
    }


def _records(split: str) -> dict[str, Any]:
    return {"@type": "cr:RecordSet", "@id": split, "name": split, "field": list(_fields(split))}


def _fields(split: str) -> Iterator[dict[str, Any]]:
    for field in RELEASE:
        yield {
            "@type": "cr:Field",
            "@id": f"{split}/{field.name}",
            "dataType": _type(field.type),
            "description": ((field.metadata or {}).get(b"comment") or b"").decode(),
            "source": {"fileSet": {"@id": f"files-{split}"}, "extract": {"column": field.name}},
        }


def _type(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind):
        return "sc:Integer"
    if pa.types.is_floating(kind):
        return "sc:Float"
    return "sc:DateTime" if pa.types.is_timestamp(kind) else "sc:Text"
