"""Pages of a user's tables are read again as ingest met them, whatever their HTML is stored as."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.inputs.files import part_of
from pipeline.inputs.pages import table_pages
from pipeline.kernels.urls.addresses import content_hash

PAGES = [b"<p>Rye and oats.", "<meta charset=latin-1><p>Mühle".encode("latin-1")]


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary()])
def test_bytes_in_any_charset_are_pages(tmp_path: Path, kind: pa.DataType) -> None:
    pq.write_table(pa.table({"html": pa.array(PAGES, kind)}), tmp_path / "pages.parquet")
    pages = list(table_pages(part_of(str(tmp_path / "pages.parquet")), {0, 1}, "html"))
    assert [(page.offset, page.body_hash) for page in pages] == [
        (0, content_hash(PAGES[0])),
        (1, content_hash(PAGES[1])),
    ]
    assert "Mühle" in pages[1].source.decode()


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_text_is_known_by_its_bytes(tmp_path: Path, kind: pa.DataType) -> None:
    pq.write_table(pa.table({"html": pa.array(["<p>Mühle", None], kind)}), tmp_path / "pages.parquet")
    (page,) = table_pages(part_of(str(tmp_path / "pages.parquet")), {0, 1}, "html")
    assert (page.source.decode(), page.body_hash) == ("<p>Mühle", content_hash("<p>Mühle".encode()))
