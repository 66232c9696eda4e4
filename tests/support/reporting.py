"""A small province's answers, its report, and the report's files read back by other programs."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import docx
import openpyxl
from sqlalchemy.orm import Session

from survey import reports
from survey.models import Channel
from survey.periods import parse
from survey.reports import Report
from survey.reports.issuing import Issuing
from survey.results.scope import Reader, scope_for
from tests.support import factories
from tests.support.figures import STANDARD

FILES = ("docx", "xlsx", "csv", "json", "csv-excel")
NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)


@dataclass(frozen=True)
class WrittenReport:
    """A report and its files."""

    report: Report
    document: Path
    book: Path
    flat: Path
    data: Path
    words: Path  # the .csv for Excel
    pdf: Path
    paragraph: Path

    @property
    def files(self) -> tuple[Path, Path, Path, Path]:
        """Four that hold all figures, as they are written."""
        return self.document, self.book, self.flat, self.data


def answers(session: Session) -> None:
    """Some of everything: a unit that meets the target, one that misses it, few answers, none, open and kiosk."""
    for agency, ratings in {"H61.50": [5] * 40, "H61.51": [2] * 20 + [4] * 15, "H61.1": [3, 5]}.items():
        for rating in ratings:
            factories.response(session, rating, agency, when=NOON, ratings={"r1": rating, "r3": 9})
    factories.response(session, 1, "H61.50", "2.000815", when=NOON - dt.timedelta(days=31))
    for rating in (4, 1, 5):
        factories.response(session, rating, "H61.51", when=NOON, channel=Channel.OPEN)
    factories.response(session, 2, "H61.1", when=NOON, channel=Channel.KIOSK)
    for agency in ("H61.51", "H61.1"):
        for _ in range(30):
            factories.case(session, agency, finished=NOON.date())


def build(
    session: Session,
    language: str = "vi",
    code: str = "2026-10",
    agency: str = "H61",
    basis: str = "calendar",
    target: str = "0.90",
    today: dt.date = dt.date(2026, 11, 20),
    fewest: int = STANDARD.fewest,
    reader: Reader = Reader.PROVINCE,
    issuing: Issuing | None = None,
) -> Report:
    scope = scope_for(session, parse(code, basis), factories.agency_id(session, agency), reader=reader)
    standard = replace(STANDARD, target=target, fewest=fewest)
    report = reports.build(session, scope, standard, today, language=language)
    return report if issuing is None else replace(report, issuing=issuing)


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of the .csv for programs, by key."""
    raw = path.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf") and b"\r" not in raw
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8"))))


def read_words(path: Path) -> list[dict[str, str]]:
    """The rows of the .csv for Excel, by head."""
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))


def read_xlsx(path: Path, sheet: int | str = 1) -> list[dict[str, Any]]:
    """The rows of a sheet by head: of the units, or of the one named or at that place."""
    book = openpyxl.load_workbook(path)
    head, *rows = (book[sheet] if isinstance(sheet, str) else book.worksheets[sheet]).iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} in a .json")


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


def spoken(path: Path) -> str:
    document = docx.Document(str(path))
    parts = [p.text for p in document.paragraphs]
    return "\n".join(parts + [c.text for t in document.tables for row in t.rows for c in row.cells])
