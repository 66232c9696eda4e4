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

from survey.accounts import accounts, roles
from survey.audit import trail
from survey.audit.acts import Act
from survey.collection import reply_contacts
from survey.collection.follow_up_steps import UNTOUCHED, StepAuthor, take_step
from survey.comments.clock import Clock
from survey.comments.reading import CommentFilter, CommentKey, CommentRow, CommentsInScope
from survey.db.engine import Lock, exclusively
from survey.errors import Conflict
from survey.i18n import msgid
from survey.models import Comment, FollowUp, FollowUpStatus, FollowUpStep, ReplyContact, ReplyStage, Staff
from survey.organisation.agencies import revise
from survey.organisation.dated_tree import Tree
from survey.organisation.working_days import fault_of_due_day
from survey.periods import local_day
from survey.redaction.checking import Faults, TextFault, fault_of_text

LONGEST_ANSWER, LONGEST_NOTE = 2000, 1000

MOVED_ON = msgid("This comment has changed meanwhile, or somebody else has. Please look at it again.")
_NO_OWNER = msgid("Choose who takes it in hand.")
_STRANGE_OWNER = msgid("This account may not follow up comments of this unit. Please choose another one.")
_NOT_SENDABLE = msgid("Only an answer to a comment that is dealt with can be sent: write it, and set the status.")
NOBODY_ASKS = msgid("There is no address any more to which the answer could go. Save without sending it.")


@dataclass(frozen=True)
class FollowUpChange:
    """What is to become of comments: `values` has what is set; what is missing there stays as it is.

    `reply`: the answer is to go to whoever left an address for it.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    reply: bool = False


@dataclass(frozen=True)
class HistoryStep:
    """One step as it is told: what it changed, and nothing else.

    `day` and `staff_id` are None once the answer's link to its case was cut.
    """

    day: dt.date | None
    staff_id: int | None
    changed: Mapping[str, Any]
    note: str
    reply: ReplyStage | None


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
    able = accounts.enabled(session, roles.ACTING)
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
    author, values = StepAuthor(staff_id, today), change.values
    number = sum(take_step(session, (row.response_id, row.key[1]), values, author, change.note) for row in rows)
    if not change.reply:
        erase_unused(session, [row.response_id for row in rows], at)
    if number:
        revise(session)
        trail.append(session, staff_id, Act.COMMENTS_HANDLED, at, number=number)
    return number


def steps(session: Session, row: CommentRow) -> list[HistoryStep]:
    """Return the steps of a comment, the first one first."""
    own = (FollowUpStep.response_id == row.response_id, FollowUpStep.question == row.key[1])
    taken = session.scalars(sa.select(FollowUpStep).where(*own).order_by(FollowUpStep.turn))
    return list(_history(taken.all()))


def erase_unused(session: Session, response_ids: Sequence[int], at: dt.datetime) -> None:
    """Erase the addresses that were left with answers all of whose comments are closed, but for those being sent to."""
    closed = (
        FollowUp.status.in_((FollowUpStatus.DONE, FollowUpStatus.NOT_FOR_US)),
        FollowUp.question == Comment.question,
    )
    still = sa.exists().where(Comment.response_id == ReplyContact.response_id)
    still = still.where(~sa.exists().where(FollowUp.response_id == Comment.response_id, *closed))
    unused = (ReplyContact.response_id.in_(response_ids), ReplyContact.delivery_id.is_(None), ~still)
    reply_contacts.erase(session, sa.and_(*unused), ReplyStage.ERASED, at)


def _history(taken: Sequence[FollowUpStep]) -> Iterator[HistoryStep]:
    before = UNTOUCHED
    for one in taken:
        after = {name: getattr(one, name) for name in UNTOUCHED}
        changed = {name: value for name, value in after.items() if value != before[name]}
        before = after
        yield HistoryStep(one.day, one.staff_id, changed, one.note or "", one.reply)


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
    ready = values.get("status") == FollowUpStatus.DONE and values.get("answer")
    if change.reply and not (ready and all(row.standing.asks for row in rows)):
        yield "reply", (_NOT_SENDABLE if not ready else NOBODY_ASKS, {})
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
