"""Figures of earlier systems: checked by line and column, shown apart, withdrawn as a whole."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.collection.withdrawn_cases import Informant
from survey.errors import ImportRefused, NotFound
from survey.imports import earlier
from survey.imports.faults import Findings
from survey.models import EarlierSystem, Role
from survey.periods import local_day, parse
from survey.results.earlier import earlier_rates, systems
from survey.results.figures import figures
from survey.results.scope import scope_for
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.files import as_csv, named
from tests.support.officials import official, sign_in, token_on
from tests.support.pages import check_page

HEADERS = ("Mã đơn vị", "Từ ngày", "Đến ngày", "Số phiếu", "Số hài lòng", "Nguồn", "Cách khảo sát")
WHEN = dt.datetime(2026, 11, 5, 5, tzinfo=dt.UTC)
SOURCE = "Hệ thống khảo sát cũ"


def line(**other: str) -> tuple[str, ...]:
    usual = ("H61", "01/09/2026", "30/09/2026", "1.200", "1100", SOURCE, "Máy tính bảng tại quầy")
    names = ("agency", "first", "last", "answered", "satisfied", "source", "method")
    return tuple((dict(zip(names, usual, strict=True)) | other).values())


def told(session: Session, folder: Path, *rows: tuple[str, ...]) -> None:
    entries = earlier.check(earlier.stored(session), as_csv(folder / "e.csv", [HEADERS, *rows]), Findings(), bool)
    earlier.apply(session, entries, Informant(WHEN))


def shown(session: Session, agency: str = "H61") -> list[tuple[str, int, float | None]]:
    scope = scope_for(session, parse("2026-10"), factories.agency_id(session, agency))
    return [(one.code, one.answered, one.rate) for one in earlier_rates(session, scope, replace(STANDARD, fewest=10))]


def test_figures_are_shown_for_their_own_agency_and_periods_and_judge_nothing(session: Session, tmp_path: Path) -> None:
    for _ in range(12):
        factories.response(session, 5, when=dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC))
    few = {"first": "01/08/2026", "last": "31/08/2026", "answered": "9", "satisfied": "9"}
    odd = {"first": "05/07/2026", "last": "20/07/2026"}
    ward = {"agency": "H61.50", "answered": "100", "satisfied": "50"}
    told(session, tmp_path, line(), line(**few), line(**odd), line(**ward))
    assert shown(session) == [("2026-08", 9, None), ("2026-09", 1200, 1100 / 1200)]
    assert shown(session, "H61.50") == [("2026-09", 100, 0.5)]
    for code, answered in (("2026-09", 0), ("2026-10", 12)):
        scope = scope_for(session, parse(code), factories.agency_id(session, "H61"))
        total = figures(session, scope, STANDARD, local_day(WHEN)).judged.total
        assert total.answered == answered, "nothing is added to ours"


def test_what_is_withdrawn_is_shown_no_more_and_may_come_again(session: Session, tmp_path: Path) -> None:
    told(session, tmp_path, line())
    with pytest.raises(ImportRefused) as twice:
        told(session, tmp_path, line())
    assert named(twice.value) == {(2, "Nguồn")}
    staff = official(session).id
    [listed] = systems(session)
    earlier.withdraw(session, listed.system.id, staff, WHEN)
    earlier.withdraw(session, listed.system.id, staff, WHEN)
    assert shown(session) == []
    told(session, tmp_path, line(satisfied="1000"))
    assert shown(session) == [("2026-09", 1200, 1000 / 1200)]
    with pytest.raises(NotFound):
        earlier.withdraw(session, 999_999, staff, WHEN)


def test_every_fault_is_named_by_line_and_column(session: Session, tmp_path: Path) -> None:
    rows = (
        line(agency="H99.99"),
        line(last="31/08/2026"),
        line(answered="10", satisfied="11"),
        line(answered="mười", source="A"),
        line(source="", method=""),
        line(source="B"),
        line(source="B"),
    )
    with pytest.raises(ImportRefused) as refused:
        told(session, tmp_path, *rows)
    assert named(refused.value) == {
        (2, "Mã đơn vị"),
        (3, "Đến ngày"),
        (4, "Số hài lòng"),
        (5, "Số phiếu"),
        (6, "Nguồn"),
        (6, "Cách khảo sát"),
        (8, "Mã đơn vị"),
    }
    assert session.scalar(sa.select(sa.func.count()).select_from(EarlierSystem)) == 0


def test_the_page_lists_and_withdraws_and_the_trend_shows_hollow_marks(
    app: Flask, client: FlaskClient, session: Session, tmp_path: Path
) -> None:
    for month in (8, 9, 10):
        for _ in range(12):
            factories.response(session, 4, when=dt.datetime(2026, month, 5, 5, tzinfo=dt.UTC))
    told(session, tmp_path, line(), line(first="01/07/2026", last="31/07/2026"))
    official(session, role=Role.ADMINISTRATOR)
    sign_in(client)
    overview = client.get("/staff/?period=2026-10")
    assert overview.text.count('class="earlier"') == 2
    assert SOURCE in check_page(overview).words
    page = client.get("/staff/earlier-systems")
    assert SOURCE in check_page(page).words
    number = systems(session)[0].system.id
    session.rollback()
    token = token_on(client, "/staff/earlier-systems")
    done = client.post(f"/staff/earlier-systems/{number}/withdraw", data={"csrf_token": token})
    assert done.status_code == 303
    assert "đã rút" in client.get("/staff/earlier-systems").text
    assert 'class="earlier"' not in client.get("/staff/?period=2026-10").text
