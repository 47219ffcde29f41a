"""Fits the model of main content, and what it reaches on sites that it was not fitted on.

`python -m classifiers.main_content.fit --crawl DIR --output FILE --folds DIR`, where DIR of the crawl holds WARC files
and `gold.jsonl.gz`. Needs the extra `train`. For `--folds`, five more models are written, each fitted without a fifth
of the sites: `python -m classifiers.main_content.out_of_fold` reads every page with the one that has not seen it. What
they make of those pages is what the second stage of all six is fitted on. With `--second-stage-only`, the files keep
the lexicons and the trees of their first stage.
"""

import argparse
import sys
import zlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from classifiers.main_content.examples import Example, measure, read_example
from classifiers.main_content.gold import FOLDS, read_gold
from classifiers.main_content.lexicon import Lexicon, fit_lexicon
from classifiers.main_content.second_stage import fit_second_stage, read_context
from pipeline.kernels.html.main_content.feature_names import PAGE_FROM
from pipeline.kernels.html.main_content.features import Features
from pipeline.kernels.html.main_content.forest import Forest
from pipeline.kernels.html.main_content.leafwise import no_trees
from pipeline.kernels.html.main_content.model import PAGE_TYPES, Model, load_first_stage, save_model

Floats = npt.NDArray[np.float32]

TREES: Final = 700
DEPTH: Final = 6
RATE: Final = 0.07
TYPE_TREES: Final = 150
# What the sets call the types of pages.
TYPES: Final = {
    "article": "article", "news": "article", "forum": "forum", "documentation": "documentation", "product": "product",
    "collection": "collection", "listing": "collection", "service": "service", "docs-sphinx": "documentation",
    "docs-texi": "documentation", "docs-postgres": "documentation", "docs-git": "documentation",
    "docs-node": "documentation", "docs-gap": "documentation", "docs-doxy": "documentation",
    "docs-l2h": "documentation",
}  # fmt: skip
# Words are weighed by other pages than those whose features they become, or the trees would trust them too much.
_PARTS: Final = 4
# The fold of no page: what is fitted without it is fitted on all.
_NO_FOLD: Final = -1
# Sets whose pages come from many sites that are not told apart.
_MIXED: Final = frozenset(("newspaper", "readability", "defuddle"))


def fit_first_stage(examples: Sequence[Example]) -> Model:
    """Fit words and trees on examples; trees of the second stage are not among them."""
    parts = np.array([zlib.crc32(f"{example.gold.site}x".encode()) % _PARTS for example in examples])
    features: list[Features] = [np.empty((0, 0), np.float32)] * len(examples)
    for part in range(_PARTS):
        lexicon = _lexicon([one for one, its in zip(examples, parts, strict=True) if its != part])
        for number in np.flatnonzero(parts == part):
            features[number] = measure(examples[number], lexicon)
    lexicon = _lexicon(examples)
    typed = [number for number, one in enumerate(examples) if one.gold.page_type in TYPES and features[number].size]
    types = fit_types(
        np.array([features[number][PAGE_FROM:, 0] for number in typed]),
        np.array([PAGE_TYPES.index(TYPES[examples[number].gold.page_type]) for number in typed]),
    )
    blocks = fit_blocks(
        np.concatenate(features, axis=1).T,
        np.concatenate([example.share for example in examples]),
        np.concatenate([example.weight for example in examples]),
    )
    return Model(lexicon.words, lexicon.classes, blocks, types, no_trees())


def _lexicon(examples: Sequence[Example]) -> Lexicon:
    known = (one for one in examples if one.gold.text)
    return fit_lexicon((one.gold.url if one.gold.collection in _MIXED else one.gold.site, one.blocks) for one in known)


