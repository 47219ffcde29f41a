"""Each recipe runs on the sample crawl, and its funnel is the one that is expected."""

from pathlib import Path

import pytest

from pipeline.engine.named_recipes import recipe_names
from tests.recipes.running import expected, funnel_of


@pytest.mark.long
@pytest.mark.parametrize("recipe", recipe_names())
def test_the_funnel_of_a_recipe_is_the_expected_one(spark: object, sample: Path, tmp_path: Path, recipe: str) -> None:
    assert funnel_of(recipe, sample, tmp_path) == expected()[recipe], f"python -m tests.recipes {recipe} --write"
