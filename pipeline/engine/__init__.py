"""How a stage runs: its contract, its parameters, what of its results is reused, and what is written."""
