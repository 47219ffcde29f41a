"""Labels for training from a large language model: documents in, verdicts out, each asked for once and none lost."""
