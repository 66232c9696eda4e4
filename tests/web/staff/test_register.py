"""The register: an issued file is entered under its number, corrected by another, and checked by everybody."""

from __future__ import annotations

import datetime as dt
import hashlib
import io

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import AuditEntry, IssuedReport, Role
from survey.operations import jobs
from survey.periods import parse
from survey.reports import frozen_beside
from survey.reports.figures_digest import figures_digest, grouped
from survey.results.scope import Standard
from survey.web.survey import survey_of
from tests.support import factories, reporting
from tests.support.jobs import do_next
from tests.support.officials import found, official, send, sign_in
from tests.support.pages import check_page

CLOSED = dt.datetime(2026, 11, 2, 5, tzinfo=dt.UTC)
READ = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
STANDARD = Standard("0.90", 0.95)
OCTOBER = parse("2026-10")
ASKED = {"period": "2026-10", "basis": "calendar", "format": "json", "lang": "vi"}


@pytest.fixture
def clerk(session: Session, client: FlaskClient) -> FlaskClient:
    for _number in range(12):
        factories.response(session, 5, when=reporting.NOON)
    frozen_beside.close(session, OCTOBER, CLOSED, STANDARD)
    official(session, role=Role.MANAGER)
    sign_in(client)
    return client


def made(client: FlaskClient, **asked: str) -> tuple[str, bytes]:
    """Let a report be made; return the number of its job and the file."""
    sent = send(client, "/staff/report", **{**ASKED, "agency": "H61", **asked})
    do_next(client.application)
    return sent.location.rpartition("/")[2], client.get(f"{sent.location}/file").data


def enter(client: FlaskClient, job: str, symbol: str, **more: str) -> int:
    form = {"symbol": symbol, "issued_on": "2026-11-20", "edition": "INTERNAL", "replaces": "0", **more}
    page = f"/staff/register/new?job={job}"
    sent = send(client, page, page, **form)
    if sent.status_code != 303:
        check_page(sent)
    return sent.status_code


@time_machine.travel(READ, tick=False)
def test_an_issued_file_is_found_by_everybody_until_another_takes_its_place(
    session: Session, clerk: FlaskClient
) -> None:
    job, content = made(clerk)
    assert "Ghi vào sổ báo cáo" in check_page(clerk.get(f"/staff/jobs/{job}")).words
    assert enter(clerk, job, "05/BC-UBND") == 303
    [entry] = found(session, sa.select(IssuedReport))
    first, figures, digest = entry.id, entry.figures, hashlib.sha256(content).hexdigest()
    assert entry.sha256.hex() == digest and entry.issued_on == dt.date(2026, 11, 20)
    session.rollback()
    [record] = found(session, sa.select(AuditEntry).where(AuditEntry.act == "report.issued"))
    assert record.about["sha256"] == digest
    session.rollback()
    assert enter(clerk, job, "06/BC-UBND") == 409  # the very file stands there

    page = check_page(clerk.get("/staff/register")).words
    assert "05/BC-UBND" in page and "đang có hiệu lực" in page and grouped(figures) in page
    everybody = clerk.application.test_client()
    for typed in (grouped(figures), grouped(figures).lower().replace("-", " "), digest):
        page = check_page(everybody.get("/report", query_string={"code": typed, "lang": "vi"})).words
        assert "Số 05/BC-UBND ngày 20/11/2026" in page and "Đang có hiệu lực" in page, typed
    assert "Hạnh" not in page  # whose account entered it is nobody's business
    sent = everybody.post("/report?lang=vi", data={"file": (io.BytesIO(content), "bao_cao.json")})
    assert (sent.status_code, digest in sent.location) == (303, True)
    changed = everybody.post("/report?lang=vi", data={"file": (io.BytesIO(content + b" "), "bao_cao.json")})
    refused = everybody.get(changed.location)
    assert refused.status_code == 404 and "Không tìm thấy báo cáo này" in check_page(refused).words

    other, _file = made(clerk, lang="en")
    assert enter(clerk, other, "06/BC-UBND", replaces=str(first), change="Sửa tên phường") == 422  # another language
    job = _another_file(clerk, job)
    assert enter(clerk, job, "07/BC-UBND", replaces=str(first)) == 422  # does not say what changes
    assert enter(clerk, job, "07/BC-UBND", replaces=str(first), change="Sửa tên phường ở Phụ lục II") == 303
    page = check_page(everybody.get(f"/report/{digest}?lang=vi")).words
    assert "đã được thay thế" in page and "07/BC-UBND" in page and "Sửa tên phường ở Phụ lục II" in page
    page = check_page(clerk.get("/staff/register?lang=en"), "en").words
    assert "replaced by 07/BC-UBND" in page and "Corrects 05/BC-UBND" in page


def _another_file(client: FlaskClient, job: str) -> str:
    """Make the same report anew, a file that differs by what an official has corrected in it."""
    path = jobs.path_of(survey_of(client.application).settings, int(job))
    path.write_bytes(path.read_bytes().replace(b"hailong", b"Hailong"))
    return job


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # about what is refused
@time_machine.travel(READ, tick=False)
def test_what_cannot_have_been_issued_is_not_entered(session: Session, clerk: FlaskClient) -> None:
    job, _file = made(clerk)
    for wrong in ("2026-10-31", "2026-11-21", "hôm qua", ""):
        assert enter(clerk, job, "05/BC-UBND", issued_on=wrong) == 422, wrong
    assert enter(clerk, job, "") == enter(clerk, job, "5" * 61) == 422
    factories.response(session, 5, when=READ - dt.timedelta(days=40))
    session.commit()
    still_open, _file = made(clerk, period="2026-09")
    assert enter(clerk, still_open, "05/BC-UBND") == 409
    assert clerk.get("/staff/register/new?job=999").status_code == 404
    assert found(session, sa.select(IssuedReport)) == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # about pages
@time_machine.travel(READ, tick=False)
def test_a_unit_sees_its_own_entries_only(session: Session, clerk: FlaskClient) -> None:
    job, _file = made(clerk)
    assert enter(clerk, job, "05/BC-UBND") == 303
    official(session, "xa", "H61.50", Role.MANAGER)
    unit = clerk.application.test_client()
    sign_in(unit, "xa")
    assert "05/BC-UBND" not in check_page(unit.get("/staff/register")).words
    assert unit.get(f"/staff/register/new?job={job}").status_code == 404


@time_machine.travel(READ, tick=False)
def test_the_digest_is_the_same_in_every_language_and_another_for_other_figures(session: Session) -> None:
    reporting.answers(session)
    before = figures_digest(reporting.build(session))
    assert figures_digest(reporting.build(session, "en")) == before
    assert figures_digest(reporting.build(session, agency="H61.50")) != before
    assert figures_digest(reporting.build(session, target="0.95")) != before
    frozen_beside.close(session, OCTOBER, CLOSED, STANDARD)
    closed = figures_digest(reporting.build(session))
    factories.response(session, 1, "H61.50", when=reporting.NOON)
    assert figures_digest(reporting.build(session, today=dt.date(2030, 1, 1))) == closed != before
