"""What each kind of job makes; imported only by the process that makes it, for it loads what is heavy."""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from survey import periods, reports
from survey.collection import placements
from survey.collection.posters import typesetting
from survey.collection.posters.typesetting import Size
from survey.db.engine import Database
from survey.errors import NotFound, SurveyError
from survey.models import Channel, Job, JobKind
from survey.operations import jobs
from survey.operations.jobs import Claim
from survey.organisation import agencies
from survey.periods import local_day, now
from survey.results.scope import scope_for, standard_of
from survey.settings import Settings

TOLD_SECONDS = 1.0  # each word about progress is a transaction


@dataclass
class JobProgress:
    """Tells the queue how far a job has come, at most once a second."""

    database: Database
    claim: Claim
    told_at: float = 0.0

    def tell(self, done: int, total: int) -> None:
        """Record how much is done."""
        if time.monotonic() - self.told_at < TOLD_SECONDS:
            return
        self.told_at = time.monotonic()
        with self.database.session(writes=True) as session:
            jobs.progress(session, self.claim, done, total, now())
            session.commit()


@dataclass(frozen=True)
class Workplace:
    """What a job works with: it leaves its file in `folder` and returns its path."""

    database: Database
    settings: Settings
    agency_id: int
    arguments: dict[str, Any]
    day: dt.date
    folder: Path
    progress: JobProgress


def perform(database: Database, settings: Settings, claim: Claim) -> None:
    """Do a claimed job and record how it ended; a fault of ours is raised, and is for the parent process to record."""
    with database.session(writes=False) as session:
        job = session.get_one(Job, claim.job_id)
    target = jobs.path_of(settings, job.id)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{job.id}.", dir=target.parent) as folder:
        progress = JobProgress(database, claim)
        place = Workplace(
            database, settings, job.agency_id, job.arguments, local_day(job.asked_at), Path(folder), progress
        )
        try:
            path = MAKERS[job.kind](place)
        except SurveyError as error:
            with database.session(writes=True) as session:
                jobs.fail(session, claim, error, now())
                session.commit()
            return
        path.chmod(0o600)
        path.replace(target)
    with database.session(writes=True) as session:
        jobs.finish(session, claim, path.name, now())
        session.commit()


def _report(place: Workplace) -> Path:
    asked = place.arguments
    place.progress.tell(0, 2)
    with place.database.session(writes=False) as session:
        scope = scope_for(session, periods.parse(asked["period"], asked["basis"]), place.agency_id)
        standard = standard_of(place.settings)
        report = reports.build(session, scope, standard, place.day, language=asked["language"])
    place.progress.tell(1, 2)
    [path] = reports.write(report, place.folder, [asked["format"]])
    return path


def _posters(place: Workplace) -> Path:
    size = Size(place.arguments["size"])
    with place.database.session(writes=False) as session:
        below = list(agencies.tree(session, place.day).subtree(place.agency_id))
        hanging = placements.in_use(session, Channel.OPEN, below)
        if not hanging:
            raise NotFound("There is no QR code in use here. Please add one first.")
        posters = typesetting.posters_of(
            session, hanging, place.settings.secret_key, place.settings.public_url, place.day
        )
        demo = agencies.installation(session).demo
    drawn = 0

    def tell(number: int) -> None:
        nonlocal drawn
        drawn += number
        place.progress.tell(drawn, len(posters))

    path = place.folder / f"poster_{place.arguments['agency']}_{size}.pdf"
    path.write_bytes(typesetting.pdf(posters, size, place.day, demo, tell))
    return path


MAKERS: dict[JobKind, Callable[[Workplace], Path]] = {JobKind.REPORT: _report, JobKind.POSTERS: _posters}
