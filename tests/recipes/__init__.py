"""Recipes on the sample crawl: stand-ins for models that cannot be had, and the funnels that are expected."""
