"""List the recipes that ship, or print one: `python -m jobs.recipes [NAME]`."""

from pipeline.cli.process import run
from pipeline.cli.recipes import RECIPES

if __name__ == "__main__":
    run(RECIPES)
