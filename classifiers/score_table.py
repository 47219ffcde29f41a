"""Scores that were made elsewhere, as a table: what a YAML file, or a model's folder of kind `table`, says of them."""

import json
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from classifiers.model_folder import INFO, ModelError, read_info


class ScoreTable(BaseModel):
    """A table of scores.

    Attributes:
        table: A Parquet file, a folder of some, or a glob; a relative path begins at the folder of what says it.
        key: By which column of the documents it is joined.
        key_column: The table's column with that key, None where it has the same name; a dot leads into a struct.
        column: The table's column with the score, a number; a dot leads into a struct.
        good: Which end of the score speaks for a document; where it is `low`, the negative is taken.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str
    key: Literal["doc_id", "record_id", "url"] = "doc_id"
    key_column: str | None = None
    column: str
    good: Literal["high", "low"] = "high"

    @property
    def key_path(self) -> str:
        """Where the table has the key."""
        return self.key_column or self.key


def score_table(name: str) -> ScoreTable | None:
    """Return the table of scores that a name stands for, None where it is another model's.

    Args:
        name: A YAML file with the fields of `ScoreTable`, or a model's folder of kind `table` whose settings they are.

    Raises:
        ModelError: It is a YAML file that is not there, or does not say what a table needs.
    """
    path = Path(name).expanduser()
    if path.suffix in (".yaml", ".yml") and not path.is_dir():
        try:
            return _table(yaml.safe_load(path.read_text(encoding="utf-8")), path)
        except FileNotFoundError:
            raise ModelError(f"no file {name}, which would say where scores are") from None
        except OSError as error:
            raise ModelError(f"{name} cannot be read: {error.strerror}") from None
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise ModelError(f"{name} is no YAML: {error}") from None
    if not (path / INFO).is_file() or _kind(path / INFO) != "table":
        return None
    info = read_info(path)
    if info.languages:
        raise ModelError(f"{name} names languages: a table has a score for a document, or none")
    return _table(info.settings, path / INFO)


def _kind(path: Path) -> Any:
    try:
        described = json.loads(path.read_bytes())
    except ValueError:  # whoever reads the model says so
        return None
    return described.get("kind") if isinstance(described, dict) else None


def _table(fields: Any, path: Path) -> ScoreTable:
    try:
        table = ScoreTable.model_validate(fields)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, p['loc'])) or 'all'}: {p['msg']}" for p in error.errors())
        raise ModelError(f"{path} does not describe a table of scores: {problems}") from None
    if "://" in table.table:
        return table
    return table.model_copy(update={"table": str(path.parent / Path(table.table).expanduser())})