def fit_blocks(features: Floats, share: Floats, weight: Floats) -> Forest:
    """Fit trees whose log-odds say how much of a block is main content."""
    import catboost  # noqa: PLC0415  (an extra, for training only)

    known = weight > 0
    trees = catboost.CatBoostClassifier(
        iterations=TREES,
        learning_rate=RATE,
        depth=DEPTH,
        loss_function="CrossEntropy",
        l2_leaf_reg=5,
        border_count=48,
        bootstrap_type="Bernoulli",
        subsample=0.7,
        rsm=0.3,
        random_seed=1,
        thread_count=2,
        verbose=False,
        allow_writing_files=False,
    )
    trees.fit(catboost.Pool(features[known], share[known], weight=1000 * weight[known]))
    return to_forest(trees)


def fit_types(features: Floats, types: npt.NDArray[np.int64]) -> Forest:
    """Fit trees that tell the type of a page, all types counting the same."""
    import catboost  # noqa: PLC0415

    trees = catboost.CatBoostClassifier(
        iterations=TYPE_TREES,
        learning_rate=0.1,
        depth=4,
        loss_function="MultiClass",
        auto_class_weights="SqrtBalanced",
        l2_leaf_reg=5,
        border_count=32,
        random_seed=1,
        thread_count=2,
        verbose=False,
        allow_writing_files=False,
    )
    trees.fit(features, types)
    return to_forest(trees)


def to_forest(trees: Any) -> Forest:
    """The trees of a fitted CatBoost model as arrays."""
    import json  # noqa: PLC0415
    import tempfile  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trees.json"
        trees.save_model(str(path), format="json")
        found = json.loads(path.read_text(encoding="utf-8"))
    scale, bias = found["scale_and_bias"]
    bias = np.atleast_1d(np.asarray(bias, np.float32))
    grown = found["oblivious_trees"]
    depth = max(len(tree["splits"] or ()) for tree in grown)
    features = np.zeros((len(grown), depth), np.int32)
    limits = np.full((len(grown), depth), np.inf, np.float32)  # never passed: a shallow tree uses its low leaves
    leaves = np.zeros((len(grown), len(bias), 1 << depth), np.float32)
    for number, tree in enumerate(grown):
        for place, split in enumerate(tree["splits"] or ()):
            features[number, place] = split["float_feature_index"]
            limits[number, place] = split["border"]
        values = np.asarray(tree["leaf_values"], np.float32).reshape(-1, len(bias)).T
        leaves[number, :, : values.shape[1]] = scale * values
    return Forest(features, limits, leaves, bias)


def add_second_stage(examples: Sequence[Example], first: dict[int, Model]) -> dict[int, Model]:
    """Fit the second stage of each model on the pages that it may see, each read by the first stage that has not.

    Args:
        examples: The pages.
        first: Fold → the model that was fitted without it, `_NO_FOLD` → that of all.
    """
    unseen = [first[one.gold.fold] for one in examples]
    with ProcessPoolExecutor(2) as pool:
        pages = list(pool.map(read_context, examples, unseen, chunksize=32))
    return {
        fold: model._replace(
            context=fit_second_stage([page for page, one in zip(pages, examples, strict=True) if one.gold.fold != fold])
        )
        for fold, model in first.items()
    }


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
    with ProcessPoolExecutor(2) as pool:
        examples = list(pool.map(read_example, read_gold(asked.crawl), chunksize=16))
    examples = [one for one in examples if len(one.share) and one.weight.any()]
    paths = {fold: asked.folds / f"fold{fold}.npz" for fold in range(FOLDS)} | {_NO_FOLD: asked.output}
    seen = {fold: [one for one in examples if one.gold.fold != fold] for fold in paths}
    if asked.second_stage_only:
        first = {fold: _read_first_stage(path) for fold, path in paths.items()}
    else:
        first = {fold: fit_first_stage(seen[fold]) for fold in paths}
    for fold, model in add_second_stage(examples, first).items():
        paths[fold].parent.mkdir(parents=True, exist_ok=True)
        with paths[fold].open("wb") as file:
            save_model(file, model)
        sys.stdout.write(f"{paths[fold]}: fitted on {len(seen[fold]):,} pages\n")


if __name__ == "__main__":
    main()
