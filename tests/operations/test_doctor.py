"""`hailong doctor` recounts closed periods, and tries the lines by which messages go out and come back."""

from __future__ import annotations

import dataclasses
import datetime as dt
import mailbox
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit.acts import Act
from survey.delivery import bounce_mailbox
from survey.environment import misnamed
from survey.models import (
    AuditEntry,
    ClosedPeriod,
    FrozenCell,
    FrozenCohort,
    FrozenCoverage,
    QuestionnaireVersion,
    Response,
    VersionStatus,
)
from survey.operations import connections, doctor
from survey.periods import parse
from survey.questionnaires import SHORT
from survey.results import closing, link_cut
from survey.settings import Settings
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.sending.imap import ImapServer
from tests.support.sending.mail import MailServer, free_port
from tests.support.sending.reports import ORDINARY
from tests.support.tampering import without_triggers

NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 11, 5, 5, tzinfo=dt.UTC)


def states(session: Session) -> list[str]:
    return [finding.state for finding in doctor.closed_periods(session)]


def test_a_frozen_cell_that_was_edited_in_the_database_is_noticed(session: Session) -> None:
    assert states(session) == ["ok"]
    for rating in (5, 4, 2):
        factories.response(session, rating, when=NOON, ratings={"r1": rating})
    for period in (parse("2026-10"), parse("2026-09")):
        closing.close(session, period, LATER, STANDARD)
    factories.response(session, 1, when=NOON)  # one that waited, and came when all was closed
    (whole,) = doctor.closed_periods(session)
    assert (whole.state, whole.values) == ("ok", {"count": 2})
    cell = session.execute(sa.select(FrozenCell).where(FrozenCell.question == "S2")).scalar_one()
    cell.satisfied, cell.level_4, cell.level_2 = cell.satisfied + 1, cell.level_4 + 1, cell.level_2 - 1
    session.flush()
    edited, whole = doctor.closed_periods(session)
    assert (edited.state, edited.values["period"], edited.values["cells"]) == ("fault", "2026-10", 1)
    assert (whole.state, whole.values) == ("ok", {"count": 1})


@pytest.mark.parametrize(
    "edit",
    [
        sa.update(ClosedPeriod).values(target="0.50"),
        sa.update(ClosedPeriod).values(confidence=0.5),
        sa.update(ClosedPeriod).values(agencies=[]),
        sa.update(ClosedPeriod).values(procedures=[]),
        sa.update(FrozenCohort).values(invited=FrozenCohort.finished + 1),
        sa.update(ClosedPeriod).values(newest_decision_id=ClosedPeriod.newest_decision_id + 1),
        sa.update(ClosedPeriod).values(targets={"headline": None, "beside": None}),
        sa.update(ClosedPeriod).values(targets=None),
        sa.update(FrozenCoverage).values(delivered=FrozenCoverage.delivered + 1),
    ],
)
def test_a_frozen_target_name_or_case_that_was_edited_is_noticed(session: Session, edit: sa.Update) -> None:
    factories.response(session, 5, when=NOON)
    closing.close(session, parse("2026-10"), LATER, STANDARD)
    session.expire_all()
    assert states(session) == ["ok"]
    session.execute(edit)
    session.expire_all()
    assert states(session) == ["fault", "ok"]


def test_a_closing_is_verified_by_the_digest_of_its_time(session: Session) -> None:
    factories.response(session, 5, when=NOON)
    closed = closing.close(session, parse("2026-10"), LATER, STANDARD)
    closed.targets = None  # were not kept then
    number = closing.digest(session, closed, covering="")
    about = {"period": "2026-10", "basis": closed.basis, "target": closed.target, "digest": number}
    session.flush()
    without_triggers(session)
    session.execute(sa.update(AuditEntry).where(AuditEntry.act == Act.PERIOD_CLOSED.value).values(about=about))
    assert states(session) == ["ok"]
    session.execute(sa.update(FrozenCohort).values(invited=FrozenCohort.finished + 1))
    assert states(session) == ["fault", "ok"]


def test_an_answer_that_was_removed_from_a_closed_period_is_noticed(session: Session) -> None:
    factories.response(session, 5, when=NOON)
    closing.close(session, parse("2026-10"), LATER, STANDARD)
    session.execute(sa.update(Response).values(counted=False))
    assert states(session) == ["fault", "ok"]


@pytest.mark.parametrize(
    ("answer_days", "reminder_days", "state"),
    [(7, 3, "ok"), (7, 0, "ok"), (7, 7, "warning"), (30, 7, "warning"), (30, 6, "ok"), (3, 3, "warning")],
)
def test_a_reminder_that_could_never_leave_is_said(
    settings: Settings, answer_days: int, reminder_days: int, state: str
) -> None:
    gateway = {"gateway_url": "https://sms.example.vn/send"}
    days = {"answer_days": answer_days, "reminder_days": reminder_days}
    finding, *_ = connections.sending(dataclasses.replace(settings, **gateway, **days))
    assert (finding.state, finding.values["days"]) == (state, reminder_days)


