"""The main job: `spark-submit jobs/curate.py --input 'warcs/*.warc.gz' --output runs/first`."""

import sys

from pipeline.cli import curate_job, main
from pipeline.spark.session import stop_session

if __name__ == "__main__":
    try:
        code = main(curate_job)
    finally:
        stop_session()
    sys.exit(code)
