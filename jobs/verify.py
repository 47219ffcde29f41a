"""Check a release, byte by byte and row by row: `python -m jobs.verify RELEASE`."""

from pipeline.cli.process import run
from pipeline.cli.releases import VERIFY

if __name__ == "__main__":
    run(VERIFY)
