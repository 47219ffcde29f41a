"""A small crawl that the project generates for itself: every record is there for a reason.

`python -m tests.sample DIRECTORY` writes it; `expected_fates()` says what each record is for.
`frequent_lines()` are the lines that line de-duplication should find; `SIX_TIMES_LINE` is the one that it should leave.
"""

from tests.sample.catalog import FILES, expected_fates, write_sample
from tests.sample.fates import Category, Fate, Kind
from tests.sample.markup import SIX_TIMES_LINE
from tests.sample.pages import frequent_lines

__all__ = ["FILES", "SIX_TIMES_LINE", "Category", "Fate", "Kind", "expected_fates", "frequent_lines", "write_sample"]
