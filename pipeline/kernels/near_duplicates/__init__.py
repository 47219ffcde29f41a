"""Near-duplicates: MinHash signatures, bands, and who survives (Leskovec et al., chapter 3)."""
