"""The main job: `spark-submit jobs/curate.py --input 'warcs/*.warc.gz' --output runs/first`."""

import sys

from pipeline.cli import curate_job, main

if __name__ == "__main__":
    sys.exit(main(curate_job))
