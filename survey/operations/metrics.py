"""What `/metrics` says about an installation: read from the database when it is asked for, of all processes alike.

Whole numbers of the province and its queues; no unit, no person, no text, so that no series grows with the data. A
figure that another part of the product gives (the age of a backup, entries that wait for a seal) is one more row of
`FIGURES`.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from survey.db.engine import Database
from survey.delivery import queue
from survey.environment import measured_in
from survey.ledger import cosignatures, numbering, tree
from survey.models import (
    Case,
    Channel,
    Delivery,
    Invitation,
    Job,
    JobState,
    MessageKind,
    Response,
    State,
    Webhook,
)
from survey.operations import backups
from survey.operations.cosigning import ALARMING
from survey.operations.request_figures import SECONDS
from survey.periods import local_day, now
from survey.results import link_cut
from survey.settings import Settings
from survey.version import version

RECENT = dt.timedelta(days=30)
WEEK = dt.timedelta(days=7)
WAITING = (State.QUEUED, State.SENDING, State.UNKNOWN)
Readings = Mapping[str, float]  # by the value of the label


@dataclass(frozen=True)
class Gauge:
    """One figure of the database: its name, its meaning, the name of its label and how it is read."""

    name: str
    meaning: str
    label: str
    read: Callable[[Session, dt.datetime], Readings] = field(repr=False)


def _database_bytes(session: Session, _when: dt.datetime) -> Readings:
    if session.get_bind().dialect.name == "postgresql":
        return {"": float(session.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0)}
    pages, size = (session.scalar(sa.text(f"PRAGMA {name}")) or 0 for name in ("page_count", "page_size"))
    return {"": float(pages * size)}


def _answers_today(session: Session, when: dt.datetime) -> Readings:
    counted = sa.select(Response.channel, sa.func.count()).where(Response.counted, Response.day == local_day(when))
    numbers = dict(session.execute(counted.group_by(Response.channel)).all())
    return {channel.name.lower(): float(numbers.get(channel, 0)) for channel in Channel}


def _recent_cases(session: Session, when: dt.datetime) -> Readings:
    """Count the finished cases of the last 30 days, those of them that were invited, and that have answered."""
    answered = sa.exists().where(Response.invitation_id == Invitation.id, Response.counted)
    counted = sa.select(
        sa.func.count(),
        sa.func.count(Invitation.id),
        sa.func.count().filter(sa.or_(Invitation.used, sa.and_(Invitation.id.is_not(None), answered))),
    )
    counted = counted.select_from(Case).outerjoin(Invitation, Invitation.case_id == Case.id)
    row = session.execute(counted.where(Case.finished_day > local_day(when - RECENT))).one()
    return dict(zip(("finished", "invited", "answered"), map(float, row), strict=True))


def _waiting(session: Session, _when: dt.datetime) -> Readings:
    counted = sa.select(Delivery.kind, sa.func.count()).where(Delivery.payload.is_not(None)).group_by(Delivery.kind)
    numbers = dict(session.execute(counted).all())
    return {kind.name.lower(): float(numbers.get(kind, 0)) for kind in MessageKind}


def _wait(session: Session, when: dt.datetime) -> Readings:
    oldest = session.scalar(sa.select(sa.func.min(Delivery.due_at)).where(Delivery.state.in_(queue.RESTING)))
    return {"": _seconds_since(oldest, when)}


def _stuck(session: Session, when: dt.datetime) -> Readings:
    return {"": float(queue.stuck(session, when))}


def _ended(session: Session, when: dt.datetime) -> Readings:
    counted = sa.select(Delivery.state, sa.func.count()).where(Delivery.queued_at > when - WEEK)
    numbers = dict(session.execute(counted.group_by(Delivery.state)).all())
    return {state.name.lower(): float(numbers.get(state, 0)) for state in State if state not in WAITING}


def _jobs(session: Session, _when: dt.datetime) -> Readings:
    counted = sa.select(Job.state, sa.func.count()).group_by(Job.state)
    numbers = dict(session.execute(counted).all())
    return {state.name.lower(): float(numbers.get(state, 0)) for state in JobState}


def _job_wait(session: Session, when: dt.datetime) -> Readings:
    oldest = session.scalar(sa.select(sa.func.min(Job.asked_at)).where(Job.state == JobState.QUEUED))
    return {"": _seconds_since(oldest, when)}


def _overdue(session: Session, when: dt.datetime) -> Readings:
    return {"addresses": float(queue.overdue(session, when)), "links": float(link_cut.late(session, when))}


def _webhooks(session: Session, _when: dt.datetime) -> Readings:
    return {"": float(session.scalar(sa.select(sa.func.count()).where(Webhook.removed_at.is_(None))) or 0)}


def _behind(session: Session, when: dt.datetime) -> Readings:
    waits = numbering.waits(session)
    newest = tree.newest_checkpoint(session) if waits else None
    never = float("inf") if waits else 0.0
    return {"": _seconds_since(newest.sealed_at, when) if newest is not None else never}


def _unwitnessed(session: Session, when: dt.datetime) -> Readings:
    waits = (_seconds_since(one.failed_at, when) for one in cosignatures.in_use(session))
    return {"": max(waits, default=0.0)}


def _contradicted(session: Session, _when: dt.datetime) -> Readings:
    return {"": float(sum(one.fault in ALARMING for one in cosignatures.in_use(session)))}


def _seconds_since(moment: dt.datetime | None, when: dt.datetime) -> float:
    return max(0.0, (when - moment).total_seconds()) if moment is not None else 0.0


FIGURES = (
    Gauge("hailong_database_bytes", "Size of the database.", "", _database_bytes),
    Gauge("hailong_answers_today", "Counted answers of today in Viet Nam, by channel.", "channel", _answers_today),
    Gauge(
        "hailong_recent_cases",
        "Cases finished within 30 days, those of them that were invited, and those that have answered.",
        "stage",
        _recent_cases,
    ),
    Gauge("hailong_deliveries_waiting", "Deliveries that wait, by kind.", "kind", _waiting),
    Gauge("hailong_deliveries_stuck", "Deliveries that should have gone long ago, or are tried in vain.", "", _stuck),
    Gauge("hailong_delivery_wait_seconds", "How long the oldest delivery that is due has waited.", "", _wait),
    Gauge("hailong_deliveries_week", "Deliveries queued within 7 days that have ended, by state.", "state", _ended),
    Gauge("hailong_jobs", "Reports, posters and imports that were asked for within a day, by state.", "state", _jobs),
    Gauge("hailong_job_wait_seconds", "How long the oldest job that nobody has begun has waited.", "", _job_wait),
    Gauge("hailong_overdue", "What should have been erased or cut by now, by what it is.", "what", _overdue),
    Gauge(
        "hailong_ledger_behind_seconds",
        "While something waits for the ledger: how long ago it was sealed last; else 0.",
        "",
        _behind,
    ),
    Gauge(
        "hailong_ledger_unwitnessed_seconds",
        "How long the witness of the ledger that has refused longest has not signed.",
        "",
        _unwitnessed,
    ),
    Gauge(
        "hailong_ledger_contradicted",
        "Witnesses who say that the ledger was rewritten or cut short.",
        "",
        _contradicted,
    ),
    Gauge("hailong_webhooks", "Webhooks in use.", "", _webhooks),
)


@dataclass(frozen=True)
class InstallationCollector(Collector):
    """Reads the figures of one installation each time it is asked."""

    database: Database
    settings: Settings

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield every figure; without a database those of the machine, and that it is away."""
        yield _family("hailong_info", "Which version this is.", "version", {version(): 1.0})
        yield from _disk(self.settings.instance)
        yield from _backup(self.settings, now())
        try:
            with self.database.session(writes=False) as session:
                families = [_family(one.name, one.meaning, one.label, one.read(session, now())) for one in FIGURES]
        except sa.exc.SQLAlchemyError:
            families = []
        up = "Whether the database answers and has the tables of this version."
        yield _family("hailong_database_up", up, "", {"": float(bool(families))})
        yield from families


def _disk(folder: Path) -> Iterator[GaugeMetricFamily]:
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return
    yield _family("hailong_disk_bytes", "Size of the disk of the instance folder.", "", {"": float(usage.total)})
    yield _family("hailong_disk_free_bytes", "What is free on it.", "", {"": float(usage.free)})


def _backup(settings: Settings, when: dt.datetime) -> Iterator[GaugeMetricFamily]:
    folder = backups.folder_of(settings)
    if folder is None:
        return
    newest = backups.newest(folder)
    age = float("inf") if newest is None else _seconds_since(newest, when)
    yield _family("hailong_backup_age_seconds", "Age of the newest backup.", "", {"": age})


def _family(name: str, meaning: str, label: str, values: Readings) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=[label] if label else None)
    for value, figure in values.items():
        family.add_metric([value] if label else [], figure)
    return family


def exposition(database: Database, settings: Settings) -> bytes:
    """Return all figures in Prometheus' text format: of the database, and of the requests of all processes."""
    registry = CollectorRegistry()
    registry.register(InstallationCollector(database, settings))
    if folder := measured_in():
        MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]  # the library types no arguments
    else:
        registry.register(SECONDS)
    return generate_latest(registry)
