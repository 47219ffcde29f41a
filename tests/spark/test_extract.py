"""What extract's Arrow hop does in a worker."""

import logging
from typing import Literal, cast

import pyarrow as pa
import pytest

from pipeline.pages import Page
from pipeline.parts import Part
from pipeline.stage import SideTables
from pipeline.stages.extract import ExtractParams, measure_extract

ODD = ["", "<p>x", "<html><body></body></html>", "\0", "<a href='http://[::1'>broken</a>" * 50, "<div>" * 5000]


@pytest.mark.parametrize("engine", ["auto", "trafilatura"])
def test_odd_pages_leave_no_line_in_a_worker_s_log(
    engine: Literal["auto", "trafilatura"], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    urls = ["http://[::1", "https://mill.test/"] * 3
    keys = pa.record_batch({"source_url": urls, "warc_offset": list(range(len(ODD))), "body_bytes": [9] * len(ODD)})
    pages = [Page(offset, html) for offset, html in enumerate(ODD)]
    params = ExtractParams(engine=engine)
    part = Part("odd", "odd.warc", "odd.warc", 0, "")
    rows = list(measure_extract(iter([keys]), part, params, cast(SideTables, None), lambda *_: iter(pages)))
    assert sum(batch.num_rows for batch in rows) == len(ODD)
    assert not caplog.records
    assert capfd.readouterr() == ("", "")
