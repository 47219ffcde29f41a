"""Print where decisions, inputs, release or a stage's exported table lie: `python -m jobs.locate RUN STAGE`."""

import sys

from pipeline.cli import locate_job, main

if __name__ == "__main__":
    sys.exit(main(locate_job))
