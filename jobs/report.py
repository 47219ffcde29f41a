"""Write a run as one page of HTML: `python -m jobs.report RUN -o report.html`."""

from pipeline.cli.process import run
from pipeline.cli.seeing import REPORT

if __name__ == "__main__":
    run(REPORT)
