"""What a look finds in real rows: silence, invitations that wait, and a report that nobody has asked for."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from survey.alerts.looking import Look, SeenBy
from survey.audit import trail
from survey.audit.acts import Act
from survey.delivery import messages
from survey.delivery.messages import NewMessage
from survey.models import AlertKind, Role, SubjectKind, TaskStatus
from survey.periods import local_day, parse
from survey.results.scope import Reader, Standard
from survey.tasks import steps
from survey.tasks.steps import TaskEntry
from survey.tasks.subjects import Subject
from tests.support import factories
from tests.support.factories import SECRET
from tests.support.officials import official
from tests.support.sending.queued import LINH

AT = dt.datetime(2026, 12, 1, 1, tzinfo=dt.UTC)
DAY, WEEK = dt.timedelta(days=1), dt.timedelta(days=7)


def look(session: Session, agency: str, reader: Reader, at: dt.datetime = AT) -> set[tuple[str, AlertKind]]:
    seen_by = SeenBy(factories.agency_id(session, agency), reader)
    codes = {factories.agency_id(session, code): code for code in ("H61", "H61.50", "H61.51")}
    facts = Look(session, seen_by, Standard("0.90", 0.95), at).facts()
    return {(codes[agency_id], fact.kind) for agency_id, fact in facts if agency_id in codes}


def test_where_answers_came_every_week_silence_is_told_to_the_unit_and_to_the_province(session: Session) -> None:
    for week in range(3, 11):
        for _answer in range(10):
            factories.response(session, 5, "H61.50", when=AT - WEEK * week)
    factories.response(session, 5, "H61.51", when=AT - WEEK * 4)
    silent = ("H61.50", AlertKind.SILENCE)
    assert silent in look(session, "H61.50", Reader.UNIT)
    assert silent in look(session, "H61", Reader.PROVINCE)
    assert ("H61.51", AlertKind.SILENCE) not in look(session, "H61", Reader.PROVINCE)
    factories.response(session, 5, "H61.50", when=AT - WEEK)
    assert silent not in look(session, "H61.50", Reader.UNIT)


def test_invitations_that_wait_for_longer_than_a_day_are_told(session: Session) -> None:
    tokens = [factories.invitation(session, "H61.50", when=AT - 2 * DAY) for _ in range(5)]
    messages.add(session, SECRET, [NewMessage(token, LINH) for token in tokens], AT - 2 * DAY, 0)
    stuck = ("H61.50", AlertKind.STUCK)
    assert stuck in look(session, "H61.50", Reader.UNIT)
    assert stuck not in look(session, "H61.50", Reader.UNIT, AT - 1.5 * DAY)
    assert ("H61.51", AlertKind.STUCK) not in look(session, "H61", Reader.PROVINCE)


def test_a_report_that_somebody_has_asked_for_is_due_no_more(session: Session) -> None:
    account = official(session, agency="H61.50", role=Role.MANAGER)
    due = ("H61.50", AlertKind.REPORT_DUE)
    later = AT + 4 * DAY
    assert due in look(session, "H61.50", Reader.UNIT, later)
    about = {"agency": "H61.50", "period": "2026-11", "basis": "calendar", "format": "docx"}
    trail.append(session, account.id, Act.REPORT_REQUESTED, later, **about)
    session.flush()
    assert due not in look(session, "H61.50", Reader.UNIT, later)
    assert ("H61", AlertKind.REPORT_DUE) in look(session, "H61", Reader.PROVINCE, later)


def test_a_task_that_is_not_done_in_time_is_told_of_its_unit_once(session: Session) -> None:
    owner = official(session, agency="H61.50", role=Role.MANAGER).id
    subject = Subject(SubjectKind.VERDICT, factories.agency_id(session, "H61.50"), "", {}, parse("2026-10"))
    due = local_day(AT)
    task = steps.add(session, subject, TaskEntry(owner, due, "Họp bộ phận một cửa"), owner, AT - WEEK)
    late = ("H61.50", AlertKind.TASKS_LATE)
    assert late not in look(session, "H61.50", Reader.UNIT)
    assert late in look(session, "H61.50", Reader.UNIT, AT + DAY)
    told = look(session, "H61", Reader.PROVINCE, AT + DAY)
    assert late in told and ("H61", AlertKind.TASKS_LATE) not in told, "once, with its unit"
    assert late not in look(session, "H61.51", Reader.UNIT, AT + DAY)
    ended = TaskEntry(owner, due, status=TaskStatus.DONE, result="Đã họp")
    steps.change(session, task.id, task.turn, ended, owner, AT + DAY)
    assert late not in look(session, "H61.50", Reader.UNIT, AT + DAY)
