"""How a comment stands: as its follow-up says, or new; and whether it was to be answered before today."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from survey.comments.clock import MOST_LEVEL, Clock, monday
from survey.db.types import EPOCH
from survey.i18n import gettext, msgid
from survey.models import Comment, FollowUp, FollowUpStatus, ReplyContact, Response

LATE, ASKS = "late", "asks"
STATUSES = {status.name.lower(): status for status in FollowUpStatus}
OPEN = (FollowUpStatus.NEW, FollowUpStatus.IN_HAND)
COLUMNS = (
    FollowUp.status,
    FollowUp.owner_id,
    FollowUp.due_day,
    Comment.due_day,
    FollowUp.answer,
    FollowUp.turn,
    ReplyContact.response_id,
)
_WORDS = {
    "new": msgid("New"),
    "in_hand": msgid("In hand"),
    "done": msgid("Dealt with"),
    "not_for_us": msgid("Not for us"),
    LATE: msgid("Overdue"),
    ASKS: msgid("Answer to be sent"),
}
_FIRST_MONDAY = dt.date(1969, 12, 29)  # of the week with the first of the days that are counted


@dataclass(frozen=True)
class Standing:
    """How a comment stands: `due` is None where no clock runs, `late` that it was to be answered before today.

    `own_day` is the clock's, or the one frozen when the link was cut; `set_day` what somebody set in its place.
    """

    status: FollowUpStatus
    owner_id: int | None
    set_day: dt.date | None
    own_day: dt.date | None
    due: dt.date | None
    late: bool
    answer: str
    turn: int  # how many steps there have been
    asks: bool  # its person left an address for the answer, and nothing was sent to it yet

    @property
    def state(self) -> str:
        """Return what stands out: late, or its status."""
        return LATE if self.late else self.status.name.lower()


def standing(clock: Clock, level: int | None, day: dt.date, stored: tuple[Any, ...]) -> Standing:
    """Return how a comment on the sheet of a day stands; `stored` has what `COLUMNS` hold, all empty without a row.

    Where the level is not shown (None), no clock runs of itself: that it does would tell the level.
    """
    status, owner_id, due_day, frozen, answer, turn, contact = stored
    status = status or FollowUpStatus.NEW
    own_day = frozen or clock.due(day) if level is not None and level <= MOST_LEVEL else None
    due = due_day or own_day
    late = status in OPEN and due is not None and due < clock.today
    return Standing(status, owner_id, due_day, own_day, due, late, answer or "", turn or 0, contact is not None)


def stands(state: str, clock: Clock, with_level: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Return the condition that a comment stands so: one of `STATUSES`, `LATE` or `ASKS`; any other is not met.

    `with_level` is the condition that its level is shown.
    """
    if state == ASKS:
        return ReplyContact.response_id.is_not(None)
    status = sa.func.coalesce(FollowUp.status, sa.literal(FollowUpStatus.NEW, FollowUp.status.type))
    if state != LATE:
        return status == STATUSES[state] if state in STATUSES else sa.false()
    low = sa.and_(with_level, Response.overall <= MOST_LEVEL)
    by_clock = sa.and_(Comment.due_day.is_(None), week() <= week_of(clock.newest_late()))
    of_itself = sa.and_(FollowUp.due_day.is_(None), low, sa.or_(by_clock, Comment.due_day < clock.today))
    return sa.and_(status.in_(OPEN), sa.or_(FollowUp.due_day < clock.today, of_itself))


def state_words(state: str) -> str:
    """Return a status, or what else stands out, in words."""
    return str(gettext(_WORDS[state]))


def week(day: sa.ColumnElement[Any] | None = None) -> Any:
    """Return the week of a sheet, or of another day, as `week_of` numbers it."""
    number = sa.type_coerce(Response.day if day is None else day, sa.Integer)
    ahead = sa.literal_column(str((EPOCH - _FIRST_MONDAY).days), sa.Integer)
    return (number + ahead) // sa.literal_column("7", sa.Integer)


def week_of(day: dt.date) -> int:
    """Return the number of a day's week: that of 1 January 1970 is 0.

    >>> week_of(dt.date(1970, 1, 4)), week_of(dt.date(1970, 1, 5))
    (0, 1)
    """
    return (monday(day) - _FIRST_MONDAY).days // 7


def monday_of(number: int) -> dt.date:
    """Return the Monday of a week by its number.

    >>> monday_of(week_of(dt.date(2026, 10, 14)))
    datetime.date(2026, 10, 12)
    """
    return _FIRST_MONDAY + dt.timedelta(days=7 * number)
