"""Tell a page's whole story: `python -m jobs.explain RUN URL`."""

from pipeline.cli.looking import EXPLAIN
from pipeline.cli.process import run

if __name__ == "__main__":
    run(EXPLAIN)
