"""What trainings refuse."""


class ExamplesError(Exception):
    """Nothing can be learnt from these examples."""
