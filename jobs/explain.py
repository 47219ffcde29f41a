"""Tell a page's whole story: `python -m jobs.explain RUN URL`."""

from pipeline.cli import explain_job, run

if __name__ == "__main__":
    run(explain_job)
