"""One round of alerts: look for what stands out, keep it, and queue what officials are to be told of it.

The look only reads, of one moment for each reader, and holds nobody up; keeping and queueing is one short transaction
that one process has at a time, so that nobody is told twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.alerts import digests, episodes, looking
from survey.alerts.episodes import AlertKey
from survey.alerts.post import Post
from survey.db.engine import Database, Lock, exclusively
from survey.models import Installation
from survey.results.scope import Standard

REST = dt.timedelta(minutes=50)  # between two looks, of however many processes


def run(database: Database, standard: Standard, post: Post, at: dt.datetime) -> int:
    """Do a round unless one was done less than an hour ago; return how many mails were queued."""
    with database.session(writes=False) as reading:
        if not _is_due(reading, at):
            return 0
        readers = looking.readers(reading)
    facts: dict[AlertKey, Mapping[str, Any]] = {}
    for seen_by in readers:
        with database.session(writes=False) as reading:
            look = looking.Look(reading, seen_by, standard, at)
            facts |= episodes.keyed(look.facts(), seen_by.reader.guarded)
    with database.session(writes=True) as session:
        exclusively(session, Lock.ALERTS)
        number = keep_and_queue(session, facts, post, at) if _is_due(session, at) else 0
        session.commit()
    return number


def keep_and_queue(session: Session, facts: Mapping[AlertKey, Mapping[str, Any]], post: Post, at: dt.datetime) -> int:
    """Keep what was seen, and queue what is to be told of it; return how many mails were queued."""
    session.execute(sa.update(Installation).values(alerts_at=at))
    episodes.keep(session, facts, at)
    return digests.queue_notices(session, post, at)


def _is_due(session: Session, at: dt.datetime) -> bool:
    installed = session.get(Installation, 1)
    return installed is not None and (installed.alerts_at is None or at - installed.alerts_at >= REST)
