"""Write a report in the formats asked for; a file appears whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from survey.i18n import speaking
from survey.reports.report import Report

FORMATS = ("docx", "pdf", "xlsx", "csv", "json", "paragraph")
PRINTED = ("docx", "pdf", "paragraph")  # those that there is an edition of for everybody
ENDINGS = {"paragraph": "txt"}  # of files, where a format is not called by them


def write(report: Report, folder: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write a report's files into a folder, which is made if it is missing, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    with speaking(report.language):
        for name in formats:
            path = folder / f"{report.name}.{ENDINGS.get(name, name)}"
            unfinished = path.with_name(f".{path.name}.part")
            _writer(name)(report, unfinished)
            paths.append(unfinished.replace(path))
    return paths


def _writer(name: str) -> Callable[[Report, Path], None]:
    """Load what writes a format only when it is written: a web process names the formats and draws none."""
    writer: Callable[[Report, Path], None] = getattr(import_module(f"survey.reports.{name}"), f"write_{name}")
    return writer
