"""Run recipes on the sample, and compare their funnels or write them: `python -m tests.recipes [NAME …] [--write]`."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from pipeline.engine.named_recipes import recipe_names
from pipeline.spark.session import stop_session
from tests.recipes.running import EXPECTED, as_yaml, expected, funnel_of
from tests.sample import write_sample


def main() -> int:
    """Run and compare, or write; return 1 where a funnel is another."""
    parser = argparse.ArgumentParser(prog="python -m tests.recipes", description=__doc__)
    parser.add_argument("name", nargs="*", choices=[[], *recipe_names()], help="of recipes; default: all")
    parser.add_argument("--write", action="store_true", help="write what they give as what is expected")
    given = parser.parse_args()
    os.environ.setdefault("CI", "true")
    before = expected() if EXPECTED.exists() else {}
    after = dict(before)
    with tempfile.TemporaryDirectory() as name:
        crawl = Path(name) / "sample"
        write_sample(crawl)
        for recipe in given.name or recipe_names():
            after[recipe] = funnel_of(recipe, crawl, Path(name) / recipe)
            verdict = "as expected" if after[recipe] == before.get(recipe) else "another funnel"
            print(f"{recipe}: {after[recipe]['release']['kept']} released, {verdict}", flush=True)
            if given.write:
                EXPECTED.write_text(as_yaml(after), encoding="utf-8")
    stop_session()
    return int(after != before and not given.write)


if __name__ == "__main__":
    sys.exit(main())
