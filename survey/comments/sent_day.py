"""When a comment was sent, as far as it is told: the day, the week, or once its link is cut the half of a month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from survey.comments.clock import WEEK, monday
from survey.i18n import date, gettext, month
from survey.models import Channel, Response
from survey.periods import half_month

DAY = dt.timedelta(days=1)
CUT = sa.and_(Response.channel == Channel.INVITATION, Response.invitation_id.is_(None))


@dataclass(frozen=True)
class SentDay:
    """The first and last day on which a comment may have been sent."""

    first: dt.date
    last: dt.date

    def __str__(self) -> str:
        """Return it in the words of the language in use."""
        if self.first == self.last:
            return date(self.first)
        if (self.first, self.last) != half_month(self.first):
            return str(gettext("week %(first)s to %(last)s", first=date(self.first), last=date(self.last)))
        name = month(self.first.year, self.first.month)
        if self.first.day == 1:
            return str(gettext("first half of %(month)s", month=name))
        return str(gettext("second half of %(month)s", month=name))


def sent_day(day: dt.date, *, cut: bool, weekly: bool) -> SentDay:
    """Return what is told of the day of a sheet: of one that is `cut` its half, for whoever may know the week that.

    >>> one = sent_day(dt.date(2026, 10, 14), cut=False, weekly=True)
    >>> str(one.first), str(one.last)
    ('2026-10-12', '2026-10-18')
    >>> str(sent_day(dt.date(2026, 10, 14), cut=True, weekly=True).first)
    '2026-10-01'
    """
    if cut:
        return SentDay(*half_month(day))
    return SentDay(monday(day), monday(day) + WEEK - DAY) if weekly else SentDay(day, day)


def newest(halves: Sequence[tuple[dt.date, dt.date]]) -> sa.ColumnElement[int]:
    """Return by which day comments of these halves of months are put in order: the last that their sheet may be of."""
    traded = [(sa.and_(CUT, Response.day <= last), sa.literal(last, Response.day.type)) for _first, last in halves]
    return sa.type_coerce(sa.case(*traded, else_=Response.day), sa.Integer)
