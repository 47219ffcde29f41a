"""Find the mix that suits held-out texts, by small proxies: `python -m jobs.fit_mixture RUN --output mixture.yaml`."""

from pipeline.cli.experiments import FIT_MIXTURE
from pipeline.cli.process import run

if __name__ == "__main__":
    run(FIT_MIXTURE)
