"""List where our definitions and datatrove's disagree: `python -m jobs.disagreements RUN`."""

import sys

from pipeline.cli import disagreements_job, main
from pipeline.spark.session import stop_session

if __name__ == "__main__":
    try:
        code = main(disagreements_job)
    finally:
        stop_session()
    sys.exit(code)
