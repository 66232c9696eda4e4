"""Make tasks and change them: every step is kept, and nothing that tells who somebody is gets in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import accounts, roles
from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import Conflict
from survey.i18n import msgid
from survey.models import Staff, Task, TaskStatus, TaskStep
from survey.organisation.agencies import revise
from survey.organisation.dated_tree import Tree
from survey.organisation.working_days import fault_of_due_day, working_days
from survey.periods import local_day
from survey.redaction.checking import Faults, TextFault, fault_of_text
from survey.tasks.listing import TaskRow
from survey.tasks.subjects import Subject

LONGEST = {"what": 500, "result": 1000, "note": 1000}
FIELDS = ("status", "owner_id", "due_day", "result")

MOVED_ON = msgid("Somebody else has changed this task meanwhile. Please look at it again.")
_NO_WORDS = msgid("Write what is to be done.")
_NO_OWNER = msgid("Choose who does it.")
_STRANGE_OWNER = msgid("This account is none of this unit that may take on tasks. Please choose another one.")
_NO_DAY = msgid("Choose the day by which it is to be done.")
_NO_RESULT = msgid("Say in a sentence what came of it, or why it is dropped.")
_NOT_YET = msgid("What came of it is only said of a task that is done or dropped. Please choose the status, too.")


@dataclass(frozen=True)
class TaskEntry:
    """What a form says of a task: `what` only of a new one, `status` and `result` only of one that is there."""

    owner_id: int | None
    due_day: dt.date | None
    what: str = ""
    status: TaskStatus = TaskStatus.OPEN
    result: str = ""
    note: str = ""


@dataclass(frozen=True)
class TaskHistory:
    """One step as it is told: when, by whom, what it changed, and its note."""

    at: dt.datetime
    staff_id: int
    changed: dict[str, Any]
    note: str


def owners(session: Session, tree: Tree, agency_id: int) -> list[Staff]:
    """Return the accounts that may take on tasks of a unit: its own that may change anything."""
    unit = tree.bearer(agency_id).id
    return [one for one in accounts.enabled(session, roles.ACTING) if tree.bearer(one.agency_id).id == unit]


def faults(
    session: Session, entry: TaskEntry, may_own: Sequence[Staff], today: dt.date, before: TaskRow | None
) -> Faults:
    """Return what is wrong with what a form says of a task, by field; `before` is None of a new one."""
    return dict(_faults(session, entry, {one.id for one in may_own}, today, before))


def add(session: Session, subject: Subject, entry: TaskEntry, staff_id: int, at: dt.datetime) -> Task:
    """Make a task of a figure; the entry must be without `faults`."""
    task = Task(
        kind=subject.kind,
        agency_id=subject.agency_id,
        subject_key=subject.key,
        subject_name=subject.name,
        period_code=subject.period.code,
        period_basis=str(subject.period.basis),
        period_first=subject.period.first,
        what=entry.what,
        turn=0,
    )
    _set(task, entry, at)
    session.add(task)
    session.flush()
    _take_step(session, task, entry, staff_id, at)
    trail.append(session, staff_id, Act.TASK_ADDED, at, task=task.id)
    return task


def change(session: Session, number: int, turn: int, entry: TaskEntry, staff_id: int, at: dt.datetime) -> bool:
    """Change a task that stood as after `turn` steps, and return whether that was a step; without `faults`.

    Raises:
        Conflict: somebody else has taken a step since then.
    """
    task = session.get_one(Task, number, with_for_update=True, populate_existing=True)
    if task.turn != turn:
        raise Conflict(MOVED_ON)
    before = {name: getattr(task, name) for name in FIELDS}
    _set(task, entry, at)
    if not entry.note and before == {name: getattr(task, name) for name in FIELDS}:
        return False
    _take_step(session, task, entry, staff_id, at)
    trail.append(session, staff_id, Act.TASK_CHANGED, at, task=task.id)
    return True


def history(session: Session, number: int) -> list[TaskHistory]:
    """Return the steps of a task, the first one first."""
    return list(
        _history(session.scalars(sa.select(TaskStep).where(TaskStep.task_id == number).order_by(TaskStep.turn)))
    )


def _history(steps: sa.ScalarResult[TaskStep]) -> Iterator[TaskHistory]:
    before: dict[str, Any] = dict.fromkeys(FIELDS)
    for step in steps:
        after = {name: getattr(step, name) for name in FIELDS}
        yield TaskHistory(
            step.at,
            step.staff_id,
            {name: after[name] for name in FIELDS if after[name] != before[name]},
            step.note or "",
        )
        before = after


def _set(task: Task, entry: TaskEntry, at: dt.datetime) -> None:
    settled = entry.status != TaskStatus.OPEN
    if not settled or task.status != entry.status:
        task.settled_day = local_day(at) if settled else None
    if entry.owner_id is None or entry.due_day is None:
        raise ValueError("A task has somebody who does it and a day: an entry with faults is not kept.")
    task.status, task.owner_id, task.due_day = entry.status, entry.owner_id, entry.due_day
    task.result = entry.result if settled else None


def _take_step(session: Session, task: Task, entry: TaskEntry, staff_id: int, at: dt.datetime) -> None:
    task.turn += 1
    standing = {name: getattr(task, name) for name in FIELDS}
    session.add(
        TaskStep(task_id=task.id, turn=task.turn, at=at, staff_id=staff_id, note=entry.note or None, **standing)
    )
    session.flush()
    revise(session)


def _faults(
    session: Session, entry: TaskEntry, may_own: set[int], today: dt.date, before: TaskRow | None
) -> Iterator[tuple[str, TextFault]]:
    if before is None and not entry.what:
        yield "what", (_NO_WORDS, {})
    if entry.owner_id is None:
        yield "owner", (_NO_OWNER, {})
    elif entry.owner_id not in may_own and (before is None or entry.owner_id != before.owner_id):
        yield "owner", (_STRANGE_OWNER, {})
    if entry.due_day is None:
        yield "due", (_NO_DAY, {})
    else:
        kept = before is not None and entry.due_day == before.due_day
        message = "" if kept else fault_of_due_day(working_days(session), today, entry.due_day)
        if message:
            yield "due", (message, {})
    settled = entry.status != TaskStatus.OPEN
    if settled != bool(entry.result):
        yield "result", (_NO_RESULT if settled else _NOT_YET, {})
    for name, most in LONGEST.items():
        if fault := fault_of_text(getattr(entry, name), most):
            yield name, fault
