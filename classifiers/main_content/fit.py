"""Fits the model of main content, and what it reaches on sites that it was not fitted on.

`python -m classifiers.main_content.fit --crawl DIR --output FILE --folds DIR`, where DIR of the crawl holds WARC files
and `gold.jsonl.gz`. Needs the extra `train`. For `--folds`, five more models are written, each fitted without a fifth
of the sites: `python -m classifiers.main_content.out_of_fold` reads every page with the one that has not seen it. What
they make of those pages is what the second stage of all six is fitted on. With `--second-stage-only`, the files keep
the lexicons and the trees of their first stage.
"""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Final, TypeVar

from classifiers.main_content.examples import Example, read_example
from classifiers.main_content.first_stage import fit_first_stage
from classifiers.main_content.gold import FOLDS, read_gold
from classifiers.main_content.second_stage import fit_second_stage, read_context
from pipeline.kernels.html.main_content.model import Model, load_first_stage, save_model

T = TypeVar("T")

# The fold of no page: what is fitted without it is fitted on all.
_NO_FOLD: Final = -1
_PROCESSES: Final = 2
# The pages that the processes fit on: they are forked with them, so that nothing is copied.
_pages: list[Example] = []


def _fit_without(fold: int) -> Model:
    return fit_first_stage(outside(fold, _pages, _pages))


def add_second_stage(examples: Sequence[Example], first: dict[int, Model]) -> dict[int, Model]:
    """Fit the second stage of each model on the pages that it may see, each read by the first stage that has not.

    Args:
        examples: The pages.
        first: Fold → the model that was fitted without it, `_NO_FOLD` → that of all.
    """
    unseen = [first[page.gold.fold] for page in examples]
    with ProcessPoolExecutor(_PROCESSES) as pool:
        contexts = list(pool.map(read_context, examples, unseen, chunksize=32))
    return {
        fold: model._replace(context=fit_second_stage(outside(fold, contexts, examples)))
        for fold, model in first.items()
    }


def outside(fold: int, items: Sequence[T], examples: Sequence[Example]) -> list[T]:
    """The items of those examples that are not in a fold."""
    return [item for item, page in zip(items, examples, strict=True) if page.gold.fold != fold]


def _save(models: dict[int, Model], paths: dict[int, Path]) -> None:
    for fold, model in models.items():
        paths[fold].parent.mkdir(parents=True, exist_ok=True)
        with paths[fold].open("wb") as file:
            save_model(file, model)


def _read_first_stage(path: Path) -> Model:
    with path.open("rb") as file:
        return load_first_stage(file)


def main() -> None:
    """Fit, and write the models."""
    parser = argparse.ArgumentParser(prog="python -m classifiers.main_content.fit", description=__doc__)
    parser.add_argument("--crawl", type=Path, required=True, metavar="DIR")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE")
    parser.add_argument("--folds", type=Path, required=True, metavar="DIR")
    parser.add_argument("--second-stage-only", action="store_true")
    asked = parser.parse_args()
    for package in ("catboost", "lightgbm"):
        import_module(package)  # before half an hour of work, not after it
    with ProcessPoolExecutor(_PROCESSES) as pool:
        examples = list(pool.map(read_example, read_gold(asked.crawl), chunksize=16))
    examples = [page for page in examples if len(page.share) and page.weight.any()]
    paths = {fold: asked.folds / f"fold{fold}.npz" for fold in range(FOLDS)} | {_NO_FOLD: asked.output}
    if asked.second_stage_only:
        first = {fold: _read_first_stage(path) for fold, path in paths.items()}
    else:
        _pages[:] = examples
        with ProcessPoolExecutor(_PROCESSES, get_context("fork")) as pool:
            first = dict(zip(paths, pool.map(_fit_without, paths), strict=True))
        _save(first, paths)  # if the second stage fails, `--second-stage-only` goes on from here
    _save(add_second_stage(examples, first), paths)
    for fold, path in paths.items():
        sys.stdout.write(f"{path}: fitted on {len(outside(fold, examples, examples)):,} pages\n")


if __name__ == "__main__":
    main()
