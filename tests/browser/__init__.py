"""Tests in a real browser: what people see, type and are not harmed by."""
