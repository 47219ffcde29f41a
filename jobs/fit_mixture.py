"""Find the mix that suits held-out texts, by small proxies: `python -m jobs.fit_mixture RUN --output mixture.yaml`."""

from pipeline.cli import mixture_job, run

if __name__ == "__main__":
    run(mixture_job)
