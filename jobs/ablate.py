"""Tell whether a stage helps: `python -m jobs.ablate RUN --without STAGE`."""

from pipeline.cli.experiments import ABLATE
from pipeline.cli.process import run

if __name__ == "__main__":
    run(ABLATE)
