"""Fits the model of main content, and the models of the folds.

`python -m classifiers.main_content.fit --crawl DIR --output FILE [--folds DIR]`, where DIR of the crawl holds WARC
files and `gold.jsonl.gz`. Needs the extra `train`. With `--folds`, five more models are written, each fitted without a
fifth of the sites: `python -m classifiers.main_content.out_of_fold` reads every page with the one that has not seen it.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from classifiers.main_content.examples import Example, measure, read_example
from classifiers.main_content.gold import FOLDS, read_gold
from classifiers.main_content.lexicon import Lexicon, fit_lexicon
from classifiers.main_content.trees import fit_blocks, fit_types
from pipeline.kernels.html.feature_names import PAGE_FROM
from pipeline.kernels.html.features import Features
from pipeline.kernels.html.forest import Forest
from pipeline.kernels.html.model import PAGE_TYPES, Model, save_model

Floats = npt.NDArray[np.float32]

# What the sets call the types of pages.
TYPES: Final = {
    "article": "article", "news": "article", "forum": "forum", "documentation": "documentation", "product": "product",
    "collection": "collection", "listing": "collection", "service": "service", "docs-sphinx": "documentation",
    "docs-texi": "documentation", "docs-postgres": "documentation", "docs-git": "documentation",
    "docs-node": "documentation", "docs-gap": "documentation", "docs-doxy": "documentation",
    "docs-l2h": "documentation",
}  # fmt: skip
# Sets whose pages come from many sites that are not told apart.
_MIXED: Final = frozenset(("newspaper", "readability", "defuddle"))
# The fold of no page: what is fitted without it is fitted on all.
_NO_FOLD: Final = -1
_PROCESSES: Final = 2


class _Task(NamedTuple):
    """What the processes work on; they are forked with it, so that nothing is copied.

    Attributes:
        examples: The pages.
        fold: The fold of each page.
        lexicons: Fold → the lexicon that was fitted without it.
        features: Of each page the features of its blocks, by the lexicon that was fitted without its fold: words are
            weighed by other pages than those whose features they become, or the trees would trust them too much.
    """

    examples: Sequence[Example]
    fold: npt.NDArray[np.int64]
    lexicons: dict[int, Lexicon]
    features: list[Features]

    def seen(self, fold: int) -> list[int]:
        """The pages outside a fold."""
        return [page for page, own in enumerate(self.fold.tolist()) if own != fold]


_current: list[_Task] = []


def _run(work: Callable[[int], Any], task: _Task, numbers: Sequence[int]) -> list[Any]:
    """Do some work on a task for each number, in processes that are forked with it."""
    _current[:] = [task]
    with ProcessPoolExecutor(_PROCESSES, get_context("fork")) as pool:
        return list(pool.map(work, numbers, chunksize=max(1, len(numbers) // 64)))


def fit_models(examples: Sequence[Example], wanted: Sequence[int]) -> list[Model]:
    """Fit words and trees: for each fold that is wanted the model without it, for `_NO_FOLD` that of all examples."""
    task = _Task(examples, np.array([one.gold.fold for one in examples]), {}, [])
    folds = [*range(FOLDS), _NO_FOLD]
    task.lexicons.update(zip(folds, _run(_fit_lexicon, task, folds), strict=True))
    task.features.extend(_run(_measure, task, range(len(examples))))
    return _run(_fit_model, task, wanted)


def _fit_lexicon(fold: int) -> Lexicon:
    task = _current[0]
    known = [one for one in map(task.examples.__getitem__, task.seen(fold)) if one.gold.text]
    return fit_lexicon((one.gold.url if one.gold.collection in _MIXED else one.gold.site, one.blocks) for one in known)


def _measure(page: int) -> Features:
    task = _current[0]
    return measure(task.examples[page], task.lexicons[int(task.fold[page])])


def _fit_model(fold: int) -> Model:
    task = _current[0]
    lexicon = task.lexicons[fold]
    return Model(lexicon.words, lexicon.classes, _fit_blocks(fold), _fit_types(fold))


def _fit_blocks(fold: int) -> Forest:
    task = _current[0]
    seen = task.seen(fold)
    return fit_blocks(
        np.concatenate([task.features[page] for page in seen], axis=1).T,
        np.concatenate([task.examples[page].share for page in seen]),
        np.concatenate([task.examples[page].weight for page in seen]),
    )


def _fit_types(fold: int) -> Forest:
    task = _current[0]
    typed = [page for page in task.seen(fold) if task.examples[page].gold.page_type in TYPES]
    return fit_types(
        np.array([task.features[page][PAGE_FROM:, 0] for page in typed]),
        np.array([PAGE_TYPES.index(TYPES[task.examples[page].gold.page_type]) for page in typed]),
    )


def main() -> None:
    """Fit, and write the model or models."""
    parser = argparse.ArgumentParser(prog="python -m classifiers.main_content.fit", description=__doc__)
    parser.add_argument("--crawl", type=Path, required=True, metavar="DIR")
    parser.add_argument("--output", type=Path, metavar="FILE")
    parser.add_argument("--folds", type=Path, metavar="DIR")
    asked = parser.parse_args()
    with ProcessPoolExecutor(_PROCESSES) as pool:
        examples = list(pool.map(read_example, read_gold(asked.crawl), chunksize=16))
    examples = [one for one in examples if len(one.share) and one.weight.any()]
    paths = {fold: asked.folds / f"fold{fold}.npz" for fold in range(FOLDS)} if asked.folds else {}
    if asked.output:
        paths[_NO_FOLD] = asked.output
    for (fold, path), model in zip(paths.items(), fit_models(examples, list(paths)), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            save_model(file, model)
        pages = sum(one.gold.fold != fold for one in examples)
        sys.stdout.write(f"{path}: fitted on {pages:,} pages\n")


if __name__ == "__main__":
    main()
