"""Print where decisions, inputs, release or a stage's exported table lie: `python -m jobs.locate RUN STAGE`."""

from pipeline.cli import locate_job, run

if __name__ == "__main__":
    run(locate_job)
