"""The dataset card: what a release holds and how it was made, in Hugging Face's format, from its manifest alone."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import yaml

from pipeline.mixing.budgets import taking_part
from pipeline.mixing.drawing import category_weights
from pipeline.release.layout import ANNEAL, FOLDERS, TRAIN, VALIDATION

CARD: Final = "README.md"
_SIZES: Final = ((3, "n<1K"), (4, "1K<n<10K"), (5, "10K<n<100K"), (6, "100K<n<1M"), (7, "1M<n<10M"), (8, "10M<n<100M"))
_LARGEST: Final = (("100M<n<1B", 9), ("1B<n<10B", 10), ("10B<n<100B", 11), ("100B<n<1T", 12), ("n>1T", 99))
_LICENCES_SHOWN: Final = 20
_TOPICS_SHOWN: Final = 60


def card_of(manifest: Mapping[str, Any]) -> str:
    """Return the card of a release as Markdown with a YAML header that `datasets` reads.

    Args:
        manifest: Of the release, but for the files beside its shards.
    """
    header = yaml.safe_dump(_header(manifest), sort_keys=False, allow_unicode=True)
    body = "\n\n".join("\n".join(lines) for section in _SECTIONS if (lines := list(section(manifest))))
    return f"---\n{header}---\n\n{body}\n"


def _header(manifest: Mapping[str, Any]) -> dict[str, Any]:
    rows = sum(total["rows"] for total in manifest["totals"])
    codes = sorted({row["key"] for row in manifest["languages"] if row["key"] and row["key"] != "und"})
    return {
        "language": codes,
        "license": "other",
        "license_name": "each-text-its-own",
        "license_link": "LICENSE-NOTICE",
        "task_categories": ["text-generation"],
        "size_categories": [size_of(rows)],
        "tags": ["web", "pretraining", "gristmill"],
        "configs": list(_configs(manifest["totals"])),
    }


def size_of(rows: int) -> str:
    """Return Hugging Face's word for a number of rows.

    >>> size_of(999), size_of(5_000_000)
    ('n<1K', '1M<n<10M')
    """
    for digits, word in (*_SIZES, *((digits, word) for word, digits in _LARGEST)):
        if rows < 10**digits:
            return word
    return _LARGEST[-1][0]


def _configs(totals: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield what `datasets` may load: all, and each category alone."""
    there = {(total["split"], total["category"]) for total in totals if total["rows"]}
    categories = sorted({category for _, category in there})
    for name in ("default", *categories):
        files = [
            {"split": split, "path": f"{folder}/{'*' if name == 'default' else name}/{split}-*.parquet"}
            for split, folder in FOLDERS.items()
            if any(split == s and name in ("default", category) for s, category in there)
        ]
        if files:
            yield {"config_name": name, "data_files": files} | ({"default": True} if name == "default" else {})


def _summary(manifest: Mapping[str, Any]) -> Iterator[str]:
    train = [total for total in manifest["totals"] if total["split"] == TRAIN]
    tokens, rows = (sum(total[name] for total in train) for name in ("tokens", "rows"))
    crawls = ", ".join(manifest["crawls"]) or "files of the maker's own"
    yield "# Web text for pre-training"
    yield ""
    yield (
        f"{tokens:,} tokens in {rows:,} rows of text, curated with gristmill from {len(manifest['inputs']):,} input "
        f"files ({crawls}). Tokens are those of `{manifest['tokenizer']['name']}`."
    )


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(map(_cell, row))} |"


def _cell(value: Any) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return str(value).replace("|", r"\|")


