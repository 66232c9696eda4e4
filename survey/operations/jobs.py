"""The queue of heavy work: who asked for what, what becomes of it, and where its file lies for a day.

A job is claimed for a minute at a time; whoever works on it renews the claim, so a job whose worker has died is
claimed again. Two deaths end it: what kills a process twice would do so for ever.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.engine import Lock, exclusively
from survey.errors import Conflict, NotFound, SurveyError
from survey.i18n import msgid
from survey.models import Installation, Job, JobKind, JobState
from survey.periods import local_day
from survey.settings import Settings

AT_ONCE = 1  # on all machines together: each takes a processor and some hundred MB
MOST_WAITING = 20  # of one account
MOST_ATTEMPTS = 2
LEASE = dt.timedelta(minutes=1)
KEPT = dt.timedelta(days=1)
GOOD = dt.timedelta(hours=1)  # so long nothing is made anew of figures that no longer move
OPEN = Job.due_at.is_not(None)
ENDED = (JobState.DONE, JobState.FAILED)
UPLOAD = ".upload"
FIGURES = "figures"  # under which a report's job keeps the digest of its figures
EMPTY: Mapping[str, Any] = MappingProxyType({})

_TOO_MANY = msgid("%(most)s files are still being made for you. Please wait until some of them are ready.")
_DIED = msgid(
    "The file could not be made because of a fault on our side. Please tell the person who set up your account."
)
_NONE = msgid("There is no such file. Files are removed after a day; please ask for it again.")


@dataclass(frozen=True)
class Claim:
    """A job in the hands of one worker; whoever comes back with an older attempt changes nothing."""

    job_id: int
    attempt: int


def path_of(settings: Settings, job_id: int) -> Path:
    """Return where a job's file lies."""
    return settings.instance / "jobs" / str(job_id)


def upload_of(settings: Settings, job_id: int) -> Path:
    """Return where the file lies that a job works on, until it has ended."""
    return path_of(settings, job_id).with_suffix(UPLOAD)


def file_mode(folder: Path) -> int:
    """Return the mode of files in a folder: readable by its group where the accounts of web and work share it (setgid).

    Else by us alone.
    """
    return 0o640 if folder.stat().st_mode & stat.S_ISGID else 0o600


