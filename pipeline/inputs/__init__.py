"""The files that a run reads: what the user named, tables, pages, and streams that outlive a cut connection."""
