"""Counts of the national portal: what a line says, what is corrected by a later file, and what cannot be true."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit.acts import Act
from survey.cases.recording import Tally
from survey.errors import ImportRefused
from survey.imports import portal_counts
from survey.imports.faults import Findings
from survey.models import AuditEntry, PortalCount
from survey.organisation.agencies import spans
from tests.support import factories
from tests.support.commands import hailong
from tests.support.files import as_csv, named

HEADERS = (
    "Mã đơn vị",
    "Từ ngày",
    "Đến ngày",
    "Hồ sơ đã tiếp nhận, giải quyết",
    "Hồ sơ quá hạn",
    "Hồ sơ không hài lòng hoặc có phản ánh, kiến nghị",
    "Hồ sơ vừa quá hạn vừa không hài lòng",
    "Phản ánh, kiến nghị đã xử lý",
    "Phản ánh, kiến nghị đúng hạn",
    "Phản ánh, kiến nghị hài lòng",
    "Nguồn",
)
ROW = ("H61", "01/08/2026", "31/08/2026", "184.513", "39000", "939", "0", "247", "182", "137", "")
WHEN = dt.datetime(2026, 9, 2, 3, tzinfo=dt.UTC)


def line(**changed: str) -> tuple[str, ...]:
    places = {"agency": 0, "first": 1, "last": 2, "handled": 3, "late": 4, "disliked": 5, "both": 6}
    places |= {"petitions": 7, "on_time": 8, "satisfied": 9, "source": 10}
    row = list(ROW)
    for name, value in changed.items():
        row[places[name]] = value
    return tuple(row)


def entries(session: Session, folder: Path, *rows: tuple[str, ...]) -> list[portal_counts.PortalEntry]:
    path = as_csv(folder / "p.csv", [HEADERS, *rows])
    return portal_counts.check(path, spans(session), Findings(), bool)


def faults(session: Session, folder: Path, *rows: tuple[str, ...]) -> set[tuple[int, str]]:
    with pytest.raises(ImportRefused) as refused:
        entries(session, folder, *rows)
    return named(refused.value)


def test_a_line_is_recorded_once_and_corrected_by_a_later_file(session: Session, tmp_path: Path) -> None:
    assert portal_counts.apply(session, entries(session, tmp_path, line()), WHEN) == Tally(1, 0)
    row = session.scalars(sa.select(PortalCount)).one()
    assert (row.handled, row.late, row.disliked, row.late_and_disliked) == (184_513, 39_000, 939, 0)
    assert (row.petitions, row.petitions_on_time, row.petitions_satisfied) == (247, 182, 137)
    assert (row.first, row.last, row.source) == (dt.date(2026, 8, 1), dt.date(2026, 8, 31), portal_counts.PORTAL)
    assert portal_counts.apply(session, entries(session, tmp_path, line()), WHEN) == Tally(0, 1)
    corrected = entries(session, tmp_path, line(late="38999", both=""), line(first="01/07/2026", last="30/09/2026"))
    assert portal_counts.apply(session, corrected, WHEN) == Tally(1, 0, 1)
    session.expire_all()
    assert (row.late, row.late_and_disliked) == (38_999, None)


def test_petitions_and_the_overlap_may_be_missing(session: Session, tmp_path: Path) -> None:
    path = as_csv(tmp_path / "p.csv", [HEADERS[:6], line()[:6]])
    [entry] = portal_counts.check(path, spans(session), Findings(), bool)
    assert (entry.late_and_disliked, entry.petitions, entry.petitions_satisfied) == (None, None, None)


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"agency": "H99.1"}, "Mã đơn vị"),
        ({"last": "30/08/2026"}, "Đến ngày"),
        ({"last": "31/07/2026"}, "Đến ngày"),
        ({"late": "184514"}, "Hồ sơ quá hạn"),
        ({"disliked": "200000"}, "Hồ sơ không hài lòng hoặc có phản ánh, kiến nghị"),
        ({"both": "940"}, "Hồ sơ vừa quá hạn vừa không hài lòng"),
        ({"handled": "39100", "both": "10"}, "Hồ sơ vừa quá hạn vừa không hài lòng"),
        ({"handled": "12,5"}, "Hồ sơ đã tiếp nhận, giải quyết"),
        ({"handled": "-3"}, "Hồ sơ đã tiếp nhận, giải quyết"),
        ({"petitions": ""}, "Phản ánh, kiến nghị đúng hạn"),
        ({"on_time": "248"}, "Phản ánh, kiến nghị đúng hạn"),
        ({"satisfied": "248"}, "Phản ánh, kiến nghị hài lòng"),
    ],
)
def test_what_cannot_be_true_is_named_by_line_and_column(
    session: Session, tmp_path: Path, changed: dict[str, str], column: str
) -> None:
    assert faults(session, tmp_path, line(first="01/07/2026", last="31/07/2026"), line(**changed)) == {(3, column)}


def test_two_lines_of_the_same_agency_and_days_are_refused(session: Session, tmp_path: Path) -> None:
    assert faults(session, tmp_path, line(), line(late="1")) == {(3, "Mã đơn vị")}


@pytest.mark.parametrize("days", ["2026-08-01 2026-08-31", "2026-07-15 2026-08-14", "2026-01-01 2026-12-31"])
def test_days_name_a_period_of_either_basis(days: str) -> None:
    first, last = map(dt.date.fromisoformat, days.split())
    period = portal_counts.period_of(first, last)
    assert period is not None
    assert (period.first, period.last) == (first, last)


def test_the_command_imports_them_on_record(session: Session, database_url: str, tmp_path: Path) -> None:
    path = as_csv(tmp_path / "p.csv", [HEADERS, line(agency="H61.50")])
    session.commit()
    done = hailong("import", "portal-counts", path, DATABASE_URL=database_url, SECRET_KEY=factories.SECRET)
    assert done.returncode == 0, done.stderr
    acts = sa.select(AuditEntry.about).where(AuditEntry.act == Act.PORTAL_COUNTS_IMPORTED.value)
    assert session.scalars(acts).one()["added"] == 1
    row = session.scalars(sa.select(PortalCount)).one()
    assert row.agency_id == factories.agency_id(session, "H61.50")