def _splits(manifest: Mapping[str, Any]) -> Iterator[str]:
    natural = {cut["category"]: cut["natural"] for cut in manifest["mix"]["categories"]}
    shares = taking_part(natural, manifest["mix"]["weights"])
    in_train = sum(total["tokens"] for total in manifest["totals"] if total["split"] == TRAIN)
    rows = []
    for total in sorted(manifest["totals"], key=lambda t: (list(FOLDERS).index(t["split"]), t["category"])):
        is_train = total["split"] == TRAIN
        rows.append(
            (
                *(total[name] for name in ("split", "category", "documents", "rows", "tokens", "bytes")),
                f"{total['tokens'] / in_train:.2%}" if is_train and in_train else "",
                f"{shares.get(total['category'], 0.0):.2%}" if is_train else "",
            )
        )
    yield "## Splits and categories"
    yield ""
    yield from _table(("split", "category", "documents", "rows", "tokens", "bytes of text", "share", "target"), rows)
    yield ""
    if manifest["mix"]["write"] == "all":
        yield "Every document stands in it once; `weight` says how often one of its cell is to be drawn, and"
        yield "`mixture.json` has the shares of the categories for loaders that mix while they read."
    else:
        yield f"What limits the size is {manifest['mix']['limited_by'] or 'that nothing is left'}. A document stands in"
        yield f"the training split up to {_most_epochs(manifest)} times; `epoch` numbers its copies."


def _most_epochs(manifest: Mapping[str, Any]) -> int:
    """Return how often a document may stand in the mix."""
    cap = manifest["config"]["mix"]["curve"]["cap"]
    most: float = manifest["mix"]["max_epochs"]
    return math.ceil(most if cap is None else min(most, cap))


def _cells(manifest: Mapping[str, Any]) -> Iterator[str]:
    groups: dict[tuple[str, str], dict[str, float]] = {}
    names = ("natural_documents", "natural_share", "target_share", "reached_share", "rows")
    for cell in manifest["cells"]:
        sums = groups.setdefault((cell["category"], cell["group"]), dict.fromkeys(names, 0))
        for name in names:
            sums[name] += cell[name]
    largest = sorted(groups, key=lambda key: (-groups[key]["reached_share"], key))[:_TOPICS_SHOWN]
    rows = [
        (
            category,
            group or "(none)",
            int(sums["natural_documents"]),
            *(f"{sums[name]:.2%}" for name in ("natural_share", "target_share", "reached_share")),
            f"{sums['rows'] / sums['natural_documents']:.2f}",
        )
        for category, group in sorted(largest)
        if (sums := groups[category, group])["natural_documents"]
    ]
    yield "## Topics and languages of the training split"
    yield ""
    heads = ("category", "topic or language", "documents there were", "natural share", "target", "reached", "epochs")
    yield from _table(heads, rows)
    yield ""
    yield "`manifest.json` has the same for each quality bucket."


def _languages(manifest: Mapping[str, Any]) -> Iterator[str]:
    rows = [
        (row["key"] or "(unknown)", row["documents"], row["tokens"])
        for row in sorted(manifest["languages"], key=lambda row: (-row["tokens"], row["key"] or ""))
        if row["split"] == TRAIN
    ]
    yield "## Languages"
    yield ""
    yield from _table(("language", "documents", "tokens"), rows)


def _validation(manifest: Mapping[str, Any]) -> Iterator[str]:
    totals = {total["category"]: total for total in manifest["totals"] if total["split"] == VALIDATION}
    yield "## Validation split"
    yield ""
    if not totals:
        yield "There is none: too few sites, or none was asked for."
        return
    share = manifest["config"]["mix"]["validation"]
    yield f"About {share['share']:.2%} of a category's tokens, by registered domain: no page of these sites is in the"
    yield f"training split or the annealing set. No site that has more than {share['max_site_share']:.0%} of a category"
    yield f"is held out, and none of a category with fewer than {share['min_sites']:,} sites."
    yield ""
    notes = manifest["validation"]
    rows = [
        (name, note["sites"], note["of_sites"], totals.get(name, {"tokens": 0})["tokens"], note["of_tokens"])
        for name, note in sorted(notes.items())
    ]
    yield from _table(("category", "sites held out", "sites", "tokens held out", "tokens"), rows)


