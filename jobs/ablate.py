"""Tell whether a stage helps: `python -m jobs.ablate RUN --without STAGE`."""

from pipeline.cli import ablate_job, run

if __name__ == "__main__":
    run(ablate_job)
