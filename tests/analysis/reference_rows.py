"""Read the rows of golden files as test parameters: inputs, expected values, absolute tolerance."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent.parent / "golden"


def rows(file: str, *methods: str):
    with (GOLDEN / f"{file}.csv").open(encoding="utf-8", newline="") as source:
        return [
            pytest.param(json.loads(row["inputs"]), json.loads(row["expected"]), float(row["tol"]), id=row["case_id"])
            for row in csv.DictReader(source)
            if row["method"] in methods
        ]


def number(value) -> float:
    return float(value) if isinstance(value, str) else value
