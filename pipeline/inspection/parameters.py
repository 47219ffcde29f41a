"""Every parameter with what it means, as a file that `--config` reads."""

from collections.abc import Sequence

from pipeline.engine.config import load_settings, params_for, settings_as_yaml
from pipeline.plan import stages_named


def show_config(configs: Sequence[str], assignments: Sequence[str], source: str = "", recipe: str | None = None) -> str:
    """Return all parameters, as some files and assignments leave them, as YAML.

    Args:
        configs: YAML files, later ones win.
        assignments: `stage.key=value`, after the files.
        source: Where the stages come from, `package.module:NAME`; "" for the project's own.
        recipe: Name of a recipe that ships, below the files; None for none.

    Raises:
        ConfigError: A recipe, stage, key or value is wrong.
    """
    stages = stages_named(source)
    return settings_as_yaml(stages, params_for(stages, load_settings(configs, assignments, recipe)))
