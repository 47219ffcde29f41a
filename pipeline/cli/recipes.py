"""The command that lists recipes."""

import argparse

from pipeline.cli.command import Command, print_json, print_lines


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="of the recipe to print; default: list them all")
    parser.add_argument("--json", action="store_true", help="print one JSON object: what each is, and its parameters")


def _recipes(options: argparse.Namespace, _: argparse.ArgumentParser) -> None:
    from pipeline.engine.config import load_settings
    from pipeline.engine.named_recipes import about_recipe, recipe_names, recipe_text

    if options.name and not options.json:
        print_lines(recipe_text(options.name).rstrip("\n").split("\n"))
        return
    names = [options.name] if options.name else recipe_names()
    if options.json:
        print_json({name: about_recipe(name).model_dump() | {"stages": load_settings((), (), name)} for name in names})
        return
    width = max(map(len, names))
    print_lines(f"{name:<{width}}  {about_recipe(name).summary}" for name in names)


RECIPES = Command(
    "recipes",
    "List the recipes that ship: parameters of published corpora, each choice with its source. With a name, print\n"
    "that recipe's file, which --config reads as well: the beginning of one's own.",
    _add_arguments,
    _recipes,
)