def test_links_that_should_have_been_cut_days_ago_are_said(session: Session) -> None:
    factories.response(session, 5, when=NOON)
    closing.close(session, parse("2026-10"), LATER, STANDARD)
    for days, state in ((1, "ok"), (3, "warning")):
        finding = doctor.links(link_cut.late(session, LATER + dt.timedelta(days=days)))
        assert (finding.state, finding.values.get("count")) == (state, 1 if state == "warning" else None)


@pytest.fixture
def mailing() -> Iterator[Settings]:
    """Settings by which e-mail is sent through a real server."""
    with MailServer() as server:
        yield Settings(
            "sqlite://",
            factories.SECRET,
            smtp_host="127.0.0.1",
            smtp_port=server.port,
            smtp_security="none",
            mail_from="khaosat@example.vn",
            send_seconds=5,
        )


def after_sending(settings: Settings) -> list[tuple[str, str]]:
    """Return what is said of the mail server and of what comes back."""
    way, *lines = connections.sending(settings)
    assert way.state == "ok"
    return [(finding.about, finding.state) for finding in lines]


def test_a_mail_server_is_asked_for_its_line_and_one_that_is_away_keeps_nobody_from_answering(
    mailing: Settings,
) -> None:
    assert after_sending(mailing)[0] == ("mail server", "ok")
    for wrong in ({"smtp_port": free_port()}, {"smtp_security": "starttls"}):
        assert after_sending(dataclasses.replace(mailing, **wrong))[0] == ("mail server", "warning")  # type: ignore[arg-type]


def test_the_mailbox_of_what_comes_back_is_opened_as_the_worker_opens_it(mailing: Settings, tmp_path: Path) -> None:
    mailbox.Maildir(tmp_path / "box")
    barred = tmp_path / "barred"
    barred.mkdir()
    for name in bounce_mailbox.SUBFOLDERS:
        (barred / name).symlink_to("/proc")  # where not even root can write
    with ImapServer(ORDINARY) as server:
        elsewhere = server.url.replace("INBOX", "Returned")
        for bounces, password, state in (
            ("", "", "warning"),
            (server.url, "open sesame", "ok"),
            (server.url, "wrong", "warning"),
            (elsewhere, "open sesame", "warning"),
            (f"imap://khaosat@127.0.0.1:{free_port()}/INBOX", "open sesame", "warning"),
            (str(tmp_path / "box"), "", "ok"),
            (str(barred), "", "warning"),
        ):
            chosen = dataclasses.replace(mailing, bounces=bounces, bounces_password=password)
            assert after_sending(chosen)[1] == ("returned messages", state), bounces
        assert server.seen == set()
    assert [file for name in bounce_mailbox.SUBFOLDERS for file in (tmp_path / "box" / name).iterdir()] == []


def test_a_folder_of_this_installation_that_is_missing_or_barred_is_a_fault(tmp_path: Path) -> None:
    for place, state in ((tmp_path, "ok"), (tmp_path / "none", "fault"), (Path("/proc"), "fault")):
        assert doctor.folder(Settings("sqlite://", factories.SECRET, instance=place)).state == state, place


def test_a_survey_without_a_published_questionnaire_is_said_to_ask_nobody(session: Session, settings: Settings) -> None:
    assert doctor.questionnaire(session, settings).state == "ok"
    session.execute(sa.update(QuestionnaireVersion).values(status=VersionStatus.RETIRED))
    assert doctor.questionnaire(session, settings).state == "warning"


@pytest.mark.parametrize(("version", "state"), [("1.9", "warning"), ("2.0", "ok"), ("2.1", "ok"), ("10.0", "ok")])
def test_a_questionnaire_of_before_one_tap_is_said_to_be_asked_in_a_new_way_without_a_mark(
    session: Session, settings: Settings, version: str, state: str
) -> None:
    asked = sa.update(QuestionnaireVersion).where(QuestionnaireVersion.code == SHORT)
    session.execute(asked.values(version=version))
    # A published version stays in memory, for it never changes: it is named anew here.
    session.execute(asked.values(id=7_000 + int(version.replace(".", ""))))
    assert doctor.questionnaire(session, settings).state == state


def test_a_variable_that_nobody_reads_is_named_for_its_slip_leaves_the_default() -> None:
    slips = misnamed({"HAILONG_TARGT": "0.8", "HAILONG_TARGET": "0.8", "PATH": "", "PORT": "1", "HAILONG_": ""})
    assert slips == ["HAILONG_", "HAILONG_TARGT"]
    assert [(one.state, one.values["variable"]) for one in doctor.names(slips)] == [("warning", name) for name in slips]
