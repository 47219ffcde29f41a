"""Print where decisions, inputs, release or a stage's exported table lie: `python -m jobs.locate RUN STAGE`."""

from pipeline.cli.looking import LOCATE
from pipeline.cli.process import run

if __name__ == "__main__":
    run(LOCATE)
