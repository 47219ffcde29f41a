"""Write a stage's table out: `python -m jobs.export RUN STAGE DIRECTORY`."""

import sys

from pipeline.cli import export_job, main

if __name__ == "__main__":
    sys.exit(main(export_job))
