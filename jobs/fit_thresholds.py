"""Write limits of languages from a run's signals: `python -m jobs.fit_thresholds RUN --output FILE`."""

from pipeline.cli import run, thresholds_job

if __name__ == "__main__":
    run(thresholds_job)
