"""Reports tell how many cases were finished late and what became of the letters about them, where any are written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import docx
import pytest
from sqlalchemy.orm import Session

from survey import reports
from survey.apologies import steps
from survey.apologies.steps import ApologyStep
from survey.periods import parse
from survey.reports import Report
from survey.results.scope import scope_for
from tests.support import factories, reporting
from tests.support.apologies import FINISHED, NOON, desk, late_case, letters, tell
from tests.support.figures import STANDARD

pytestmark = pytest.mark.usefixtures("vietnamese")
COUNTS = {
    "late_cases": 5,
    "letters": 5,
    "letters_drafted": 1,
    "letters_approved": 2,
    "letters_delivered": 0,
    "letters_handed_over": 1,
    "letters_declined": 1,
}


def built(session: Session, *, on: bool) -> Report:
    """Return the report of a month in which five cases were finished late, and of one before in which one was."""
    at = desk(session, "H61", "tinh")
    tell(session, *(late_case(number) for number in range(3)), *(late_case(number, "H61.51") for number in (3, 4)))
    september = FINISHED.replace(day=20, month=9)
    tell(session, late_case(5, finished=september, due=september.replace(day=17), received=None))
    chosen = [ApologyStep.APPROVE, ApologyStep.APPROVE, ApologyStep.HAND_OVER, ApologyStep.DECLINE]
    for step, letter in zip(chosen, letters(session), strict=False):
        steps.take(session, at, letter.id, letter.turn, step, NOON, reason="Đã gặp người nộp hồ sơ.")
    scope = scope_for(session, parse("2026-10"), factories.agency_id(session, "H61"))
    return reports.build(session, scope, replace(STANDARD, apologies=on), NOON.date(), language="vi")


def test_every_format_tells_how_letters_of_apology_stand(session: Session, tmp_path: Path) -> None:
    report = built(session, on=True)
    written = reports.write(report, tmp_path, reporting.FILES)
    files = {file.suffix: file for file in written[:4]}
    assert reporting.read_json(files[".json"])["letters_of_apology"] == COUNTS
    document = docx.Document(str(files[".docx"]))
    [table] = [table for table in document.tables if "Hồ sơ trễ hẹn" in [cell.text for cell in table.rows[0].cells]]
    rows = [[cell.text for cell in row.cells] for row in table.rows][1:]
    assert [[*map(int, row[2:])] for row in rows][-1] == [*COUNTS.values()]
    assert sum(int(row[2]) for row in rows[:-1]) == 5 and len(rows) == 3
    sentence = "Hồ sơ giải quyết trễ hẹn: 5."
    assert any(sentence in paragraph.text for paragraph in document.paragraphs)
    for flat, heads in ((reporting.read_csv(files[".csv"]), [*COUNTS]), (reporting.read_words(written[4]), [*HEADS])):
        total, *others = [row for row in flat if row[heads[0]]]
        assert [int(total[head]) for head in heads] == [*COUNTS.values()]
        assert sum(int(row[heads[0]]) for row in others) == 5
    units = reporting.read_xlsx(files[".xlsx"], "Đơn vị")
    assert [sum(row[head] for row in units) for head in HEADS] == [*COUNTS.values()]


HEADS = (
    "Hồ sơ trễ hẹn",
    "Thư đã soạn",
    "Thư chưa quyết định",
    "Thư đã duyệt",
    "Thư đã gửi đến",
    "Thư đã trao bản giấy",
    "Thư không gửi",
)


def test_where_no_letters_are_written_no_report_speaks_of_them(session: Session, tmp_path: Path) -> None:
    report = built(session, on=False)
    files = {file.suffix: file for file in reports.write(report, tmp_path, ["docx", "xlsx", "csv", "json"])}
    assert reporting.read_json(files[".json"])["letters_of_apology"] is None
    document = docx.Document(str(files[".docx"]))
    assert "trễ hẹn" not in "".join(paragraph.text for paragraph in document.paragraphs)
    assert "Hồ sơ trễ hẹn" not in reporting.read_xlsx(files[".xlsx"], "Đơn vị")[0]
    assert {row["late_cases"] for row in reporting.read_csv(files[".csv"])} == {""}
