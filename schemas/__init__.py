"""Names, types and comments of columns, tables and drop reasons: no behaviour."""
