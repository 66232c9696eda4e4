"""Benchmarks: every module here with a `run()` is one, and prints its own table."""
