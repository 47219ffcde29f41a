"""Tell what differs between two runs: `python -m jobs.compare RUN RUN2 --fail-over 0.5%`."""

from pipeline.cli.judging import COMPARE
from pipeline.cli.process import run

if __name__ == "__main__":
    run(COMPARE)
