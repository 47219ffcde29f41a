"""Judge a stage's closest decisions: `python -m jobs.review RUN --stage dedup_document --borderline 50`."""

from pipeline.cli.judging import REVIEW
from pipeline.cli.process import run

if __name__ == "__main__":
    run(REVIEW)
