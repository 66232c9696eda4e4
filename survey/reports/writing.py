"""Write a report in the formats asked for; a file appears whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from survey.i18n import speaking
from survey.reports.report import Report

FORMATS = ("docx", "xlsx", "csv", "json")


def write(report: Report, folder: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write a report's files into a folder, which is made if it is missing, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    with speaking(report.language):
        for ending in formats:
            path = folder / f"{report.name}.{ending}"
            unfinished = path.with_name(f".{path.name}.part")
            _writer(ending)(report, unfinished)
            paths.append(unfinished.replace(path))
    return paths


def _writer(ending: str) -> Callable[[Report, Path], None]:
    """Load what writes a format only when it is written: a web process names the formats and draws none."""
    writer: Callable[[Report, Path], None] = getattr(import_module(f"survey.reports.{ending}"), f"write_{ending}")
    return writer
