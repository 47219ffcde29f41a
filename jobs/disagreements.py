"""List where our definitions and datatrove's disagree: `python -m jobs.disagreements RUN`."""

from pipeline.cli.limits import COMPARE_DATATROVE
from pipeline.cli.process import run

if __name__ == "__main__":
    run(COMPARE_DATATROVE)
