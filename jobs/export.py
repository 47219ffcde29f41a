"""Write a stage's table out: `python -m jobs.export RUN STAGE DIRECTORY`."""

from pipeline.cli import export_job, run

if __name__ == "__main__":
    run(export_job)
