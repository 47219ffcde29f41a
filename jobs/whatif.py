"""Tell what other limits would do: `python -m jobs.whatif RUN --set heuristics.min_words=30`."""

from pipeline.cli.limits import WHAT_IF
from pipeline.cli.process import run

if __name__ == "__main__":
    run(WHAT_IF)
