"""Rules over stored signals: what they ask of which documents, and what another limit would do."""
