"""Judge a stage's closest decisions: `python -m jobs.review RUN --stage dedup_document --borderline 50`."""

from pipeline.cli import review_job, run

if __name__ == "__main__":
    run(review_job)
