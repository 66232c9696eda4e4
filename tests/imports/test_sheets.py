"""Files of paper and telephone answers: faults by line and column, each sheet once, corrected by its number."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from survey.cases.recording import Tally
from survey.collection.withdrawn_cases import Informant
from survey.errors import ImportRefused
from survey.imports import sheets
from survey.imports.faults import Findings
from survey.models import Channel, Placement, Respondent, Response
from survey.periods import local_day, now, parse
from survey.results import closing
from tests.support.factories import SECRET
from tests.support.figures import STANDARD
from tests.support.files import as_csv, named, refused, run

HEADERS = ("Số phiếu", "Mã đơn vị", "Ngày trả lời", "Kênh", "Mã thủ tục", "Đối tượng", "S1", "P2")
WHEN = dt.datetime(2026, 10, 20, 5, tzinfo=dt.UTC)
TODAY = local_day(WHEN)


def line(number: str, **other: str) -> tuple[str, ...]:
    usual = ("", "H61.50", "05/10/2026", "Giấy", "1.001193", "Người dân", "4", "")
    given = dict(zip(("n", "agency", "day", "channel", "procedure", "respondent", "s1", "s2"), usual, strict=True))
    return tuple((given | {"n": number} | other).values())


def told(session: Session, folder: Path, *rows: tuple[str, ...]) -> Tally:
    around = sheets.surroundings(session, TODAY)
    entries = sheets.check(around, as_csv(folder / "s.csv", [HEADERS, *rows]), Findings(), bool)
    return sheets.apply(session, SECRET, entries, Informant(WHEN))


def test_each_line_is_one_sheet_and_the_same_file_again_adds_none(session: Session, tmp_path: Path) -> None:
    rows = (line("1"), line("2", channel="Điện thoại", s1="Rất hài lòng", s2="2", respondent="", procedure=""))
    assert told(session, tmp_path, *rows) == Tally(2, 0, 0)
    assert told(session, tmp_path, *rows) == Tally(0, 2, 0)
    assert told(session, tmp_path, line("1", s1="1"), rows[1], line("3")) == Tally(1, 1, 1)
    columns = (Response.channel, Response.overall, Response.r1, Response.respondent, Response.day)
    stored = session.execute(sa.select(*columns).where(Response.counted).order_by(Response.overall)).all()
    day = dt.date(2026, 10, 5)
    assert [tuple(row) for row in stored] == [
        (Channel.PAPER, 1, None, Respondent.CITIZEN, day),
        (Channel.PAPER, 4, None, Respondent.CITIZEN, day),
        (Channel.TELEPHONE, 5, 2, None, day),
    ]
    assert session.scalar(sa.select(sa.func.count()).select_from(Placement)) == 2, "one pile each"


def test_every_fault_is_named_by_line_and_column_and_nothing_is_recorded(session: Session, tmp_path: Path) -> None:
    closing.close(session, parse("2026-09"), WHEN, STANDARD)
    rows = (
        line("1"),
        line("1"),
        line("2", agency="H99.99"),
        line("3", procedure="9.999999"),
        line("4", day="15/09/2026"),
        line("5", day="21/10/2026"),
        line("6", s1="6"),
        line("7", s1=""),
        line("8", channel="thư"),
        line("", s1="3"),
    )
    with pytest.raises(ImportRefused) as refused:
        told(session, tmp_path, *rows)
    assert named(refused.value) == {
        (3, "Số phiếu"),
        (4, "Mã đơn vị"),
        (5, "Mã thủ tục"),
        (6, "Ngày trả lời"),
        (7, "Ngày trả lời"),
        (8, "S1"),
        (9, "S1"),
        (10, "Kênh"),
        (11, "Số phiếu"),
    }
    assert session.scalar(sa.select(sa.func.count()).select_from(Response)) == 0


def test_the_command_records_them_and_says_so(app: Flask, session: Session, tmp_path: Path) -> None:
    session.commit()
    day = f"{local_day(now()):%d/%m/%Y}"
    path = as_csv(tmp_path / "s.csv", [HEADERS, line("1", day=day), line("2", day=day, s1="9")])
    refused(run(app, "import", "sheets", path))
    as_csv(path, [HEADERS, line("1", day=day), line("2", day=day)])
    done = run(app, "import", "sheets", path)
    assert done.exit_code == 0, done.output
    assert session.scalars(sa.select(Response.channel)).all() == [Channel.PAPER] * 2
