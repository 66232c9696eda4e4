"""Follow-up of comments: who looks after one, until when, what is answered and what came of it; every step is kept.

Who changes something holds the lock by which links are cut, so that the numbers of answers stay what they are until
the step is written. What is on record in the audit trail names no comment: with its time it would tell, after the cut,
until when that comment had been sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import accounts
from survey.audit import trail
from survey.audit.acts import Act
from survey.comments.clock import Clock
from survey.comments.reading import CommentFilter, CommentKey, CommentRow, CommentsInScope
from survey.db.engine import Lock, exclusively
from survey.errors import Conflict
from survey.i18n import msgid
from survey.models import FollowUp, FollowUpStatus, FollowUpStep, Role, Staff
from survey.organisation.agencies import revise
from survey.organisation.dated_tree import Tree
from survey.organisation.working_days import fault_of_due_day
from survey.periods import local_day
from survey.redaction.checking import Faults, TextFault, fault_of_text

LONGEST_ANSWER, LONGEST_NOTE = 2000, 1000
FIELDS = ("status", "owner_id", "due_day", "answer")
_UNTOUCHED: dict[str, Any] = {**dict.fromkeys(FIELDS), "status": FollowUpStatus.NEW}
ACTING = (Role.MANAGER, Role.ADMINISTRATOR)

MOVED_ON = msgid("This comment has changed meanwhile, or somebody else has. Please look at it again.")
_NO_OWNER = msgid("Choose who takes it in hand.")
_STRANGE_OWNER = msgid("This account may not follow up comments of this unit. Please choose another one.")


@dataclass(frozen=True)
class FollowUpChange:
    """What is to become of comments: `values` has what is set, of `FIELDS`; what is missing there stays as it is."""

    values: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class HistoryStep:
    """One step as it is told: what it changed, and nothing else.

    `day` and `staff_id` are None once the answer's link to its case was cut.
    """

    day: dt.date | None
    staff_id: int | None
    changed: Mapping[str, Any]
    note: str


def held(comments: CommentsInScope, keys: frozenset[CommentKey]) -> list[CommentRow]:
    """Return comments that are to be changed: until the transaction ends nobody else changes or renumbers them.

    Raises:
        Conflict: one of them is not there any more: its person changed it, or it went to another agency.
    """
    exclusively(comments.session, Lock.LINKS)
    rows = comments.page(CommentFilter(keys=keys))
    if len(rows) < len(keys):
        raise Conflict(MOVED_ON)
    return rows


def owners(session: Session, tree: Tree, agency_ids: Sequence[int]) -> list[Staff]:
    """Return the accounts that may follow up comments of all these agencies, those nearest to them first."""
    own = set(agency_ids)
    able = accounts.enabled(session, ACTING)
    may = [one for one in able if all(tree.within(agency, one.agency_id) for agency in own)]
    return sorted(may, key=lambda one: one.agency_id not in own)


def faults(rows: Sequence[CommentRow], change: FollowUpChange, may_own: Sequence[Staff], clock: Clock) -> Faults:
    """Return what is wrong with a change of these comments."""
    return dict(_faults(rows, change, {one.id for one in may_own}, clock))


def follow_up(
    session: Session, rows: Sequence[CommentRow], change: FollowUpChange, staff_id: int, at: dt.datetime
) -> int:
    """Change comments that are `held`, and return how many of them: one that stands so already takes no step.

    The change must be without `faults`.
    """
    today = local_day(at)
    number = sum(_take_step(session, row, change, staff_id, today) for row in rows)
    if number:
        revise(session)
        trail.append(session, staff_id, Act.COMMENTS_HANDLED, at, number=number)
    return number


def steps(session: Session, row: CommentRow) -> list[HistoryStep]:
    """Return the steps of a comment, the first one first."""
    own = (FollowUpStep.response_id == row.response_id, FollowUpStep.question == row.key[1])
    taken = session.scalars(sa.select(FollowUpStep).where(*own).order_by(FollowUpStep.turn))
    return list(_history(taken.all()))


def _history(taken: Sequence[FollowUpStep]) -> Iterator[HistoryStep]:
    before = _UNTOUCHED
    for one in taken:
        after = {name: getattr(one, name) for name in FIELDS}
        changed = {name: value for name, value in after.items() if value != before[name]}
        before = after
        yield HistoryStep(one.day, one.staff_id, changed, one.note or "")


def _take_step(session: Session, row: CommentRow, change: FollowUpChange, staff_id: int, today: dt.date) -> bool:
    key = {"response_id": row.response_id, "question": row.key[1]}
    stored = session.get(FollowUp, key)
    before = _UNTOUCHED if stored is None else {name: getattr(stored, name) for name in FIELDS}
    after = {**before, **change.values}
    if after == before and not change.note:
        return False
    if stored is None:
        stored = FollowUp(**key, turn=0)
        session.add(stored)
    stored.turn += 1
    for name in FIELDS:
        setattr(stored, name, after[name])
    session.flush()
    session.add(FollowUpStep(**key, **after, turn=stored.turn, day=today, staff_id=staff_id, note=change.note or None))
    session.flush()
    return True


def _faults(
    rows: Sequence[CommentRow], change: FollowUpChange, may_own: set[int], clock: Clock
) -> Iterator[tuple[str, TextFault]]:
    values = change.values
    owner_id = values.get("owner_id")
    if owner_id is not None and owner_id not in may_own and any(row.standing.owner_id != owner_id for row in rows):
        yield "owner_id", (_STRANGE_OWNER, {})
    in_hand = values.get("status") == FollowUpStatus.IN_HAND
    if in_hand and not all(values.get("owner_id", row.standing.owner_id) for row in rows):
        yield "owner_id", (_NO_OWNER, {})
    due = values.get("due_day")
    if due is not None and any(row.standing.due != due for row in rows):
        message = fault_of_due_day(clock.calendar, clock.today, due)
        if message:
            yield "due_day", (message, {})
    for name, words, most in (
        ("answer", values.get("answer") or "", LONGEST_ANSWER),
        ("note", change.note, LONGEST_NOTE),
    ):
        if fault := fault_of_text(words, most):
            yield name, fault
