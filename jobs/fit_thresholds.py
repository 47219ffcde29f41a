"""Write limits of languages from a run's signals: `python -m jobs.fit_thresholds RUN --output FILE`."""

import sys

from pipeline.cli import main, thresholds_job
from pipeline.spark.session import stop_session

if __name__ == "__main__":
    try:
        code = main(thresholds_job)
    finally:
        stop_session()
    sys.exit(code)
