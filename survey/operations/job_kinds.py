"""What each kind of job makes or does; imported only by the process that makes it, for it loads what is heavy."""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from survey import periods, reports
from survey.collection import placements
from survey.collection.posters import typesetting
from survey.collection.posters.typesetting import Size
from survey.db.engine import Database
from survey.errors import ImportRefused, NotFound, SurveyError
from survey.i18n import speaking
from survey.imports import faults, importing, reading
from survey.imports.faults import Fault, Findings
from survey.imports.importing import ImportKind
from survey.models import Channel, Job, JobKind
from survey.operations import jobs
from survey.operations.jobs import FIGURES, Claim
from survey.organisation import agencies
from survey.periods import local_day, now
from survey.reports.figures_digest import figures_digest
from survey.results.scope import Reader, scope_for, standard_of
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
    """What a job works with: `upload` is the file that it was given, if any, and its own file it leaves in `folder`."""

    database: Database
    settings: Settings
    staff_id: int
    agency_id: int
    arguments: dict[str, Any]
    day: dt.date
    upload: Path
    folder: Path
    progress: JobProgress


@dataclass(frozen=True)
class Product:
    """What a job leaves: a file, or words about what came of it, or why it could not be done; or a file beside these.

    `message` is a msgid, filled by `values`.
    """

    file: Path | None = None
    message: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    error: SurveyError | None = None


def perform(database: Database, settings: Settings, claim: Claim) -> None:
    """Do a claimed job and record how it ended; a fault of ours is raised, and is for the parent process to record."""
    with database.session(writes=False) as session:
        job = session.get_one(Job, claim.job_id)
    target = jobs.path_of(settings, job.id)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{job.id}.", dir=target.parent) as folder:
        place = Workplace(
            database,
            settings,
            job.staff_id,
            job.agency_id,
            job.arguments,
            local_day(job.asked_at),
            jobs.upload_of(settings, job.id),
            Path(folder),
            JobProgress(database, claim),
        )
        try:
            product = MAKERS[job.kind](place)
        except SurveyError as error:
            product = Product(error=error)
        if product.file is not None:
            product.file.chmod(jobs.file_mode(target.parent))
            product.file.replace(target)
    name = product.file.name if product.file else None
    with database.session(writes=True) as session:
        if product.error is not None:
            jobs.fail(session, claim, product.error, now(), name)
        else:
            jobs.finish(session, claim, name, now(), product.message, product.values)
        session.commit()
    place.upload.unlink(missing_ok=True)


def _report(place: Workplace) -> Product:
    asked = place.arguments
    place.progress.tell(0, 2)
    with place.database.session(writes=False) as session:
        period, reader = periods.parse(asked["period"], asked["basis"]), Reader(asked.get("reader", "unit"))
        scope = scope_for(session, period, place.agency_id, reader=reader)
        standard = standard_of(place.settings)
        way = {"language": asked["language"], "public_url": place.settings.public_url}
        report = reports.build(session, scope, standard, place.day, **way)
    place.progress.tell(1, 2)
    [path] = reports.write(report, place.folder, [asked["format"]])
    return Product(path, values={FIGURES: figures_digest(report)})


def _posters(place: Workplace) -> Product:
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
    return Product(path)


def _import(place: Workplace) -> Product:
    """Import a file as `hailong import` does; every line counts when it is checked and again when it is recorded."""
    kind, language = ImportKind(place.arguments["import"]), place.arguments["language"]
    findings, lines = Findings(), reading.estimate(place.upload)
    done, most = 0, lines

    def tell(rows: int) -> None:
        nonlocal done
        done = min(done + rows, most)  # before a file is read, the number of its lines is a guess
        place.progress.tell(done, 2 * lines)

    with speaking(language):
        try:
            plan = importing.check(place.database, place.settings, kind, place.upload, findings, tell)
        except ImportRefused as error:
            return Product(_table(place, f"{kind}_faults.csv", error.faults), error=error)
        done, lines, most = plan.rows, plan.rows, 2 * plan.rows
        outcome = importing.record(place.database, plan, place.staff_id, tell, job=place.progress.claim.job_id)
        notes = _table(place, f"{kind}_notes.csv", findings.warnings)
    return Product(notes, importing.SUMMARY, asdict(outcome))


def _table(place: Workplace, name: str, rows: Sequence[Fault]) -> Path | None:
    if not rows:
        return None
    faults.write(path := place.folder / name, rows)
    return path


MAKERS: dict[JobKind, Callable[[Workplace], Product]] = {
    JobKind.REPORT: _report,
    JobKind.POSTERS: _posters,
    JobKind.IMPORT: _import,
}
