"""Take pages out of a release, and out of its run: `python -m jobs.takedown RELEASE --urls FILE --run RUN`."""

from pipeline.cli.process import run
from pipeline.cli.releases import TAKEDOWN

if __name__ == "__main__":
    run(TAKEDOWN)
