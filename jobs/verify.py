"""Check a release, byte by byte and row by row: `python -m jobs.verify RELEASE`."""

from pipeline.cli import run, verify_job

if __name__ == "__main__":
    run(verify_job)
