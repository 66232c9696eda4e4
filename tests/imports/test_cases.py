"""Files of cases: what they may lack, what they must say, and that every fault is named once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from survey.audit.acts import Act
from survey.cases import recording
from survey.cases.recording import Tally
from survey.db import slices
from survey.models import AuditEntry, Case, Filing, Respondent
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.files import HEADERS, ROW, as_csv, changed, refused, run

NEEDED = (0, 1, 3, 6, 8)  # code, procedure, resolving agency, finished day, respondent


def fewest(row: tuple[str, ...]) -> tuple[str, ...]:
    """Return the cells that every case must have."""
    return tuple(row[place] for place in NEEDED)


def stored(session: Session) -> list[Case]:
    session.rollback()
    return list(session.scalars(sa.select(Case).order_by(Case.id)))


def test_a_file_may_lack_every_column_that_is_not_needed(app: Flask, session: Session, tmp_path: Path) -> None:
    session.rollback()
    assert run(app, "import", "cases", as_csv(tmp_path / "c.csv", [fewest(HEADERS), fewest(ROW)])).exit_code == 0
    (case,) = stored(session)
    assert case.receiving_agency_id == case.resolving_agency_id == factories.agency_id(session, "H61.50")
    assert (case.received_day, case.due_day, case.filing) == (None, None, None)
    assert (case.finished_day, case.respondent) == (dt.date(2026, 10, 5), Respondent.CITIZEN)


def test_cells_that_are_not_needed_may_be_empty(app: Flask, session: Session, tmp_path: Path) -> None:
    session.rollback()
    rows = [(*HEADERS, "Liên hệ"), (*changed(ROW, c2="", c4=" ", c5="", c7=""), "")]
    assert run(app, "import", "cases", as_csv(tmp_path / "c.csv", rows)).exit_code == 0
    as_csv(tmp_path / "c.csv", [HEADERS, changed(ROW, c8="doanh nghiệp", c7="Bưu điện")])
    assert run(app, "import", "cases", tmp_path / "c.csv").exit_code == 0
    (case,) = stored(session)
    assert (case.received_day, case.due_day) == (dt.date(2026, 10, 1), dt.date(2026, 10, 6))
    assert (case.filing, case.respondent) == (Filing.POST, Respondent.BUSINESS)


@pytest.mark.parametrize(
    ("word", "outcome"),
    [("Từ chối", 2), ("đã trả kết quả", 1), ("Công dân rút hồ sơ", 3), ("Refused", 2), ("", None), ("hết giấy", None)],
)
def test_how_a_case_ended_is_taken_in_many_words_and_a_strange_one_costs_no_case(
    app: Flask, session: Session, tmp_path: Path, word: str, outcome: int | None
) -> None:
    session.rollback()
    path = as_csv(tmp_path / "c.csv", [(*HEADERS, "Kết quả giải quyết"), (*ROW, word)])
    result = run(app, "import", "cases", path)
    assert result.exit_code == 0 and ("hết giấy" in result.output) == (word == "hết giấy")
    (case,) = stored(session)
    assert case.outcome == outcome and case.due_day == dt.date(2026, 10, 6)


def test_a_fault_of_the_one_agency_of_a_case_is_named_once(app: Flask, tmp_path: Path) -> None:
    early = changed(ROW, c2="", c4="", c5="", c6="05/10/2024")
    for rows in ([fewest(HEADERS), fewest(early)], [HEADERS, early], [HEADERS, changed(early, c2="H61.50")]):
        error = refused(run(app, "import", "cases", as_csv(tmp_path / "c.csv", rows)))
        assert [(fault.line, fault.column, fault.value) for fault in error.faults] == [
            (2, "Cơ quan giải quyết", "H61.50")
        ]


def test_an_agency_nobody_knows_is_warned_of_once_and_its_odd_shape_too(app: Flask, tmp_path: Path) -> None:
    for code, warnings in (("H61.50.7", 1), ("VL-TV.9", 2)):
        rows = [HEADERS, *(changed(ROW, c0=f"H61.50-261001-{i:04}", c2=code, c3=code) for i in range(3))]
        result = run(app, "import", "cases", as_csv(tmp_path / "c.csv", rows), "--lang", "en")
        assert result.output.count("No agency has the code") == 1
        assert result.output.count("unusual shape") == warnings - 1
        assert "Receiving" not in result.output


def test_a_day_in_a_fault_is_written_as_people_write_it(app: Flask, tmp_path: Path) -> None:
    rows = [HEADERS, changed(ROW, c6="2099-10-05")]
    error = refused(run(app, "import", "cases", as_csv(tmp_path / "c.csv", rows)))
    assert ("Ngày trả", "05/10/2099") in {(fault.column, fault.value) for fault in error.faults}


def test_a_case_that_stands_twice_alike_is_told(app: Flask, tmp_path: Path) -> None:
    result = run(app, "import", "cases", as_csv(tmp_path / "c.csv", [HEADERS, ROW, ROW]), "--lang", "en")
    assert "The same case stands in line 2 already; it counts once." in result.output


def test_a_file_is_recorded_in_slices_and_an_interruption_is_mended_by_a_repeat(
    app: Flask, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two slices others can write; what was recorded before an interruption is not doubled by the repeat."""
    session.rollback()
    monkeypatch.setattr(slices, "ROWS", 2)
    file = as_csv(tmp_path / "c.csv", [HEADERS, *(changed(ROW, c0=f"H61.50-261001-{i:04}") for i in range(5))])
    record, seen = recording.record, []

    def watched(writing: Session, *given: Any, **named: Any) -> Tally:
        with survey_of(app).database.session(writes=False) as other:
            seen.append(len(other.scalars(sa.select(Case.id)).all()))
        if seen == [0, 2]:
            raise Interrupted
        return record(writing, *given, **named)

    monkeypatch.setattr(recording, "record", watched)
    assert isinstance(run(app, "import", "cases", file).exception, Interrupted)
    assert len(stored(session)) == 2
    session.rollback()
    assert run(app, "import", "cases", file, "--dry-run").exit_code == 0
    assert len(stored(session)) == 2, "a dry run takes the slices too, and keeps none"
    session.rollback()
    result = run(app, "import", "cases", file, "--lang", "en")
    assert "5 read: 3 added, 2 unchanged, 0 updated." in result.output
    assert len(stored(session)) == 5
    entries = session.scalars(
        sa.select(AuditEntry).where(AuditEntry.act == Act.CASES_IMPORTED).order_by(AuditEntry.id)
    ).all()
    assert [entry.about for entry in entries] == [{"added": 3, "updated": 0, "unchanged": 2}]


