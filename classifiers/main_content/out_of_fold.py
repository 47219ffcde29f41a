"""Reads every page of a crawl with the model that was fitted without its site.

`python -m classifiers.main_content.out_of_fold --crawl DIR --folds DIR --output FILE` writes a JSON line a page:
`source_url`, `text`, `page_type`, `type` (the set's own), `confidence`.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

from classifiers.main_content.gold import FOLDS, GoldPage, read_gold
from pipeline.kernels.extraction import Extraction, extract
from pipeline.kernels.html.main_content.model import Model, load_model


@cache
def fold_model(folds: Path, fold: int) -> Model:
    """The model that was fitted without this fold's sites."""
    with (folds / f"fold{fold}.npz").open("rb") as file:
        return load_model(file)


def read_out_of_fold(gold: GoldPage, folds: Path) -> Extraction:
    """Extract a page with the model that has not seen its site."""
    return extract(gold.html, gold.url, model=fold_model(folds, gold.fold))


def read_all(crawl: Path, folds: Path) -> Iterator[tuple[GoldPage, Extraction]]:
    """Every page of a crawl that has gold, and what is extracted from it."""
    pages = read_gold(crawl)
    with ProcessPoolExecutor(2) as pool:
        yield from zip(pages, pool.map(read_out_of_fold, pages, [folds] * len(pages), chunksize=16), strict=True)


def main() -> None:
    """Read, and write the texts."""
    parser = argparse.ArgumentParser(prog="python -m classifiers.main_content.out_of_fold", description=__doc__)
    for name in ("--crawl", "--folds", "--output"):
        parser.add_argument(name, type=Path, required=True)
    asked = parser.parse_args()
    missing = [fold for fold in range(FOLDS) if not (asked.folds / f"fold{fold}.npz").is_file()]
    if missing:
        parser.error(
            f"{asked.folds} holds no model of fold {missing[0]}; classifiers.main_content.fit --folds writes it"
        )
    count = 0
    with asked.output.open("w", encoding="utf-8") as out:
        for gold, extracted in read_all(asked.crawl, asked.folds):
            line = {
                "source_url": gold.url,
                "text": extracted.text,
                "page_type": extracted.page_type,
                "type": gold.page_type,
                "confidence": round(extracted.confidence, 4),
            }
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
            count += 1
    sys.stdout.write(f"{asked.output}: {count:,} pages\n")


if __name__ == "__main__":
    main()
