"""Tell a page's whole story: `python -m jobs.explain RUN URL`."""

import sys

from pipeline.cli import explain_job, main

if __name__ == "__main__":
    sys.exit(main(explain_job))
