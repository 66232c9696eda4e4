"""Closing a period: one command, on record, once; only then is a verdict final, on the page and in the report."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey import reports
from survey.errors import Conflict, SurveyError
from survey.i18n import speaking
from survey.models import AuditEntry, Channel, ClosedPeriod, FrozenCell, Response
from survey.periods import parse
from survey.results import caveats, closing, verdict_text
from survey.results.figures import figures
from survey.results.scope import scope_for
from tests.support import factories, reporting
from tests.support.commands import hailong
from tests.support.figures import STANDARD
from tests.support.officials import found, official, sign_in
from tests.support.pages import check_page

OCTOBER = parse("2026-10")
NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 11, 5, 5, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 5)


def close(app: Flask, *arguments: str) -> str:
    with time_machine.travel(LATER, tick=False), speaking("vi"):
        done = app.test_cli_runner().invoke(args=["hailong", "close", *arguments])
    if isinstance(done.exception, SurveyError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_closing_is_on_record_once_however_often_it_is_asked(app: Flask, session: Session) -> None:
    factories.response(session, 5, when=NOON)
    session.commit()
    assert "Đã chốt số liệu kỳ 2026-10, từ ngày 01/10/2026 đến ngày 31/10/2026" in close(app, "--period", "2026-10")
    assert "đã được chốt số liệu từ trước" in close(app, "--period", "2026-10", "--calendar")
    assert "từ ngày 15/09/2026 đến ngày 14/10/2026" in close(app, "--period", "2026-10", "--administrative")
    entries = found(session, sa.select(AuditEntry).where(AuditEntry.act == "period.closed").order_by(AuditEntry.id))
    assert [entry.staff_id for entry in entries] == [None, None]
    assert [{name: entry.about[name] for name in ("period", "basis", "target")} for entry in entries] == [
        {"period": "2026-10", "basis": "calendar", "target": "0.90"},
        {"period": "2026-10", "basis": "administrative", "target": "0.90"},
    ]
    assert len(found(session, sa.select(ClosedPeriod))) == 2


def test_a_running_or_senseless_period_is_refused(app: Flask, session: Session) -> None:
    for wrong in ("2026-11", "2026"):
        with pytest.raises(Conflict, match="has not ended yet"):
            close(app, "--period", wrong)
    with pytest.raises(SurveyError, match="is not a period"):
        close(app, "--period", "2026-13")
    assert found(session, sa.select(ClosedPeriod)) == []
    assert found(session, sa.select(AuditEntry).where(AuditEntry.act == "period.closed")) == []


def test_a_refusal_is_one_line_and_exit_code_1_and_wrong_usage_2(tmp_path: Path) -> None:
    environment = {
        "HAILONG_INSTANCE": str(tmp_path),
        "SECRET_KEY": factories.SECRET,
        "DATABASE_URL": f"sqlite:///{tmp_path}/a.db",
    }
    done = hailong("close", "--period", "2026-99", environ=environment)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("Không thực hiện được: “2026-99” ")
    assert hailong("close", environ=environment).returncode == 2


def test_what_was_changed_in_the_store_since_the_closing_is_named(session: Session) -> None:
    receipt = factories.response(session, 5, when=NOON)
    factories.response(session, 3, when=NOON, channel=Channel.OPEN)  # of no procedure
    closed = closing.close(session, OCTOBER, LATER, STANDARD)
    assert closing.differences(session, closed).empty
    judged = sa.update(Response).where(Response.receipt == receipt)
    for overall, differs in ((1, True), (4, True), (5, False)):
        session.execute(judged.values(overall=overall))
        named = closing.differences(session, closed)["channel"].tolist()
        assert named == ([Channel.INVITATION] if differs else []), overall
    open_ones = sa.update(Response).where(Response.channel == Channel.OPEN)
    session.execute(open_ones.values(counted=False))  # fewer answers, as many satisfied ones
    assert closing.differences(session, closed)["channel"].tolist() == [Channel.OPEN]
    session.execute(open_ones.values(counted=True))
    of_open = (FrozenCell.question == "", FrozenCell.channel == Channel.OPEN)
    cell = session.execute(sa.select(FrozenCell).where(*of_open)).scalar_one()
    cell.level_3, cell.level_2 = 0, 1  # neither more answers nor more satisfied ones, and another mean
    session.flush()
    assert closing.differences(session, closed)["agency"].tolist() == [cell.agency_id]


def test_a_verdict_is_final_only_when_the_period_is_closed(session: Session, app: Flask) -> None:
    reporting.answers(session)
    said = {}
    for state in ("ended", "closed"):
        if state == "closed":
            closing.close(session, OCTOBER, LATER, STANDARD)
        made = figures(session, scope_for(session, OCTOBER, factories.agency_id(session, "H61")), STANDARD, TODAY)
        assert (made.provisional, made.closed) == (False, state == "closed")
        with speaking("vi"):
            said[state] = verdict_text.headline(made)
            words = [verdict_text.verdict_word(one, closed=made.closed) for one in ("met", "not_met", "inconclusive")]
        final = ["Đạt", "Chưa đạt", "Chưa đủ căn cứ kết luận"]
        assert words == (final if made.closed else ["Đạt (chưa chốt)", "Chưa đạt (chưa chốt)", final[2]])
    assert (
        said["ended"] == f"Kỳ đã kết thúc nhưng chưa chốt số liệu: đây chưa phải kết luận cuối cùng. {said['closed']}"
    )
    assert said["closed"].startswith("Chưa đạt (chắc chắn). ")


def test_the_page_and_every_file_say_whether_it_is_final(
    session: Session, client: FlaskClient, app: Flask, tmp_path: Path
) -> None:
    reporting.answers(session)
    official(session)
    with time_machine.travel(LATER, tick=False):
        sign_in(client)
        open_page = check_page(client.get("/staff/?period=2026-10")).words
        with speaking("vi"):
            before = reports.write(reporting.build(session), tmp_path / "before", ("docx", "csv-excel", "json"))
        session.rollback()
        close(app, "--period", "2026-10")
        closed_page = check_page(client.get("/staff/?period=2026-10")).words
        with speaking("vi"):
            after = reports.write(reporting.build(session), tmp_path / "after", ("docx", "csv-excel", "json"))
    assert "Chưa đạt chỉ tiêu 90% (chưa chốt)" in open_page and "31/10/2026 · chưa chốt" in open_page
    assert "chưa chốt" not in closed_page and "Chưa đạt" in closed_page
    for files, closed in ((before, False), (after, True)):
        docx, csv, json = sorted(files, key=lambda path: ("docx", "csv", "json").index(path.suffix[1:]))
        assert ("chưa chốt" not in reporting.spoken(docx)) is closed
        assert ("Chưa đạt (chưa chốt)" not in csv.read_text(encoding="utf-8-sig")) is closed
        assert reporting.read_json(json)["period"]["closed"] is closed


def test_the_share_by_finished_cases_stands_beside_the_rate_with_what_it_covers(
    session: Session, client: FlaskClient, app: Flask
) -> None:
    for agency, cases, good, bad in (("H61.50", 30, 9, 1), ("H61.51", 50, 5, 5), ("H61.52", 20, 0, 0)):
        for rating in [5] * good + [2] * bad:
            factories.response(session, rating, agency, when=NOON)
        for _ in range(cases - good - bad):
            factories.case(session, agency, finished=NOON.date())
    official(session)
    made = figures(session, scope_for(session, OCTOBER, factories.agency_id(session, "H61")), STANDARD, TODAY)
    assert made.covered == 0.8 and made.weighted is not None
    assert made.judged.total.rate == 0.7
    assert made.weighted.rate == pytest.approx((30 * 0.9 + 50 * 0.5) / 80)
    with speaking("vi"):
        said = caveats.weighted(made)
    assert (
        said.startswith("Chỉ để so sánh: tỷ lệ hài lòng có trọng số (mỗi đơn vị tính theo số hồ sơ")
        and "bao quát 80,0% số hồ sơ" in said
    )
    session.commit()
    with time_machine.travel(LATER, tick=False):
        sign_in(client)
        page = re.sub(r"\s+", " ", check_page(client.get("/staff/?period=2026-10")).words)
    assert said in page and "Tính theo số hồ sơ của từng đơn vị (để so sánh)" in page
