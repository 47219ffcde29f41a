"""Write a stage's table out: `python -m jobs.export RUN STAGE DIRECTORY`."""

from pipeline.cli.looking import EXPORT
from pipeline.cli.process import run

if __name__ == "__main__":
    run(EXPORT)
