"""Write a report in the formats asked for; a file appears whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from survey.i18n import speaking
from survey.reports.csv import write_csv
from survey.reports.docx import write_docx
from survey.reports.json import write_json
from survey.reports.report import Report
from survey.reports.xlsx import write_xlsx

FORMATS: dict[str, Callable[[Report, Path], None]] = {
    "docx": write_docx,
    "xlsx": write_xlsx,
    "csv": write_csv,
    "json": write_json,
}


def write(report: Report, folder: Path, formats: Sequence[str] = tuple(FORMATS)) -> list[Path]:
    """Write a report's files into a folder, which is made if it is missing, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    with speaking(report.language):
        for ending in formats:
            path = folder / f"{report.name}.{ending}"
            unfinished = path.with_name(f".{path.name}.part")
            FORMATS[ending](report, unfinished)
            paths.append(unfinished.replace(path))
    return paths
