"""Write limits of languages from a run's signals: `python -m jobs.fit_thresholds RUN --output FILE`."""

from pipeline.cli.limits import FIT_LIMITS
from pipeline.cli.process import run

if __name__ == "__main__":
    run(FIT_LIMITS)
