"""Show how a page is read, and why its rest is not: `python -m jobs.show page.html` or `… --run RUN URL`."""

import sys

from pipeline.cli import main, show_job

if __name__ == "__main__":
    sys.exit(main(show_job))
