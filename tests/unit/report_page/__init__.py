"""Tests of `pipeline.report_page`."""
