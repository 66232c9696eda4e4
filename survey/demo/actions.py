"""What the demonstration's offices do about figures and comments: tasks in all states, and entries for everybody."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.orm import Session

from survey.accounts import accounts
from survey.audit import trail
from survey.audit.acts import Act
from survey.comments import publishing
from survey.comments.publishing import Actor, EntryWords, PublishingStep
from survey.demo.addresses import LOGINS, SHOWN_UNIT
from survey.models import SubjectKind, TaskStatus
from survey.organisation import agencies
from survey.organisation.working_days import working_days
from survey.periods import LOCAL_ZONE, local_day, month_of, previous
from survey.results.choices import reasons
from survey.results.factors import factors
from survey.results.scope import Reader, Scope, Standard, scope_for
from survey.tasks import steps
from survey.tasks.steps import TaskEntry
from survey.tasks.subjects import subject

ACTIONS = Path(__file__).parent / "actions.yaml"
MORNING = dt.time(10)
NEWEST = 1  # of the months of tasks: the last one that has ended


def act(session: Session, now: dt.datetime, standard: Standard) -> None:
    """Leave tasks from figures of months before the last, and entries of the ward; both accounts must be there."""
    actions = yaml.safe_load(ACTIONS.read_text(encoding="utf-8"))
    staff_ids, ward = _staff_ids(session), agencies.by_code(session, SHOWN_UNIT).id
    today = local_day(now)
    for entry in actions["entries"]:
        _publish(session, entry, ward, today, Actor(staff_ids["unit_staff"], False), Actor(staff_ids["staff"], True))
    for task in actions["tasks"]:
        if task["months"] > NEWEST:
            _task(session, task, *_bearer(session, task["of"]), today, standard)


def act_on_the_newest(session: Session, now: dt.datetime, standard: Standard) -> None:
    """Leave the tasks from the last month, which must be closed, and that its report was made."""
    actions, today = yaml.safe_load(ACTIONS.read_text(encoding="utf-8")), local_day(now)
    for task in actions["tasks"]:
        if task["months"] == NEWEST:
            _task(session, task, *_bearer(session, task["of"]), today, standard)
    month = previous(month_of(today))
    staff_ids = _staff_ids(session)
    about = {"agency": agencies.root(session).code, "period": month.code, "basis": str(month.basis), "format": "docx"}
    trail.append(session, staff_ids["staff"], Act.REPORT_REQUESTED, now, **about)  # which is written beside it


def _staff_ids(session: Session) -> dict[str, int]:
    return {kind: accounts.named(session, login).id for kind, (login, _name) in LOGINS.items()}


def _bearer(session: Session, of: str) -> tuple[int, int]:
    """Return the agency of a task and the account that has it."""
    staff_ids = _staff_ids(session)
    if of == "unit":
        return agencies.by_code(session, SHOWN_UNIT).id, staff_ids["unit_staff"]
    return agencies.root(session).id, staff_ids["staff"]


def _publish(session: Session, plan: dict[str, Any], agency_id: int, today: dt.date, unit: Actor, top: Actor) -> None:
    """Take the steps of one entry: the unit writes, the province decides."""

    def day(before: int) -> dt.date:
        return today - dt.timedelta(days=before)

    words = EntryWords(plan["voice"], plan["measure"], day(plan["since"]))
    written, *decided = ((PublishingStep(name), _at(day(before))) for name, before in plan["steps"].items())
    hand_in = written[0] == PublishingStep.HAND_IN
    entry = publishing.add(session, agency_id, words, unit, written[1], hand_in=hand_in)
    for step, at in decided:
        publishing.take(session, entry, step, top, at, turn=entry.turn, reason=plan.get("reason", ""))


def _task(
    session: Session, plan: dict[str, Any], agency_id: int, owner_id: int, today: dt.date, standard: Standard
) -> None:
    """Make one task of a figure that its unit is shown, and take its last step if that has come."""
    month = previous(month_of(today), plan["months"])
    kind, calendar = SubjectKind[plan["kind"].upper()], working_days(session)
    scope = scope_for(session, month, agency_id, reader=Reader.UNIT)
    key = _key(session, scope, standard, kind)
    if key is None:
        return
    about = subject(session, scope, standard, today, kind, key)
    first_day = calendar.after(month.last, plan["made"])
    due, done = calendar.after(first_day, plan["due"]), calendar.after(first_day, plan.get("done", 0))
    if first_day > today:
        return
    entry = TaskEntry(owner_id, due, plan["what"].format(name=about.name.get("vi", "")))
    task = steps.add(session, about, entry, owner_id, _at(first_day))
    if "done" in plan and done < today:
        ended = TaskEntry(owner_id, due, status=TaskStatus.DONE, result=plan["result"])
        steps.change(session, task.id, task.turn, ended, owner_id, _at(done))


def _key(session: Session, scope: Scope, standard: Standard, kind: SubjectKind) -> str | None:
    """Return which figure of a kind asks most for a task; None if none is shown."""
    if kind is SubjectKind.FACTOR:
        rated = {
            row.question: row.rate for row in factors(session, scope, standard) if row.shown and row.rate is not None
        }
        return min(rated, key=rated.__getitem__, default=None)
    if kind is SubjectKind.REASON:
        given = reasons(session, scope, standard)
        named = {one.value: one.people for one in given.choices if one.people} if given and given.shown else {}
        return max(named, key=named.__getitem__, default=None)
    return ""


def _at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, MORNING, LOCAL_ZONE).astimezone(dt.UTC)