def keep_upload(settings: Settings, job_id: int, save: Callable[[Path], object]) -> None:
    """Let `save` write the file that a job works on, readable by nobody who need not; whole or not at all."""
    path = upload_of(settings, job_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    save(unfinished)
    unfinished.chmod(file_mode(path.parent))
    unfinished.replace(path)


def ask(
    session: Session,
    kind: JobKind,
    arguments: Mapping[str, Any],
    staff_id: int,
    agency_id: int,
    when: dt.datetime,
    good_since: dt.datetime | None = None,
) -> int:
    """Queue a job and return its id; the same thing asked for again while it is open is the same job.

    So is one that was asked for and done after `good_since`, if that is given. It is another thing once something was
    changed in place, such as a name, a task or how a comment stands, and on the next day, when some of it is overdue:
    reports say that even of figures that are closed.

    Raises:
        Conflict: this account has too many open jobs.
    """
    exclusively(session, Lock.JOBS)
    revision = session.scalar(sa.select(Installation.revision))
    text = json.dumps([int(kind), agency_id, arguments, revision, local_day(when).isoformat()], sort_keys=True)
    request = hashlib.sha256(text.encode()).digest()
    good = sa.and_(Job.state == JobState.DONE, Job.asked_at >= good_since) if good_since else sa.false()
    same = sa.select(Job.id).where(Job.staff_id == staff_id, Job.request == request, sa.or_(OPEN, good))
    if (job_id := session.scalar(same.order_by(Job.id.desc()).limit(1))) is not None:
        return job_id
    waiting = sa.select(sa.func.count()).where(Job.staff_id == staff_id, OPEN)
    if (session.scalar(waiting) or 0) >= MOST_WAITING:
        raise Conflict(_TOO_MANY, most=MOST_WAITING)
    job = Job(
        staff_id=staff_id,
        agency_id=agency_id,
        asked_at=when,
        due_at=when,
        changed_at=when,
        kind=kind,
        state=JobState.QUEUED,
        request=request,
        arguments=dict(arguments),
        values={},
    )
    session.add(job)
    session.flush()
    return job.id


def due(session: Session, when: dt.datetime) -> bool:
    """Return whether there may be something to claim; reads only."""
    return bool(session.scalar(sa.select(sa.exists().where(Job.due_at <= when))))


def claim(session: Session, when: dt.datetime) -> Claim | None:
    """Take the job that has waited longest, unless as many run as may; commit before working on it."""
    exclusively(session, Lock.JOBS)
    for job in session.scalars(sa.select(Job).where(Job.state == JobState.RUNNING, Job.due_at <= when)):
        _bury(job, when)
    running = sa.select(sa.func.count()).where(Job.state == JobState.RUNNING)
    if (session.scalar(running) or 0) >= AT_ONCE:
        return None
    waiting = sa.select(Job).where(Job.state == JobState.QUEUED).order_by(Job.id).limit(1)
    if (next_one := session.scalar(waiting)) is None:
        return None
    next_one.state, next_one.attempts, next_one.done, next_one.total = JobState.RUNNING, next_one.attempts + 1, 0, 0
    next_one.due_at, next_one.changed_at = when + LEASE, when
    return Claim(next_one.id, next_one.attempts)


def renew(session: Session, claim: Claim, when: dt.datetime) -> bool:
    """Hold a claim for longer; return whether it was still ours."""
    job = _mine(session, claim)
    if job is not None:
        job.due_at = when + LEASE
    return job is not None


def progress(session: Session, claim: Claim, done: int, total: int, when: dt.datetime) -> None:
    """Record how far a job has come."""
    if (job := _mine(session, claim)) is not None:
        job.done, job.total, job.changed_at = done, total, when


def finish(
    session: Session,
    claim: Claim,
    file: str | None,
    when: dt.datetime,
    message: str | None = None,
    values: Mapping[str, Any] = EMPTY,
) -> None:
    """Record that it is done: `file` is the name of its file for whoever downloads it, the message what came of it."""
    if (job := _mine(session, claim)) is not None:
        _end(job, JobState.DONE, when, file, message, values)


def fail(session: Session, claim: Claim, error: SurveyError, when: dt.datetime, file: str | None = None) -> None:
    """Record why it cannot be done, in words that whoever asked can do something with; a file may say more."""
    if (job := _mine(session, claim)) is not None:
        _end(job, JobState.FAILED, when, file, error.message, error.values)


def give_up(session: Session, claim: Claim, when: dt.datetime) -> None:
    """Record that the process of a job died: it is tried once more, then it has failed."""
    if (job := _mine(session, claim)) is not None:
        _bury(job, when)


def give_back(session: Session, claim: Claim, when: dt.datetime) -> None:
    """Let another worker do a job from the beginning: this one was told to stop, which is nobody's fault."""
    if (job := _mine(session, claim)) is not None:
        job.state, job.due_at, job.attempts = JobState.QUEUED, when, job.attempts - 1


def ended_before(before: dt.datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a job had ended at a time."""
    return sa.and_(~OPEN, Job.changed_at < before)


def remove_files(session: Session, settings: Settings) -> None:
    """Remove files that belong to no job, and uploads whose job has ended."""
    exclusively(session, Lock.JOBS)  # who asks for an import keeps its file before the job can be seen
    states = {str(job.id): job.state for job in session.execute(sa.select(Job.id, Job.state))}
    for path in path_of(settings, 0).parent.glob("*"):
        state = states.get(path.name.partition(".")[0])
        if state is None or (path.suffix == UPLOAD and state in ENDED):
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():  # what a job that was killed had not finished
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def own(session: Session, job_id: int, staff_id: int) -> Job:
    """Return a job to whoever asked for it.

    Raises:
        NotFound: there is none, or it is somebody else's: both look the same.
    """
    job = session.get(Job, job_id)
    if job is None or job.staff_id != staff_id:
        raise NotFound(_NONE)
    return job


def recent(session: Session, staff_id: int) -> list[Job]:
    """Return an account's jobs of the last day, the newest first."""
    return list(session.scalars(sa.select(Job).where(Job.staff_id == staff_id).order_by(Job.id.desc())))


def _mine(session: Session, claim: Claim) -> Job | None:
    job = session.get(Job, claim.job_id, with_for_update=True)
    running = job is not None and job.state == JobState.RUNNING and job.attempts == claim.attempt
    return job if running else None


def _bury(job: Job, when: dt.datetime) -> None:
    if job.attempts >= MOST_ATTEMPTS:
        _end(job, JobState.FAILED, when, None, _DIED, EMPTY)
    else:
        job.state, job.due_at, job.changed_at = JobState.QUEUED, when, when


def _end(
    job: Job, state: JobState, when: dt.datetime, file: str | None, message: str | None, values: Mapping[str, Any]
) -> None:
    job.state, job.due_at, job.changed_at, job.file, job.message = state, None, when, file, message
    job.values = {name: value if isinstance(value, int | float) else str(value) for name, value in values.items()}
