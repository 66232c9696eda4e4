"""Publish the results of a closed period for everybody, or retract them with a reason that stays visible.

The province decides whether its results are public at all, and of each closed period when. What is published never
changes: its file is told to the ledger, and whoever has a copy can compare it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import Conflict, NotFound
from survey.i18n import msgid
from survey.ledger.entries import EntryKind
from survey.ledger.events import tell
from survey.models import ClosedPeriod, Publication
from survey.organisation.agencies import installation
from survey.periods import Period, local_day, parse
from survey.results import published
from survey.results.published import PublishedCallBack, PublishedFigures
from survey.results.scope import Standard, closed_period

LONGEST_REASON = 500
_OFF = msgid("Publication is switched off. Please switch it on first.")
_OPEN = msgid("This period is not closed, so its figures may still change. Please close it before it is published.")
_TWICE = msgid("This period is published already.")
_ALTERED = msgid(
    "The frozen figures of this period are not those of its answers any more. Please run `hailong verify`."
)
_RETRACTED = msgid("This publication is retracted already, or there is none.")
_NONE = msgid("Nothing has been published here.")


@dataclass(frozen=True)
class PublishedPeriod:
    """A publication with its figures."""

    publication: Publication
    figures: PublishedFigures


def publishes(session: Session) -> bool:
    """Return whether this installation shows results to everybody."""
    return installation(session).publishes


def switch(session: Session, on: bool, staff_id: int | None, at: dt.datetime) -> None:
    """Show published results to everybody, or do not, on record; as it is already changes nothing."""
    row = installation(session)
    if row.publishes is on:
        return
    row.publishes = on
    act = Act.PUBLICATION_SWITCHED_ON if on else Act.PUBLICATION_SWITCHED_OFF
    trail.append(session, staff_id, act, at)


def publish(
    session: Session,
    period: Period,
    standard: Standard,
    at: dt.datetime,
    staff_id: int | None = None,
    called: PublishedCallBack | None = None,
) -> Publication:
    """Publish a closed period as its frozen figures stand, on record and in the ledger.

    `called` is what its finished call-back says to everybody: `callbacks.publishing.publish` knows.

    Raises:
        Conflict: publication is off, the period is open or published, or its frozen figures were altered.
    """
    if not publishes(session):
        raise Conflict(_OFF)
    if (closing := closed_period(session, period)) is None:
        raise Conflict(_OPEN)
    if (before := newest(session, period)) is not None and before.retracted_at is None:
        raise Conflict(_TWICE)
    shown = published.public_figures(session, closing, standard)
    if shown.altered:
        raise Conflict(_ALTERED)
    figures = published.document(session, closing, shown, called)
    publication = Publication(
        period_code=period.code,
        period_basis=str(period.basis),
        published_at=at,
        staff_id=staff_id,
        figures=figures,
        sha256=hashlib.sha256(published.written(figures)).digest(),
    )
    session.add(publication)
    session.flush()
    about = {"period": period.code, "basis": str(period.basis), "sha256": publication.sha256.hex()}
    tell(session, EntryKind.RESULTS, local_day(at), **about)
    trail.append(session, staff_id, Act.RESULTS_PUBLISHED, at, **about)
    return publication


def retract(session: Session, period: Period, reason: str, at: dt.datetime, staff_id: int | None = None) -> None:
    """Take back what was published of a period; that it was, and why it is not any more, stays there to be read.

    Raises:
        Conflict: nothing is published of it, or it is retracted already.
    """
    publication = newest(session, period)
    if publication is not None:
        session.refresh(publication, with_for_update=True)
    if publication is None or publication.retracted_at is not None:
        raise Conflict(_RETRACTED)
    publication.retracted_at, publication.retracted_by, publication.reason = at, staff_id, reason
    about = {"period": period.code, "basis": str(period.basis), "sha256": publication.sha256.hex()}
    tell(session, EntryKind.RESULTS_RETRACTED, local_day(at), **about)
    trail.append(session, staff_id, Act.RESULTS_RETRACTED, at, **about)


def newest(session: Session, period: Period) -> Publication | None:
    """Return what was published of a period last, be it retracted or not; None if nothing ever was."""
    of = (Publication.period_code == period.code, Publication.period_basis == str(period.basis))
    return session.scalars(sa.select(Publication).where(*of).order_by(Publication.id.desc()).limit(1)).first()


def with_file(session: Session, sha256: bytes) -> Publication:
    """Return what was published as a file with this digest, be it retracted or not.

    Raises:
        NotFound: publication is off, or there is none.
    """
    wanted = sa.select(Publication).where(Publication.sha256 == sha256).order_by(Publication.id.desc())
    row = session.scalars(wanted.limit(1)).first()
    if row is None or not publishes(session):
        raise NotFound(_NONE)
    return row


def every(session: Session) -> Sequence[Publication]:
    """Return all publications, the last one first."""
    return session.scalars(sa.select(Publication).order_by(Publication.id.desc())).all()


def current(session: Session) -> list[PublishedPeriod]:
    """Return what everybody may read, the period that ended last first.

    Raises:
        NotFound: publication is off.
    """
    if not publishes(session):
        raise NotFound(_NONE)
    wanted = sa.select(Publication).where(Publication.retracted_at.is_(None)).options(undefer(Publication.figures))
    rows = [PublishedPeriod(row, published.read(row.figures)) for row in session.scalars(wanted)]
    return sorted(rows, key=lambda row: (row.figures.period.last, row.figures.period.first), reverse=True)


def closed_unpublished(session: Session) -> list[Period]:
    """Return the closed periods of which nothing is published, the one that ended last first."""
    shown = {(row.period_code, row.period_basis) for row in every(session) if row.retracted_at is None}
    closed = session.execute(sa.select(ClosedPeriod.code, ClosedPeriod.basis))
    periods = [parse(code, basis) for code, basis in closed if (code, basis) not in shown]
    return sorted(periods, key=lambda period: (period.last, period.first), reverse=True)


def state(session: Session) -> tuple[object, ...]:
    """Return what differs as soon as anything that is published does."""
    rows = session.execute(sa.select(sa.func.max(Publication.id), sa.func.max(Publication.retracted_at))).one()
    return (publishes(session), *rows)
