"""Tell what other limits would do: `python -m jobs.whatif RUN --set heuristics.min_words=30`."""

from pipeline.cli import run, whatif_job

if __name__ == "__main__":
    run(whatif_job)
