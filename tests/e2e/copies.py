"""Copies of a run that are to be changed."""

import shutil
from pathlib import Path

from pipeline.plan import NAMES
from pipeline.runs.run import Head


def run_before(stage: str, run: Path, target: Path) -> Path:
    """Copy a run as it was before a stage was ever run: that stage and those after it begin with nothing."""
    later = NAMES[NAMES.index(stage) :]
    results = ("exports", "decisions", "release", "superseded", "report.json")
    shutil.copytree(run, target, copy_function=shutil.copy2, ignore=shutil.ignore_patterns(*later, *results))
    head = Head.load(str(run))
    head.stages = {name: key for name, key in head.stages.items() if name not in later}
    head.save(str(target))
    return target
