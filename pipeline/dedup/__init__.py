"""De-duplication over a whole corpus: integers travel, packed; texts and signatures stay with their parts."""
