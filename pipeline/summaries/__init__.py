"""What a run wrote as small tables for dashboards, a module each; read from committed tables alone, batch by batch."""