class Interrupted(Exception):
    """What comes between two slices."""


@pytest.mark.parametrize("header", ["Ngày rút", "Ngày rút hồ sơ", "Withdrawn on", "NGAY RUT HO SO"])
def test_a_file_withdraws_cases_and_gives_back_those_whose_cell_is_empty(
    app: Flask, session: Session, tmp_path: Path, header: str
) -> None:
    session.rollback()
    for cell in ("", "05/10/2026", "05/10/2026", ""):
        for rows in ([(*HEADERS, header), (*ROW, cell)], [HEADERS, ROW]):  # a file without the column says nothing
            assert run(app, "import", "cases", as_csv(tmp_path / "c.csv", rows)).exit_code == 0
    (case,) = stored(session)
    entries = session.execute(sa.select(AuditEntry.act, AuditEntry.about).order_by(AuditEntry.id))
    assert [(act, about) for act, about in entries if act.startswith("case.")] == [
        (Act.CASE_WITHDRAWN, {"case": case.id, "day": "2026-10-05"}),
        (Act.CASE_RESTORED, {"case": case.id}),
    ]


def test_a_withdrawal_that_cannot_be_is_named_by_line_and_column(app: Flask, tmp_path: Path) -> None:
    file = as_csv(tmp_path / "c.csv", [(*HEADERS, "Ngày rút"), (*ROW, "30/09/2026")])
    error = refused(run(app, "import", "cases", file))
    assert [(fault.line, fault.column, fault.value) for fault in error.faults] == [(2, "Ngày rút", "30/09/2026")]
