"""What alerts about late comments tell of the day on which a comment was sent goes when links are cut.

A comment is late so many days after its week: the moment at which an agency's only one stood out tells that week, and
so do its end and the mails about it. Their month stays.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Alert, AlertKind, AlertReading, Delivery, MessageKind, Transition
from survey.periods import LOCAL_ZONE

ABOUT_COMMENTS = (AlertKind.COMMENTS_LATE,)


def month_only(kind: AlertKind) -> bool:
    """Return whether of an alert of this kind it is shown only in which month it began."""
    return kind in ABOUT_COMMENTS


def coarsen(session: Session, when: dt.datetime) -> None:
    """Keep of alerts about comments in which months they began, ended and were settled; seen and told of they were.

    Their end becomes that of its month, or `when` while that runs. Of the mails to officials nothing stays but what
    waits: who is told of comments only has a digest on the days on which one is late.
    """
    mine = Alert.kind.in_(ABOUT_COMMENTS)
    for alert in session.scalars(sa.select(Alert).where(mine)):
        alert.began_at = _month(alert.began_at)
        alert.ended_at, alert.settled_at = _end(alert.ended_at, when), _end(alert.settled_at, when)
    readings = AlertReading.alert_id.in_(sa.select(Alert.id).where(mine))
    for column in (AlertReading.told_at, AlertReading.seen_at):
        session.execute(sa.update(AlertReading).where(readings, column.is_not(None)).values({column: when}))
    mails = sa.select(Delivery.id).where(Delivery.kind == MessageKind.NOTICE, Delivery.payload.is_(None))
    session.execute(sa.delete(Transition).where(Transition.delivery_id.in_(mails)))
    session.execute(sa.delete(Delivery).where(Delivery.id.in_(mails)))
    session.flush()


def _month(when: dt.datetime) -> dt.datetime:
    return when.astimezone(LOCAL_ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _end(moment: dt.datetime | None, when: dt.datetime) -> dt.datetime | None:
    """Return the end of the month of a moment, or `when` if that is before it; such an end stays as it is."""
    if moment is None or moment == (first := _month(moment)):
        return moment
    return min(_month(first + dt.timedelta(days=32)), when)
