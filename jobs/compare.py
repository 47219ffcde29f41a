"""Tell what differs between two runs: `python -m jobs.compare RUN RUN2 --fail-over 0.5%`."""

from pipeline.cli import compare_job, run

if __name__ == "__main__":
    run(compare_job)
