"""Parts of pages that are written from the code: between `<!-- stage extract -->` and `<!-- end -->`, say."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

import pipeline
from pipeline.cli.commands import ENTRIES, GROUPS, command_named
from pipeline.cli.main import COMPLETION_USAGE
from pipeline.engine.stage import Stage
from pipeline.plan import STAGES
from schemas.columns import SCRATCH, Column
from schemas.reasons import reasons_of

ROOT = Path(__file__).resolve().parents[2]
_PART = re.compile(r"(<!-- (stage|command|commands|packages|stages)(?: ([\w-]+))? -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_STAGES = {stage.name: stage for stage in STAGES}
_FILLED_IN = re.compile(r"\bfills? (it|them) in\b")
_NESTED_SHOWN = 60


def pages() -> list[Path]:
    """Return the pages of the project."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def rewritten(text: str) -> str:
    """Return a page with the parts that are written from the code as the code is now."""
    return _PART.sub(lambda part: part[1] + "\n".join(_WRITERS[part[2]](part[3] or "")) + "\n" + part[5], text)


def parts_of(text: str) -> set[tuple[str, str]]:
    """Return what parts a page has: kind and name."""
    return {(part[2], part[3] or "") for part in _PART.finditer(text)}


def _stage(name: str) -> Iterator[str]:
    stage = _STAGES[name]
    yield from _reasons(stage)
    yield from _parameters(stage)
    yield from _columns(stage)


def _reasons(stage: Stage) -> Iterator[str]:
    is_watched = "max_page_cpu_seconds" in stage.params.model_fields
    reasons = {**reasons_of(stage.name, is_watched=is_watched), **stage.meanings}
    yield "### Drop reasons"
    yield ""
    if not reasons:
        yield "The stage drops nothing by itself."
    else:
        yield "| reason | why |"
        yield "|---|---|"
        yield from (f"| `{reason}` | {_cell(meaning)} |" for reason, meaning in reasons.items())
    yield ""


def _parameters(stage: Stage) -> Iterator[str]:
    fields = {
        name: field
        for name, field in stage.params.model_fields.items()
        if not _FILLED_IN.search(field.description or "")
    }
    yield "### Parameters"
    yield ""
    if not fields:
        yield "The stage has none."
    else:
        yield f"Set with `--set {stage.name}.NAME=VALUE`, or in a file for `--config`."
        yield ""
        yield "| name | default | what it means |"
        yield "|---|---|---|"
        for name, field in fields.items():
            yield f"| `{name}` | {_default(field)} | {_cell(field.description or '')} |"
    yield ""


def _default(field: FieldInfo) -> str:
    value: Any = field.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined:
        return "required"
    value = value.model_dump(mode="json") if hasattr(value, "model_dump") else value
    said = "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{said}`" if len(said) <= _NESTED_SHOWN else "see `--show-config`"


def _columns(stage: Stage) -> Iterator[str]:
    added = [column for column in stage.adds if not column.name.startswith(SCRATCH)]
    yield "### Columns"
    yield ""
    if added:
        yield "| it adds | type | what it holds |"
        yield "|---|---|---|"
        yield from (f"| `{column.name}` | {_type(column)} | {_cell(column.comment)} |" for column in added)
    else:
        yield "It adds none."
    if stage.changes:
        yield ""
        yield f"It changes {_listed([column.name for column in stage.changes])} where they are there."
    needed = [column.name for column in stage.needs if not column.name.startswith(SCRATCH)]
    if needed:
        yield ""
        yield f"It needs {_listed(needed)}."


def _type(column: Column) -> str:
    said = str(column.type)
    return f"`{said}`" if len(said) <= _NESTED_SHOWN else f"`{said[: said.index('<')]}` of structs"


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _command(name: str) -> Iterator[str]:
    if name == "completion":
        yield from ("```text", COMPLETION_USAGE, "```", "", "It starts no Spark.")
        return
    parser = command_named(name).parser(f"gristmill {name}")
    formatter = parser._get_formatter
    parser._get_formatter = lambda: _fixed(formatter())  # type: ignore[method-assign]
    yield "```text"
    yield from parser.format_help().rstrip().split("\n")
    yield "```"
    yield ""
    job = ENTRIES[name].job
    if command_named(name).starts_spark:
        yield f"With Spark's own launcher: `spark-submit [its options] jobs/{job}.py …`. From a checkout without the"
        yield f"command: `python -m jobs.{job} …`, which leaves Spark its defaults."
    else:
        yield f"It starts no Spark. From a checkout without the command: `python -m jobs.{job} …`."


def _fixed(formatter: Any) -> Any:
    formatter._width = 110
    return formatter


def _commands(_: str) -> Iterator[str]:
    for group in GROUPS:
        yield f"| {group.title} | |"
        yield "|---|---|"
        for name, entry in group.commands.items():
            yield f"| [`{name}`](commands/{name}.md) | {_cell(entry.summary)} |"
        yield ""


def _packages(_: str) -> Iterator[str]:
    root = Path(pipeline.__file__).parent
    yield "```text"
    for package in sorted(path.parent for path in root.glob("*/__init__.py")):
        first = (package / "__init__.py").read_text().removeprefix('"""').split("\n")[0].removesuffix('"""').rstrip(".")
        yield f"{f'pipeline/{package.name}/':<26}{first}"
    yield "```"


def _stages(_: str) -> Iterator[str]:
    yield "| stage | what it does | page |"
    yield "|---|---|---|"
    for stage in STAGES:
        yield f"| `{stage.name}` | {_cell(_summary(stage))} | [{stage.name}](stages/{stage.name}.md) |"


def _summary(stage: Stage) -> str:
    module = (ROOT / "pipeline" / "stages" / f"{stage.name}.py").read_text()
    first = module.removeprefix('"""').split("\n\n")[0].split('"""')[0]
    return " ".join(first.split()).partition(": ")[2] or first


_WRITERS: dict[str, Callable[[str], Iterator[str]]] = {
    "stage": _stage,
    "command": _command,
    "commands": _commands,
    "packages": _packages,
    "stages": _stages,
}
