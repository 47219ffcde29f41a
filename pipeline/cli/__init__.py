"""The command lines: `gristmill COMMAND`, and the same commands as `python -m jobs.…` and under `spark-submit`."""
