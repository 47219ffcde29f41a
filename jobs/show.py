"""Show how a page is read, and why its rest is not: `python -m jobs.show page.html` or `… --run RUN URL`."""

from pipeline.cli.looking import SHOW
from pipeline.cli.process import run

if __name__ == "__main__":
    run(SHOW)
