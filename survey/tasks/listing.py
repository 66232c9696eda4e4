"""Tasks as they are read: in a list, beside the figures that they came of, and counted for the report."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.i18n import gettext, msgid
from survey.models import Staff, SubjectKind, Task, TaskStatus, Texts
from survey.periods import Period, parse
from survey.results.scope import Scope

LATE = "late"
STATES = ("open", LATE, "done", "dropped")
LISTS = ("open", "mine", LATE, "settled")
KEPT = dt.timedelta(days=366)  # so long a settled task stands beside the figures of the periods that follow
_WORDS = {
    "open": msgid("To be done"),
    LATE: msgid("Overdue"),
    "done": msgid("Done"),
    "dropped": msgid("Dropped"),
}


@dataclass(frozen=True)
class TaskRow:
    """A task as it stands on a day: `state` is one of `STATES`."""

    id: int
    kind: SubjectKind
    agency_id: int
    key: str
    name: Texts
    period: Period
    what: str
    owner_id: int
    owner: str
    due_day: dt.date
    status: TaskStatus
    state: str
    result: str
    settled_day: dt.date | None
    turn: int


@dataclass(frozen=True)
class TasksBeside:
    """The tasks that stand beside the figures of a scope, the one that is due first first."""

    rows: tuple[TaskRow, ...]
    scope: Scope

    def of(self, kind: SubjectKind, key: str = "", unit: int | None = None) -> list[TaskRow]:
        """Return those of one figure: of the scope's own agency, or of a unit directly below it."""
        unit_of, wanted = self.scope.unit_of, self.scope.agency_id if unit is None else unit
        return [row for row in self.rows if (row.kind, row.key, unit_of.get(row.agency_id)) == (kind, key, wanted)]

    @property
    def counts(self) -> dict[str, int]:
        """Return how many stand in each of the `STATES`; what is overdue is not among those that are open."""
        numbers = Counter(row.state for row in self.rows)
        return {state: numbers[state] for state in STATES}


def beside(session: Session, scope: Scope, today: dt.date, kept: dt.timedelta = KEPT) -> TasksBeside:
    """Return the tasks of a scope that came of its period or of one before it, settled ones for as long as `kept`."""
    period = scope.period
    stands = sa.or_(Task.settled_day.is_(None), Task.settled_day >= period.first - kept)
    where = (Task.agency_id.in_(scope.subtree), Task.period_first <= period.last, stands)
    return TasksBeside(tuple(_read(session, today, where)), scope)


def listed(
    session: Session, agency_ids: Sequence[int], today: dt.date, show: str, staff_id: int, place: int, number: int
) -> list[TaskRow]:
    """Return a page of the tasks that one of `LISTS` has; `mine` are the open ones of an account."""
    order = (Task.settled_day.desc(), Task.id.desc()) if show == "settled" else (Task.due_day, Task.id)
    where = (Task.agency_id.in_(agency_ids), _shown(show, today, staff_id))
    return _read(session, today, where, order, place * number, number)


def numbers(session: Session, agency_ids: Sequence[int], today: dt.date, staff_id: int) -> dict[str, int]:
    """Return how many tasks each of `LISTS` has."""
    columns = [sa.func.count().filter(_shown(show, today, staff_id)).label(show) for show in LISTS]
    row = session.execute(sa.select(*columns).where(Task.agency_id.in_(agency_ids))).one()
    return dict(row._mapping)


def late_by_agency(session: Session, today: dt.date) -> Counter[int]:
    """Return how many tasks of each agency are overdue."""
    counted = sa.select(Task.agency_id, sa.func.count()).where(_shown(LATE, today, 0)).group_by(Task.agency_id)
    return Counter({row[0]: row[1] for row in session.execute(counted)})


def one(session: Session, agency_ids: Sequence[int], number: int, today: dt.date) -> TaskRow | None:
    """Return a task of these agencies by its number; None if there is no such."""
    rows = _read(session, today, (Task.id == number, Task.agency_id.in_(agency_ids)))
    return rows[0] if rows else None


def state_words(state: str) -> str:
    """Return how a task stands, in words."""
    return gettext(_WORDS[state])


def _shown(show: str, today: dt.date, staff_id: int) -> sa.ColumnElement[bool]:
    is_open = Task.status == TaskStatus.OPEN
    conditions = {
        "mine": sa.and_(is_open, Task.owner_id == staff_id),
        LATE: sa.and_(is_open, Task.due_day < today),
        "settled": Task.status != TaskStatus.OPEN,
    }
    return conditions.get(show, is_open)


def _read(
    session: Session,
    today: dt.date,
    where: Sequence[sa.ColumnElement[bool]],
    order: Sequence[Any] = (Task.due_day, Task.id),
    start: int = 0,
    most: int | None = None,
) -> list[TaskRow]:
    query = sa.select(Task, Staff.name, Staff.login).join(Staff, Staff.id == Task.owner_id).where(*where)
    rows = session.execute(query.order_by(*order).offset(start).limit(most))
    return [_row(task, name or login, today) for task, name, login in rows]


def _row(task: Task, owner: str, today: dt.date) -> TaskRow:
    late = task.status == TaskStatus.OPEN and task.due_day < today
    return TaskRow(
        task.id,
        task.kind,
        task.agency_id,
        task.subject_key,
        task.subject_name,
        parse(task.period_code, task.period_basis),
        task.what,
        task.owner_id,
        owner,
        task.due_day,
        task.status,
        LATE if late else task.status.name.lower(),
        task.result or "",
        task.settled_day,
        task.turn,
    )
