"""The main job: `spark-submit jobs/curate.py --input 'warcs/*.warc.gz' --output runs/first`."""

import sys

try:
    from pipeline.cli.curating import CURATE
    from pipeline.cli.process import run
except ModuleNotFoundError as missing:
    sys.exit(
        f"error: {missing} in {sys.executable}: `make setup`, then `.venv/bin/spark-submit jobs/curate.py …`,"
        " or `python jobs/curate.py …` with the Python of that environment"
    )

if __name__ == "__main__":
    run(CURATE)