def _annealing(manifest: Mapping[str, Any]) -> Iterator[str]:
    totals = [total for total in manifest["totals"] if total["split"] == ANNEAL]
    if not totals:
        return
    params = manifest["config"]["anneal"]
    shares = taking_part({t["category"]: t["tokens"] for t in totals}, category_weights(params["weights"]))
    yield "## Annealing set"
    yield ""
    yield (
        f"{sum(total['tokens'] for total in totals):,} tokens for the end of training: documents of the training split "
        f"of quality bucket {params['min_bucket']} and above, with other shares than the mix."
    )
    if _is_compared(manifest):
        yield "None of them holds an item of the benchmarks that texts were compared with, of training sets neither."
    else:
        yield "They were not compared with benchmarks."
    yield ""
    rows = [(t["category"], t["documents"], t["tokens"], f"{shares.get(t['category'], 0.0):.2%}") for t in totals]
    yield from _table(("category", "documents", "tokens", "target"), rows)


def _is_compared(manifest: Mapping[str, Any]) -> bool:
    """Tell whether texts were compared with benchmarks: the hash of the suites says so, wherever they lay."""
    return bool(manifest["config"].get("decontaminate", {}).get("suites_digest"))


def _contamination(manifest: Mapping[str, Any]) -> Iterator[str]:
    params = manifest["config"].get("decontaminate")
    yield "## Benchmarks"
    yield ""
    if not _is_compared(manifest):
        yield "Texts were not compared with test sets of benchmarks."
    else:
        yield f"Texts were compared with test sets of benchmarks (action: {params['action']}); `report.json` of the run"
        yield "says what was matched."


def _licences(manifest: Mapping[str, Any]) -> Iterator[str]:
    train = sorted(
        (row for row in manifest["licences"] if row["split"] == TRAIN),
        key=lambda row: (-row["tokens"], row["key"] or ""),
    )
    yield "## Licences"
    yield ""
    yield "Each text is its author's. Pages that declare a licence of their own, as they declare it, most tokens first;"
    yield "see `LICENSE-NOTICE`."
    yield ""
    rows = [(row["key"] or "(none declared)", row["documents"], row["tokens"]) for row in train[:_LICENCES_SHOWN]]
    yield from _table(("declared licence", "documents", "tokens"), rows)


def _takedowns(manifest: Mapping[str, Any]) -> Iterator[str]:
    receipts = manifest.get("takedowns", ())
    if not receipts:
        return
    yield "## Taken down"
    yield ""
    yield "Documents that were taken out since; each receipt has hashes of what was asked for, and of files."
    yield ""
    rows = [(*(entry[name] for name in ("receipt", "documents", "rows", "tokens")),) for entry in receipts]
    yield from _table(("receipt", "documents", "rows", "tokens"), rows)


def _making(manifest: Mapping[str, Any]) -> Iterator[str]:
    yield "## How it was made"
    yield ""
    rows = []
    for step in manifest["funnel"]:
        most = sorted(step["dropped"].items(), key=lambda item: (-item[1], item[0]))[:2]
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in most)
        rows.append((step["stage"], step["in"], step["kept"], step["in"] - step["kept"], reasons))
    yield from _table(("stage", "rows in", "kept", "dropped", "most of them for"), rows)
    yield ""
    yield "`manifest.json` has every parameter, the hashes of code, models, lists and inputs, and of every file."


def _use(_: Mapping[str, Any]) -> Iterator[str]:
    yield "## Use"
    yield ""
    yield "```python"
    yield "from datasets import load_dataset"
    yield ""
    yield 'load_dataset("path/of/this/folder", split="train", streaming=True)'
    yield "```"
    yield ""
    yield "`gristmill verify FOLDER` checks every file, row count, share and split. Names and postal addresses are"
    yield "found by a language model alone, so no release is certain to be free of personal data: who finds some, or"
    yield "text of theirs, tells the maker, who takes it out with `gristmill takedown`."


_SECTIONS: Final = (
    _summary,
    _splits,
    _cells,
    _languages,
    _validation,
    _annealing,
    _contamination,
    _licences,
    _takedowns,
    _making,
    _use,
)
