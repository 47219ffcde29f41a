"""Write the sample crawl: `python -m tests.sample DIRECTORY`."""

import argparse
from pathlib import Path

from tests.sample import write_sample

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.sample", description=__doc__)
    parser.add_argument("directory", type=Path, help="where to write the files; created if missing")
    for file in write_sample(parser.parse_args().directory):
        print(f"{file} ({file.stat().st_size:,} bytes)")
