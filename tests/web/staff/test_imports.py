"""Imports from the page: what the command does, done by a job, told in words, with nothing left behind."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.audit.acts import Act
from survey.db import slices
from survey.imports import importing
from survey.models import AuditEntry, Case, Delivery, Job, JobState, Procedure, Role
from survey.operations import jobs
from survey.settings import Settings
from survey.web.staff import imports
from survey.web.staff import jobs as job_pages
from tests.support.files import HEADERS, ROW, as_csv, changed, feed
from tests.support.jobs import do_next
from tests.support.officials import found, official, sign_in, token_on
from tests.support.pages import check_page

PAGE = "/staff/imports"


@pytest.fixture
def administrator(session: Session, client: FlaskClient) -> FlaskClient:
    """A browser in which an administrator of the province is signed in."""
    official(session, role=Role.ADMINISTRATOR)
    sign_in(client)
    return client


def upload(client: FlaskClient, content: bytes, kind: str = "cases", name: str = "hồ sơ.csv") -> TestResponse:
    """Hand a file in."""
    form = {"csrf_token": token_on(client, PAGE), "kind": kind, "file": (io.BytesIO(content), name)}
    return client.post(PAGE, data=form)


def table(folder: Path, *rows: tuple[str, ...]) -> bytes:
    return as_csv(folder / "feed.csv", [HEADERS, *rows]).read_bytes()


def test_a_file_of_cases_is_imported_as_by_the_command_and_nothing_of_it_stays(
    administrator: FlaskClient, session: Session, settings: Settings, tmp_path: Path
) -> None:
    contacts = ("an@example.vn", "", "")
    rows = [(*row, contact) for row, contact in zip(feed(3), contacts, strict=True)]
    content = as_csv(tmp_path / "c.csv", [(*HEADERS, "Liên hệ"), *rows])
    asked = upload(administrator, content.read_bytes())
    assert asked.status_code == 303
    kept = jobs.upload_of(settings, 1)
    assert kept.read_bytes() == content.read_bytes() and kept.stat().st_mode & 0o077 == 0
    waiting = check_page(administrator.get(asked.location))
    assert "Nhập hồ sơ đã giải quyết: hồ sơ.csv" in waiting.words and "đang chờ đến lượt" in waiting.words
    do_next(administrator.application)
    page = check_page(administrator.get(asked.location))
    assert "Đã đọc 3 mục: thêm mới 3, giữ nguyên 0, cập nhật 0." in page.words, page.words
    assert "Đã tạo 1 lời mời." in page.words
    assert len(found(session, sa.select(Case.id))) == 3
    assert len(found(session, sa.select(Delivery.id))) == 2, "the invitation and its reminder"
    entries = found(
        session,
        sa.select(AuditEntry).where(AuditEntry.act.in_([Act.IMPORT_ASKED, Act.CASES_IMPORTED])).order_by(AuditEntry.id),
    )
    assert [(entry.act, entry.staff_id) for entry in entries] == [(Act.IMPORT_ASKED, 1), (Act.CASES_IMPORTED, 1)]
    assert not kept.exists()


def test_every_fault_is_told_by_line_and_column_and_the_table_of_all_can_be_fetched(
    administrator: FlaskClient, session: Session, tmp_path: Path
) -> None:
    bad = [changed(row, c6="31/02/2026") for row in feed(job_pages.MOST_FAULTS + 1)]
    asked = upload(administrator, table(tmp_path, *bad, ROW))
    do_next(administrator.application)
    page = check_page(administrator.get(asked.location))
    assert f"Tệp có {len(bad)} lỗi" in page.words and "31/02/2026" in page.words and "Ngày trả" in page.words
    file = administrator.get(f"{asked.location}/file")
    lines = file.get_data().decode("utf-8-sig").splitlines()
    assert file.mimetype == "text/csv" and "cases_faults.csv" in file.headers["Content-Disposition"]
    assert [line.partition(",")[0] for line in lines] == ["Dòng", *(str(2 + i) for i in range(len(bad)))]
    assert page.words.count("31/02/2026") == job_pages.MOST_FAULTS
    assert found(session, sa.select(Case.id)) == []
    assert "không nhập được" in check_page(administrator.get("/staff/jobs")).words


def test_what_is_odd_but_taken_is_noted(administrator: FlaskClient, tmp_path: Path) -> None:
    asked = upload(administrator, table(tmp_path, ROW, ROW))
    do_next(administrator.application)
    page = check_page(administrator.get(asked.location))
    assert "thêm mới 1" in page.words and "đã có ở dòng 2" in page.words
    assert "cases_notes.csv" in page.words


def test_procedures_and_agencies_are_imported_too(administrator: FlaskClient, session: Session, tmp_path: Path) -> None:
    rows = [("Mã thủ tục", "Tên thủ tục", "Lĩnh vực", "Mức độ"), ("9.000001", "Cấp thử", "Thử", "Toàn trình")]
    upload(administrator, as_csv(tmp_path / "p.csv", rows).read_bytes(), "procedures")
    do_next(administrator.application)
    assert "9.000001" in found(session, sa.select(Procedure.code))
    head = ("code", "name_vi", "level", "parent", "valid_from")
    asked = upload(
        administrator,
        as_csv(tmp_path / "a.csv", [head, ("H61.77", "Xã Thử", "commune", "H61", "01/07/2025")]).read_bytes(),
        "agencies",
    )
    do_next(administrator.application)
    assert "thêm mới 1" in check_page(administrator.get(asked.location)).words


def test_the_same_file_handed_in_twice_is_one_import(
    administrator: FlaskClient, session: Session, tmp_path: Path
) -> None:
    first, second = (upload(administrator, table(tmp_path, ROW)) for _ in range(2))
    assert first.location == second.location
    do_next(administrator.application)
    assert found(session, sa.select(Job.state)) == [JobState.DONE]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Tệp không có nội dung"),
        (b"\xd0\xcf\x11\xe0old", ".xls"),
        (b"a,b\n\xff\xfe", "UTF-8"),
        (b"a;b\n1;2\n", "Mã hồ sơ"),
    ],
)
def test_what_is_no_table_of_cases_is_refused_in_words(administrator: FlaskClient, content: bytes, words: str) -> None:
    asked = upload(administrator, content)
    do_next(administrator.application)
    assert words in check_page(administrator.get(asked.location)).words


def test_a_form_without_a_file_comes_back_with_what_was_chosen(administrator: FlaskClient) -> None:
    form = {"csrf_token": token_on(administrator, PAGE), "kind": "agencies", "file": (io.BytesIO(), "")}
    reply = administrator.post(PAGE, data=form)
    assert reply.status_code == 422 and "Xin chọn một tệp" in check_page(reply).words
    assert 'selected value="agencies"' in reply.text


def test_a_file_that_is_too_large_is_not_even_read(
    administrator: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "MOST_UPLOAD_BYTES", 1000)
    reply = upload(administrator, b"x" * 2000)
    assert reply.status_code == 413 and "lớn hơn 32 MB" in check_page(reply).words
    assert found(session, sa.select(Job.id)) == []


def test_a_file_from_a_page_of_another_site_is_refused(administrator: FlaskClient, session: Session) -> None:
    reply = administrator.post(PAGE, data={"kind": "cases", "file": (io.BytesIO(b"a"), "a.csv")})
    assert reply.status_code == 400
    assert found(session, sa.select(Job.id)) == []


@pytest.mark.parametrize(("role", "agency"), [(Role.MANAGER, "H61"), (Role.ADMINISTRATOR, "H61.50")])
def test_only_administrators_of_the_province_import(
    session: Session, client: FlaskClient, role: Role, agency: str
) -> None:
    official(session, role=role, agency=agency)
    sign_in(client)
    assert client.get(PAGE).status_code == 403
    assert PAGE not in client.get("/staff/jobs").text
    token = token_on(client, "/staff/account")
    form = {"csrf_token": token, "kind": "cases", "file": (io.BytesIO(b"a"), "a.csv")}
    assert client.post(PAGE, data=form).status_code == 403
    assert found(session, sa.select(Job.id)) == []


def test_others_can_write_between_two_slices_and_see_how_far_it_has_come(
    administrator: FlaskClient, app: Flask, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "ROWS", 2)
    monkeypatch.setattr("survey.operations.job_kinds.TOLD_SECONDS", 0.0)
    asked = upload(administrator, table(tmp_path, *feed(5)))
    seen: list[str] = []
    record = importing.recording.record

    def watched(writing: Session, *given: Any, **named: Any) -> Any:
        seen.append(check_page(administrator.get(asked.location)).words)
        return record(writing, *given, **named)

    monkeypatch.setattr(importing.recording, "record", watched)
    do_next(app)
    assert [words.partition("Đã ghi ")[2][:13] for words in seen] == ["", "2 trong 5 dòn", "4 trong 5 dòn"], seen


def test_an_upload_goes_when_its_job_has_ended_in_whatever_way(
    administrator: FlaskClient, session: Session, settings: Settings, tmp_path: Path
) -> None:
    upload(administrator, table(tmp_path, ROW))
    job = session.get_one(Job, 1)
    when = job.asked_at
    jobs.remove_files(session, settings)
    assert jobs.upload_of(settings, 1).exists(), "it is still to be imported"
    for _attempt in range(jobs.MOST_ATTEMPTS):
        claim = jobs.claim(session, when)
        assert claim is not None
        jobs.give_up(session, claim, when)
    assert job.state == JobState.FAILED
    jobs.remove_files(session, settings)
    session.commit()
    assert not jobs.upload_of(settings, 1).exists()
