"""Fitting the first stage: lexicons, trees that judge each block by itself, and trees that tell a page's type."""

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from classifiers.main_content.examples import Example, measure
from classifiers.main_content.lexicon import Lexicon, fit_lexicon
from pipeline.kernels.html.main_content.feature_names import PAGE_FROM
from pipeline.kernels.html.main_content.features import Features
from pipeline.kernels.html.main_content.forest import Forest
from pipeline.kernels.html.main_content.leafwise import no_trees
from pipeline.kernels.html.main_content.model import PAGE_TYPES, Model

Floats = npt.NDArray[np.float32]

TREES: Final = 700
DEPTH: Final = 6
RATE: Final = 0.07
TYPE_TREES: Final = 150
_SHARED: Final[dict[str, Any]] = {
    "l2_leaf_reg": 5,
    "random_seed": 1,
    "thread_count": 1,
    "verbose": False,
    "allow_writing_files": False,
}
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
# Sets whose pages come from many sites that are not told apart.
_MIXED: Final = frozenset(("newspaper", "readability", "defuddle"))


def fit_first_stage(examples: Sequence[Example]) -> Model:
    """Fit words and trees on examples; trees of the second stage are not among them."""
    parts = np.array([zlib.crc32(f"{example.gold.site}x".encode()) % _PARTS for example in examples])
    features: list[Features] = [np.empty((0, 0), np.float32)] * len(examples)
    for part in range(_PARTS):
        lexicon = _lexicon([page for page, its in zip(examples, parts, strict=True) if its != part])
        for number in np.flatnonzero(parts == part):
            features[number] = measure(examples[number], lexicon)
    lexicon = _lexicon(examples)
    typed = [number for number, page in enumerate(examples) if page.gold.page_type in TYPES and features[number].size]
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
    whole = (page for page in examples if page.gold.text)
    return fit_lexicon(
        (page.gold.url if page.gold.collection in _MIXED else page.gold.site, page.blocks) for page in whole
    )


def fit_blocks(features: Floats, share: Floats, weight: Floats) -> Forest:
    """Fit trees whose log-odds say how much of a block is main content."""
    import catboost

    labelled = weight > 0
    trees = catboost.CatBoostClassifier(
        iterations=TREES,
        learning_rate=RATE,
        depth=DEPTH,
        loss_function="CrossEntropy",
        border_count=48,
        bootstrap_type="Bernoulli",
        subsample=0.7,
        rsm=0.3,
        **_SHARED,
    )
    trees.fit(catboost.Pool(features[labelled], share[labelled], weight=1000 * weight[labelled]))
    return to_forest(trees)


def fit_types(features: Floats, types: npt.NDArray[np.int64]) -> Forest:
    """Fit trees that tell the type of a page, all types counting the same."""
    import catboost

    trees = catboost.CatBoostClassifier(
        iterations=TYPE_TREES,
        learning_rate=0.1,
        depth=4,
        loss_function="MultiClass",
        auto_class_weights="SqrtBalanced",
        border_count=32,
        **_SHARED,
    )
    trees.fit(features, types)
    return to_forest(trees)


def to_forest(trees: Any) -> Forest:
    """The trees of a fitted CatBoost model as arrays."""
    import json
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trees.json"
        trees.save_model(str(path), format="json")
        dump = json.loads(path.read_text(encoding="utf-8"))
    scale, bias = dump["scale_and_bias"]
    bias = np.atleast_1d(np.asarray(bias, np.float32))
    grown = dump["oblivious_trees"]
    depth = max(len(tree["splits"] or ()) for tree in grown)
    features = np.zeros((len(grown), depth), np.int32)
    limits = np.full((len(grown), depth), np.inf, np.float32)  # never passed: a shallow tree uses its low leaves
    leaves = np.zeros((len(grown), len(bias), 1 << depth), np.float32)
    for number, tree in enumerate(grown):
        for position, split in enumerate(tree["splits"] or ()):
            features[number, position] = split["float_feature_index"]
            limits[number, position] = split["border"]
        values = np.asarray(tree["leaf_values"], np.float32).reshape(-1, len(bias)).T
        leaves[number, :, : values.shape[1]] = scale * values
    return Forest(features, limits, leaves, bias)
