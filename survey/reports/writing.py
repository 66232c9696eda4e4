"""Write a report in the formats asked for: a file appears whole or not at all, the same report as the same bytes."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from survey.i18n import speaking
from survey.reports.report import Report

FORMATS = ("docx", "pdf", "xlsx", "csv", "csv-excel", "json", "paragraph")
PRINTED = ("docx", "pdf", "paragraph")  # those that there is an edition of for everybody
ENDINGS = {"csv-excel": "csv", "paragraph": "txt"}  # of files, where a format is not called by them
ARCHIVES = ("docx", "xlsx")
DICTIONARY = "hailong_dictionary_{language}.csv"  # of the .csv files of a folder
_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</)")


def write(report: Report, folder: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write a report's files into a folder, which is made if it is missing, and return their paths.

    Beside a .csv its dictionary is written, too, which is not among them: it is one for all of a folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    with speaking(report.language):
        for name in formats:
            path = folder / file_name(report, name)
            unfinished = path.with_name(f".{path.name}.part")
            _writer(name)(report, unfinished)
            if name in ARCHIVES:
                set_moment(unfinished, report.as_of)
            paths.append(unfinished.replace(path))
        if "csv" in formats:
            from survey.reports.csv import dictionary

            beside = folder / DICTIONARY.format(language=report.language)
            beside.write_text(dictionary(), "utf-8", newline="")
    return paths


def file_name(report: Report, name: str) -> str:
    """Return what a report's file in a format is called."""
    return f"{report.name}{'_excel' if name == 'csv-excel' else ''}.{ENDINGS.get(name, name)}"


def set_moment(path: Path, moment: dt.datetime) -> None:
    """Rewrite a file that is an archive (.docx, .xlsx) so that nothing in it tells when and where it was written.

    Every part gets the time `moment`, in UTC, and they stand in the order of their names; what the file says of when it
    was created and changed is that moment, too.
    """
    moment = moment.astimezone(dt.UTC)
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in sorted(archive.namelist())}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            about = zipfile.ZipInfo(name, moment.timetuple()[:6])
            about.compress_type, about.create_system, about.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
            if name == "docProps/core.xml":
                content = _MOMENT.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            archive.writestr(about, content)


def _writer(name: str) -> Callable[[Report, Path], None]:
    """Load what writes a format only when it is written: a web process names the formats and draws none."""
    name = name.replace("-", "_")
    writer: Callable[[Report, Path], None] = getattr(import_module(f"survey.reports.{name}"), f"write_{name}")
    return writer
