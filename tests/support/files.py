"""Files of the province as the tests write them, and how their commands are run."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from click.testing import Result
from flask import Flask

from analysis.sheet_rows import Cell
from survey.cli import cli
from survey.errors import ImportRefused
from survey.i18n import speaking
from survey.imports import reading

HEADERS = (
    "Mã hồ sơ",
    "Mã TTHC",
    "Cơ quan tiếp nhận",
    "Cơ quan giải quyết",
    "Ngày tiếp nhận",
    "Ngày hẹn trả",
    "Ngày trả",
    "Kênh nộp",
    "Đối tượng",
)
ENGLISH = (
    "CASE CODE",
    "procedure_code",
    "Receiving agency",
    "resolving  agency",
    "received",
    "Due day",
    "Finished",
    "filing",
    "respondent",
)
ROW = ("H61.50-261001-0001", "1.001193", "H61.51", "H61.50", "01/10/2026", "2026-10-06", "05/10/2026", "2", "Người dân")
AGENCY_HEADERS = ("code", "name_vi", "name_en", "level", "parent", "valid_from", "valid_to", "successor")


def feed(number: int) -> list[tuple[str, ...]]:
    return [(f"H61.50-261001-{i:04}", *ROW[1:]) for i in range(number)]


def changed(row: tuple[str, ...], **cells: str) -> tuple[str, ...]:
    return tuple(cells.get(f"c{i}", cell) for i, cell in enumerate(row))


def as_csv(path: Path, rows: list[tuple[str, ...]], encoding: str = "utf-8", separator: str = ",") -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def lines(path: Path) -> list[tuple[int, list[Cell]]]:
    """Return the rows of the first table of a file."""
    with reading.opened(path) as sheets:
        return [(row.number, row.cells) for row in reading.lines(sheets[0])]


def run(app: Flask, *arguments: str | Path) -> Result:
    with speaking("vi"):  # as the program itself does before a command
        return app.test_cli_runner().invoke(cli, [str(argument) for argument in arguments])


def refused(result: Result) -> ImportRefused:
    assert isinstance(result.exception, ImportRefused), result.output
    return result.exception


def named(error: ImportRefused) -> set[tuple[int, str]]:
    return {(fault.line, fault.column) for fault in error.faults}
