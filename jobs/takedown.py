"""Take pages out of a release, and out of its run: `python -m jobs.takedown RELEASE --urls FILE --run RUN`."""

from pipeline.cli import run, takedown_job

if __name__ == "__main__":
    run(takedown_job)
