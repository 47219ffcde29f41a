"""The pages of documentation as tests see them: parts that code writes, and commands that can be run.

`python -m tests.pages` says what is out of date, `python -m tests.pages --write` writes it anew.
"""
