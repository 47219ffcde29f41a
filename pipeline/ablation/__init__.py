"""Does a step help? Two releases of as many tokens, with and without a stage, a control, and small proxies' losses."""
