"""Tell what other limits would do: `python -m jobs.whatif RUN --set heuristics.min_words=30`."""

import sys

from pipeline.cli import main, whatif_job
from pipeline.spark.session import stop_session

if __name__ == "__main__":
    try:
        code = main(whatif_job)
    finally:
        stop_session()
    sys.exit(code)
