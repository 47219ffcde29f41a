"""Show how a page is read, and why its rest is not: `python -m jobs.show page.html` or `… --run RUN URL`."""

from pipeline.cli import run, show_job

if __name__ == "__main__":
    run(show_job)
