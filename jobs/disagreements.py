"""List where our definitions and datatrove's disagree: `python -m jobs.disagreements RUN`."""

from pipeline.cli import disagreements_job, run

if __name__ == "__main__":
    run(disagreements_job)
