"""Alerts from beginning to end: one stands as long as what it tells holds; what comes back begins another one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.alerts.rules import AlertFact
from survey.audit import trail
from survey.audit.acts import Act
from survey.db.upsert import insert_or_ignore
from survey.errors import NotFound
from survey.models import Alert, AlertKind, AlertReading, Role
from survey.organisation import agencies
from survey.periods import local_day
from survey.results.scope import reader_of

KEPT = dt.timedelta(days=400)  # after its end
SHOWN = dt.timedelta(days=31)  # after its end, on the page and in digests
READING = insert_or_ignore(cast("sa.Table", AlertReading.__table__))
AlertKey = tuple[AlertKind, int, bool, str]  # of one that stands: kind, agency, whether guarded, subject


@dataclass(frozen=True)
class ShownAlert:
    """An alert with what its reader did with it."""

    alert: Alert
    told_at: dt.datetime | None
    seen_at: dt.datetime | None


def keyed(facts: Iterable[tuple[int, AlertFact]], guarded: bool) -> dict[AlertKey, Mapping[str, Any]]:
    """Return facts as they are compared with what stands."""
    return {(fact.kind, agency_id, guarded, fact.subject): fact.about for agency_id, fact in facts}


def keep(session: Session, facts: Mapping[AlertKey, Mapping[str, Any]], at: dt.datetime) -> None:
    """Begin the alerts of facts that are new, and end those whose facts are no more."""
    standing: dict[AlertKey, Alert] = {}
    for alert in session.scalars(sa.select(Alert).where(Alert.ended_at.is_(None))):
        standing[alert.kind, alert.agency_id, alert.guarded, alert.subject] = alert
    for key, about in facts.items():
        if key not in standing:
            kind, agency_id, guarded, subject = key
            values = {"kind": kind, "agency_id": agency_id, "guarded": guarded, "subject": subject}
            session.add(Alert(**values, about=dict(about), began_at=at))
        elif (alert := standing.pop(key)).about != about:
            alert.about = dict(about)
    for alert in standing.values():
        alert.ended_at = at
    session.flush()


def shown_to(
    session: Session, staff_id: int, agency_id: int, role: Role, at: dt.datetime, kinds: Sequence[AlertKind] = ()
) -> list[ShownAlert]:
    """Return the alerts that an account may see, newest first: those that stand, and those that ended of late."""
    scope = agencies.tree(session, local_day(at)).subtree(agency_id)
    mine = sa.and_(AlertReading.alert_id == Alert.id, AlertReading.staff_id == staff_id)
    query = (
        sa.select(Alert, AlertReading.told_at, AlertReading.seen_at)
        .outerjoin(AlertReading, mine)
        .where(Alert.agency_id.in_(list(scope)), Alert.guarded == reader_of(session, agency_id, role).guarded)
        .where(sa.or_(Alert.ended_at.is_(None), Alert.ended_at > at - SHOWN))
        .where(Alert.kind.in_(kinds or list(AlertKind)))
        .order_by(Alert.began_at.desc(), Alert.id.desc())
    )
    return [ShownAlert(*row) for row in session.execute(query)]


def note(session: Session, alerts: Iterable[ShownAlert], staff_id: int, **when: dt.datetime) -> None:
    """Note that an account was told (`told_at`) or has seen (`seen_at`) alerts."""
    ids = [shown.alert.id for shown in alerts]
    if not ids:
        return
    session.execute(READING, [{"alert_id": one, "staff_id": staff_id} for one in ids])
    mine = (AlertReading.alert_id.in_(ids), AlertReading.staff_id == staff_id)
    session.execute(sa.update(AlertReading).where(*mine).values(**when))


def settle(session: Session, alerts: Sequence[ShownAlert], number: int, staff_id: int, at: dt.datetime) -> None:
    """Say that something was done about one of these alerts: while it stands, nobody is told of it any more.

    Raises:
        NotFound: it is none of them.
    """
    shown = next((one for one in alerts if one.alert.id == number), None)
    if shown is None:
        raise NotFound("There is no such alert. Please open the list again.")
    if shown.alert.settled_at is None:
        shown.alert.settled_at, shown.alert.settled_by = at, staff_id
        trail.append(session, staff_id, Act.ALERT_SETTLED, at, kind=shown.alert.kind.name, agency=shown.alert.agency_id)
