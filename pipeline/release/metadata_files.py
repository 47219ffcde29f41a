"""What stands beside the shards for people and other programs: card, licence notice, Croissant, mixture."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from pipeline.release.card import CARD, card_of
from pipeline.release.croissant import CROISSANT, croissant_of
from pipeline.release.layout import TRAIN
from pipeline.release.mixture_file import MIXTURE, mixture_of
from pipeline.stores import storage

NOTICE: Final = "LICENSE-NOTICE"
METADATA_FILES: Final = (CARD, NOTICE, CROISSANT, MIXTURE)
"""Files that follow from the manifest's other entries alone."""


def write_metadata_files(folder: str, manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Write the metadata files of a release, and return each as the manifest names it.

    Args:
        folder: Where the release is made.
        manifest: Of it, but for these files.
    """
    entries = []
    for path, text in metadata_files_of(manifest).items():
        content = text.encode()
        storage.write(storage.join(folder, path), content)
        entries.append({"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()})
    return entries


def metadata_files_of(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return path → content of the metadata files.

    Args:
        manifest: Of a release; its other files do not matter.
    """
    mixture = mixture_of(
        manifest["mix"]["weights"],
        manifest["totals"],
        manifest["shards"],
        tokenised=manifest["config"]["mix"].get("write_tokens") is not None,
    )
    return {
        CARD: card_of(manifest),
        NOTICE: notice_of(manifest),
        CROISSANT: json.dumps(croissant_of(manifest), indent=1, ensure_ascii=False) + "\n",
        MIXTURE: json.dumps(mixture, indent=1, ensure_ascii=False) + "\n",
    }


def notice_of(manifest: Mapping[str, Any]) -> str:
    """Return what a release says of licences: whose the texts are, and what their pages declare."""
    declared = [row for row in manifest["licences"] if row["split"] == TRAIN and row["key"]]
    tokens = sum(row["tokens"] for row in declared)
    lines = [
        "The texts of this release were collected from public web pages. Each remains under the rights of its author;",
        "neither the collection nor this notice grants any. The column `declared_license` repeats what a page links as",
        "its licence, which may be wrong or be that of a part of the page; `url` says where the page was found.",
        "",
        f"Of the training split, {tokens:,} tokens are of pages that declare one of these licences:",
        "",
        *(
            f"  {row['key']}: {row['documents']:,} documents, {row['tokens']:,} tokens"
            for row in sorted(declared, key=lambda row: (-row["tokens"], row["key"]))
        ),
        "",
        "Owners of pages who opted out by robots.txt, meta tags, headers or tdmrep.json were left out as parameters of",
        "`opt_out` in manifest.json say. Who wants a text taken out tells the maker of this release.",
        "",
        "The software that made it, gristmill, is under the Apache License 2.0, which says nothing of the texts.",
    ]
    return "\n".join(lines) + "\n"
