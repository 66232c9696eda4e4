"""Reads the reference values in tests/golden, computed with other programs, and turns their rows into test cases."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any, NamedTuple

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "golden"
_WORDS = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}


class Row(NamedTuple):
    case_id: str
    method: str
    inputs: dict[str, Any]
    expected: dict[str, Any]
    tol: float
    source: str

    def near(self, value: Any) -> Any:
        """A number, or numbers in a row, to compare with: `assert got == row.near(row.expected["lower"])`."""
        return pytest.approx(value, abs=self.tol, rel=1e-13, nan_ok=True)


def _read(value: Any) -> Any:
    if isinstance(value, str):
        return _WORDS.get(value, value)
    if isinstance(value, list):
        return [_read(item) for item in value]
    return {key: _read(item) for key, item in value.items()} if isinstance(value, dict) else value


def all_rows(file: str) -> list[Row]:
    """Every row of tests/golden/`file`.csv."""
    with (FOLDER / f"{file}.csv").open(encoding="utf-8", newline="") as lines:
        return [
            Row(
                line["case_id"],
                line["method"],
                _read(json.loads(line["inputs"])),
                _read(json.loads(line["expected"])),
                float(line["tol"]),
                line["source"],
            )
            for line in csv.DictReader(lines)
        ]


def rows(file: str, *methods: str) -> list[Any]:
    """Parameters for a test: `@pytest.mark.parametrize("row", golden.rows("spc", "xmr", "p_chart"))`."""
    result = [row for row in all_rows(file) if row.method in methods]
    missing = set(methods) - {row.method for row in result}
    assert not missing, f"{file}.csv has no rows for {sorted(missing)}"
    return [pytest.param(row, id=row.case_id) for row in result]
