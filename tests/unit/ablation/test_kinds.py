"""Which documents are in no arm: those of validation sites, of targets' domains, and with a line of a target."""

import pyarrow as pa

from pipeline.ablation.arms import LEAK, TARGET, USED, VALIDATION, Drawn
from pipeline.ablation.targets import Reserved
from pipeline.experiments.corpus import Target

LINE = "a line that is long enough to be known again " * 3


def test_each_document_is_used_or_left_out_for_one_reason() -> None:
    target = Target("t", 1.0, (f"{LINE}\nmore", "short"))
    reserved = Reserved((target,), domains=("held.org", "7" * 32), validation=("checked.org",))
    drawn = Drawn(0, reserved.domains, reserved.validation, reserved.whole_texts(), reserved.lines(), ())
    rows = [
        ("0" * 32, "www.free.org", "text", USED),
        ("1" * 32, "www.held.org", "text", TARGET),
        ("2" * 32, "a.checked.org", LINE, VALIDATION),
        ("3" * 32, "free.org", f"before\n  {LINE}\nafter", LEAK),
        ("4" * 32, "free.org", " short\n", LEAK),
        ("5" * 32, "free.org", "before\nshort\nafter", USED),
        ("6" * 32, None, "text", USED),
        ("7" * 32, None, "text", TARGET),
    ]
    columns = [pa.array([row[n] for row in rows], pa.string()) for n in range(3)]
    batch = pa.record_batch(columns, names=["doc_id", "host", "text"])
    sets = [pa.array(v, pa.string()) for v in (drawn.domains, drawn.validation, drawn.whole, drawn.lines)]
    assert drawn._kinds(batch, *sets).tolist() == [row[3] for row in rows]
