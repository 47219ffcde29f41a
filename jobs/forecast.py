"""Tell what more pages would take: `python -m jobs.forecast RUN … --pages 3e9`."""

from pipeline.cli.forecasting import FORECAST
from pipeline.cli.process import run

if __name__ == "__main__":
    run(FORECAST)
