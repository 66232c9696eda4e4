"""The demonstration province: whole, life-like, repeatable, marked, and never mixed with real data."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import stat
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from survey import periods, questionnaires
from survey.app import create_app
from survey.collection import invitations, privacy_notices, responses
from survey.collection.answers import Answers
from survey.db.engine import Database
from survey.demo.cases import first_day
from survey.models import (
    Agency,
    Case,
    Channel,
    Comment,
    Installation,
    Invitation,
    Placement,
    PrivacyNotice,
    PrivacyPage,
    Procedure,
    Response,
    Staff,
)
from survey.organisation.agencies import root
from survey.periods import local_day, now
from survey.reports import duties, register
from survey.reports.duties import DutyState
from survey.results import counts
from survey.results.scope import scope_for
from survey.security import passwords
from survey.security.tokens import new_token
from survey.settings import ROOT, Settings
from survey.web.survey import survey_of
from tests.support import commands
from tests.support.serving import free_port, serving

DATA = ROOT / "survey" / "data"
NOW = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)


def hailong(*arguments: str, instance: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HAILONG", "SECRET", "DATABASE"))}
    return subprocess.run(
        [sys.executable, "-m", "survey", *arguments],
        cwd=ROOT,
        env={**kept, "HAILONG_INSTANCE": str(instance), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass
class Demo:
    """A demonstration as `hailong demo-data` leaves it on a machine that had nothing."""

    instance: Path
    output: str
    app: Flask

    @property
    def addresses(self) -> dict[str, Any]:
        return dict(json.loads((self.instance / "demo.json").read_text(encoding="utf-8")))

    def session(self) -> Session:
        return survey_of(self.app).database.session(writes=False)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    instance = tmp_path_factory.mktemp("demo") / "instance"
    done = hailong("demo-data", instance=instance, PORT="8099")
    assert done.returncode == 0, done.stderr
    app = create_app(
        Settings(f"sqlite:///{instance / 'hailong.db'}", (instance / "secret_key").read_text(), instance=instance)
    )
    with survey_of(app).database:
        yield Demo(instance, done.stdout, app)


def test_one_command_on_a_fresh_clone_leaves_working_addresses(demo: Demo) -> None:
    addresses = demo.addresses
    assert stat.S_IMODE((demo.instance / "demo.json").stat().st_mode) == 0o600
    assert addresses["base_url"] == "http://127.0.0.1:8099"
    assert len(set(addresses["invitation_urls"])) == 20
    client = demo.app.test_client()
    for url in [*addresses["invitation_urls"], addresses["open_url"]]:
        page = client.get(url.removeprefix(addresses["base_url"]))
        assert page.status_code == 200
        assert "Dữ liệu minh họa" in page.text
    for kind in ("staff", "unit_staff"):
        assert addresses[kind]["password"] in demo.output
        with demo.session() as session:
            account = session.scalars(sa.select(Staff).where(Staff.login == addresses[kind]["login"])).one()
            assert passwords.verify(account.password_hash, addresses[kind]["password"])


def test_it_leaves_the_report_of_the_last_whole_month_in_both_languages(demo: Demo) -> None:
    folder = Path(demo.addresses["report_dir"])
    month = periods.previous(periods.month_of(local_day(now()))).code
    for language, words in (("vi", "Dữ liệu minh họa"), ("en", "Demonstration data")):
        for ending in (".docx", ".pdf", ".xlsx", ".csv", "_excel.csv", ".json", ".txt"):
            (written,) = folder.glob(f"*{month}*_{language}{ending}")
            assert written.stat().st_size > (1000 if ending != ".txt" else 300)
        [marked] = folder.glob(f"*{month}*_{language}.txt")
        assert words in marked.read_text(encoding="utf-8-sig")
    [data] = folder.glob(f"*{month}*_vi.json")
    told = json.loads(data.read_text(encoding="utf-8"))
    assert told["comments"]["comments_done"] > 50 and told["tasks"]["done"], "it was closed after its offices had acted"


def test_the_reports_before_that_of_the_last_month_stand_in_the_register(demo: Demo) -> None:
    month = periods.previous(periods.month_of(local_day(now())))
    with demo.session() as session:
        rows = duties.rows(session, local_day(now()))
        next_due = min(row.due for row in rows if row.period == month)
        before = {row.period.code for row in rows if row.due < next_due}
        entries = register.entries(session, [root(session).id])
        assert {row.state for row in rows if row.due < next_due} == {DutyState.HANDED_IN}
        assert {row.state for row in rows if row.due >= next_due} & {DutyState.HANDED_IN} == set()
        assert {entry.period.code for entry in entries} == before and len(before) > 2
        assert all(row.met_on <= row.due for row in rows if row.met_on is not None)


def test_it_holds_the_province_with_its_units_and_procedures_by_name(demo: Demo) -> None:
    with demo.session() as session:
        names = {agency.name["vi"] for agency in session.scalars(sa.select(Agency))}
        communes = session.scalars(sa.select(Agency.name).where(Agency.level == 4)).all()
        procedures = session.scalar(sa.select(sa.func.count(sa.distinct(Case.procedure_id))))
        assert root(session).name["vi"] == "Ủy ban nhân dân tỉnh Vĩnh Long"
    assert len([name for name in names if name.startswith(("Sở ", "Văn phòng ", "Thanh tra ", "Ban "))]) >= 12
    assert len(communes) == 41
    assert {"Ủy ban nhân dân phường Trà Vinh", "Ủy ban nhân dân xã Càng Long"} <= names
    assert procedures is not None and procedures >= 25


def test_it_holds_forty_thousand_answers_over_eighteen_whole_months_and_the_running_one(demo: Demo) -> None:
    today = local_day(now())
    with demo.session() as session:
        assert (session.scalar(sa.select(sa.func.count()).where(Response.counted)) or 0) >= 40_000
        month = periods.month_of(today)
        for back in range(18):
            month = periods.previous(month)
            found = counts.cells(session, scope_for(session, month, root(session).id), ["channel"]).set_index(
                "channel"
            )["answered"]
            assert found[Channel.INVITATION] > (3000 if back < 6 else 500), month
            assert found[Channel.OPEN] > 300, month
        assert (session.scalar(sa.select(sa.func.max(Response.submitted_at))) or now()) < now()
        expired = (
            sa.select(sa.func.count()).select_from(Response).join(Invitation, Invitation.id == Response.invitation_id)
        )
        assert session.scalar(expired.where(Response.submitted_at >= Invitation.expires_at)) == 0
        early = expired.where(Response.submitted_at < Invitation.issued_at)
        assert session.scalar(early) == 0


def test_its_units_differ_as_units_do(demo: Demo) -> None:
    with demo.session() as session:
        whole = periods.Period("all", periods.Basis.CALENDAR, dt.date(2020, 1, 1), local_day(now()))
        cohort = counts.cohort(session, scope_for(session, whole, root(session).id))
        cells = counts.judged(counts.cells(session, scope_for(session, whole, root(session).id)))
    large = cohort[cohort["finished"] >= 1000]
    response_rates = large["rated"] / large["finished"]
    assert response_rates.between(0.05, 0.31).all()
    assert response_rates.max() - response_rates.min() > 0.12
    rates = (cells["satisfied"] / cells["answered"])[cells["answered"] >= 200]
    assert rates.between(0.75, 0.985).all()
    assert rates.max() - rates.min() > 0.10
    assert (rates > 0.9).any() and (rates < 0.9).any()


def test_its_answers_hang_together(demo: Demo) -> None:
    with demo.session() as session:
        r = Response
        rows = session.execute(sa.select(r.overall, r.r1, r.r4, r.channel, r.day).where(r.counted)).all()  # type: ignore[attr-defined]
        low = session.scalar(sa.select(sa.func.count()).where(r.overall <= 2, r.other.is_not(None)))
        superseded = session.scalar(sa.select(sa.func.count()).where(~r.counted))
        later = session.scalar(sa.select(sa.func.count()).where(r.supersedes_id.is_not(None)))
    both = [(row.overall, row.r1) for row in rows if row.r1 in range(1, 6)]
    happy = [r1 for overall, r1 in both if overall == 5]
    sad = [r1 for overall, r1 in both if overall <= 2]
    assert sum(happy) / len(happy) - sum(sad) / len(sad) > 1.0
    open_share = [row.overall >= 4 for row in rows if row.channel == Channel.OPEN]
    judged_share = [row.overall >= 4 for row in rows if row.channel == Channel.INVITATION]
    assert sum(open_share) / len(open_share) > sum(judged_share) / len(judged_share) + 0.05
    assert any(row.overall in (1, 2) for row in rows)
    weekend = sum(row.day.weekday() == 6 for row in rows) / len(rows)
    assert weekend < 0.12
    assert low and superseded and superseded == later


def test_every_answer_names_what_its_page_said_about_data(demo: Demo) -> None:
    with demo.session() as session:
        page = sa.select(Response.channel, PrivacyNotice.page).distinct()
        page = page.outerjoin(PrivacyNotice, PrivacyNotice.hash == Response.privacy_notice)
        assert {tuple(row) for row in session.execute(page)} == {
            (channel, PrivacyPage.KIOSK if channel == Channel.KIOSK else PrivacyPage.FORM)
            for channel in session.scalars(sa.select(Response.channel).distinct())
        }
        assert {one.since for one in privacy_notices.versions(session).values()} == {first_day(local_day(now()))}


def test_its_comments_are_many_and_written_as_people_write(demo: Demo) -> None:
    with demo.session() as session:
        texts = session.scalars(sa.select(Comment.text)).all()
    assert len(set(texts)) >= 300
    assert all(unicodedata.is_normalized("NFC", text) for text in texts)
    assert not any(re.search(r"\d{9,}|@", text) for text in texts)
    assert any(text.isascii() for text in texts), "some type without marks"
    assert any(re.search(r"\bko\b|đc", text) for text in texts), "some shorten words"


def test_kiosks_are_there_but_off(demo: Demo) -> None:
    with demo.session() as session:
        kiosks = session.scalars(sa.select(Placement).where(Placement.channel == Channel.KIOSK)).all()
        assert kiosks and not any(kiosk.enabled for kiosk in kiosks)
        with pytest.raises(Exception, match="not in use"):
            invitations.place(session.connection(), kiosks[0].code, Channel.KIOSK)


def test_serving_it_again_doubles_nothing_keeps_the_sign_in_and_makes_its_reports_elsewhere(
    demo: Demo, tmp_path: Path
) -> None:
    before, totals = demo.addresses, _totals(demo)
    used = before["invitation_urls"][3].rsplit("/", 1)[1]
    database: Database = survey_of(demo.app).database
    with database.session(writes=True) as session:
        source = invitations.find(session.connection(), used, now())
        sending = responses.SubmissionMeta(new_token(), now(), "vi")
        sheet = questionnaires.asked_now(session)
        responses.record(session.connection(), "x" * 32, source, sheet, Answers({"overall": 4}), sending)
        session.commit()
    port, log = free_port(), tmp_path / "log"
    with serving(log, "--demo", HAILONG_INSTANCE=str(demo.instance), PORT=str(port)) as process:
        loaded = " ".join(one.path for one in psutil.Process(process.pid).memory_maps())
    after = demo.addresses
    assert after["base_url"] == f"http://127.0.0.1:{port}"
    assert after["base_url"] in log.read_text(), "it says where to look"
    # What draws and what fills tables is loaded by a process that has ended by then.
    assert "numpy" in loaded and "vl_convert" not in loaded and "lxml" not in loaded
    assert (after["staff"], after["unit_staff"]) == (before["staff"], before["unit_staff"])
    kept = {url.rsplit("/", 1)[1] for url in after["invitation_urls"]}
    assert len(kept) == 20
    assert len(kept & {url.rsplit("/", 1)[1] for url in before["invitation_urls"]}) == 19
    assert used not in kept
    assert _totals(demo) == {**totals, "case": totals["case"] + 1, "response": totals["response"] + 1}


def _totals(demo: Demo) -> dict[str, int]:
    tables = {"case": Case, "response": Response, "agency": Agency, "procedure": Procedure, "staff": Staff}
    with demo.session() as session:
        return {name: session.scalar(sa.select(sa.func.count()).select_from(t)) or 0 for name, t in tables.items()}


def test_it_is_never_mixed_with_real_data(database_url: str, tmp_path: Path) -> None:
    refused = commands.hailong("demo-data", DATABASE_URL=database_url, HAILONG_INSTANCE=str(tmp_path / "instance"))
    assert refused.returncode == 1
    assert refused.stderr.strip().splitlines() == [
        "Không thực hiện được: Cơ sở dữ liệu này chứa dữ liệu thật; bản minh họa cần cơ sở dữ liệu riêng. "
        "Hãy đặt DATABASE_URL."
    ]
    with Database(database_url) as database, database.session(writes=False) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Case)) == 0
        assert session.scalar(sa.select(Installation.demo)) is False
