"""Files of procedures: which row a line speaks of, what it may lack, and what is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.cases.recording import Tally
from survey.errors import ImportRefused
from survey.imports import procedures
from survey.imports.faults import Findings
from survey.models import DeliveryLevel, Procedure
from tests.support.files import as_csv, named

HEADERS = ("Mã TTHC", "Tên TTHC", "Tên tiếng Anh", "Lĩnh vực", "Lĩnh vực tiếng Anh", "Mức độ", "Từ ngày", "Đến ngày")
ROW = ("1.013978", "Đăng ký đất đai", "Land registration", "Đất đai", "Land", "Toàn trình", "01/01/2026", "")


def line(*, name: str = ROW[1], level: str = ROW[5], first: str = ROW[6], last: str = ROW[7]) -> tuple[str, ...]:
    return (ROW[0], name, *ROW[2:5], level, first, last)


def told(session: Session, folder: Path, *rows: tuple[str, ...]) -> Tally:
    entries = procedures.check(as_csv(folder / "p.csv", [HEADERS, *rows]), Findings(), bool)
    return procedures.apply(session, entries)


def faults(folder: Path, *rows: tuple[str, ...]) -> set[tuple[int, str]]:
    with pytest.raises(ImportRefused) as refused:
        procedures.check(as_csv(folder / "p.csv", [HEADERS, *rows]), Findings(), bool)
    return named(refused.value)


def stored(session: Session) -> list[tuple[str, dt.date, dt.date | None]]:
    found = sa.select(Procedure).where(Procedure.code == ROW[0]).order_by(Procedure.valid_from)
    return [(one.name["vi"], one.valid_from, one.valid_to) for one in session.scalars(found)]


def test_a_line_speaks_of_its_first_day_or_of_the_newest_row(session: Session, tmp_path: Path) -> None:
    new, old = line(name="Mới"), line(name="Cũ", first="01/07/2025", last="31/12/2025")
    assert told(session, tmp_path, new, old) == Tally(2, 0, 0)
    assert told(session, tmp_path, old, new) == Tally(0, 2, 0)
    assert told(session, tmp_path, line(name="Mới nhất", first="")) == Tally(0, 0, 1)
    assert stored(session) == [
        ("Cũ", dt.date(2025, 7, 1), dt.date(2025, 12, 31)),
        ("Mới nhất", dt.date(2026, 1, 1), None),
    ]


def test_a_procedure_of_unknown_age_is_taken_and_known_again(session: Session, tmp_path: Path) -> None:
    fewest = (ROW[0], ROW[1], "", ROW[3], "", ROW[5], "", "")
    assert told(session, tmp_path, fewest) == Tally(1, 0)
    assert told(session, tmp_path, fewest) == Tally(0, 1)
    assert stored(session) == [(ROW[1], dt.date(2000, 1, 1), None)]
    one = session.scalars(sa.select(Procedure).where(Procedure.code == ROW[0])).one()
    assert (one.name, one.field) == ({"vi": ROW[1]}, {"vi": ROW[3]})


@pytest.mark.parametrize(
    ("level", "delivery"),
    [
        ("toàn trình", DeliveryLevel.FULLY_ONLINE),
        ("Trực tuyến một phần", DeliveryLevel.PARTLY_ONLINE),
        ("Chủ động", DeliveryLevel.PROACTIVE),
        *((f"Mức độ {number}", DeliveryLevel(10 + number)) for number in range(1, 5)),
    ],
)
def test_every_level_of_delivery_is_read(session: Session, tmp_path: Path, level: str, delivery: DeliveryLevel) -> None:
    told(session, tmp_path, line(level=level))
    assert session.scalars(sa.select(Procedure.delivery).where(Procedure.code == ROW[0])).one() == delivery


def test_two_lines_of_one_first_day_and_an_end_before_it_are_refused(tmp_path: Path) -> None:
    rows = (line(), line(name="Khác"), line(first="02/01/2026", last="01/01/2026"))
    assert faults(tmp_path, *rows) == {(3, "Mã TTHC"), (4, "Đến ngày")}


def test_a_procedure_may_last_one_day_and_end_on_a_day_without_a_known_first(session: Session, tmp_path: Path) -> None:
    assert told(session, tmp_path, line(last="01/01/2026"), line(first="", last="31/12/2025")) == Tally(2)


def test_a_name_is_as_long_as_its_column_holds(session: Session, tmp_path: Path) -> None:
    assert told(session, tmp_path, line(name="ă" * 1000)) == Tally(1)
    assert faults(tmp_path, line(name="ă" * 1001)) == {(2, "Tên TTHC")}


def test_a_column_that_a_file_lacks_erases_nothing(session: Session, tmp_path: Path) -> None:
    told(session, tmp_path, line(last="31/12/2026"))
    fewest = (0, 1, 3, 5)
    for columns, tally in ((fewest, Tally(0, 1)), ((*fewest, 6), Tally(0, 1)), (range(8), Tally(0, 0, 1))):
        rows = [tuple(row[place] for place in columns) for row in (HEADERS, (*ROW[:2], "", ROW[3], "", *ROW[5:]))]
        entries = procedures.check(as_csv(tmp_path / "p.csv", rows), Findings(), bool)
        assert procedures.apply(session, entries) == tally
        one = session.scalars(sa.select(Procedure).where(Procedure.code == ROW[0])).one()
        cleared = tally.updated
        assert one.name == {"vi": ROW[1]} | ({} if cleared else {"en": ROW[2]})
        assert one.field == {"vi": ROW[3]} | ({} if cleared else {"en": ROW[4]})
        assert one.valid_to == (None if cleared else dt.date(2026, 12, 31))
