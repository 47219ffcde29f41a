"""Which code a stage's results know."""

import ast

from pipeline.code_digests.modules import module_of
from pipeline.code_digests.stage_code import LEFT_OUT, WRAPPERS, code_of
from pipeline.plan import STAGES

BY_NAME = {stage.name: stage for stage in STAGES}


def test_a_stage_knows_its_kernels_and_no_others() -> None:
    stage = BY_NAME["pii"]
    files = code_of(stage.params, *stage.functions).files
    assert "pipeline/kernels/pii/phones.py" in files
    assert not [file for file in files if file.startswith(("pipeline/kernels/html", "pipeline/engine", "schemas"))]


def test_what_a_contract_says_beside_code_is_no_part_of_it() -> None:
    source = "from pipeline.engine.stage import stage\n{}\ndef screen(docs, params):\n    return docs\n"
    trees = [ast.parse(source.format(line)) for line in ("@stage(report=say)", "@stage(report=tell, version=2)")]
    modules = [module_of(tree, "a.b", "a", "a/b.py", WRAPPERS) for tree in trees]
    assert modules[0].units[-1].digest == modules[1].units[-1].digest
    assert not {use.names for use in modules[0].units[-1].uses} & {("say",), ("stage",)}
    assert "schemas" in LEFT_OUT
