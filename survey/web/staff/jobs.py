"""The files that an official has asked for: how far each has come, why it failed, and the file itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey import periods
from survey.errors import NotFound
from survey.i18n import gettext, language_name, msgid, text
from survey.models import Agency, Job, JobKind, JobState, Role
from survey.operations import jobs
from survey.organisation.agencies import Tree, tree
from survey.periods import local_day, now
from survey.web.request import session, settings
from survey.web.staff import access, labels

pages = Blueprint("jobs", __name__, url_prefix="/staff/jobs")
REFRESH_SECONDS = 3
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "pdf": "application/pdf",
}
STATES = {
    JobState.QUEUED: msgid("waiting"),
    JobState.RUNNING: msgid("being made"),
    JobState.DONE: msgid("ready"),
    JobState.FAILED: msgid("failed"),
}
_REMOVED = msgid("The file is no longer here. Please ask for it again.")


@dataclass(frozen=True)
class JobRow:
    """A job with its title and its state in words."""

    job: Job
    title: str
    state: str
    fault: str

    @property
    def open(self) -> bool:
        """Return whether it is still to be made."""
        return self.job.due_at is not None

    @property
    def running(self) -> bool:
        """Return whether somebody works on it."""
        return self.job.state == JobState.RUNNING

    @property
    def ready(self) -> bool:
        """Return whether there is a file to fetch."""
        return self.job.state == JobState.DONE


def begin(kind: JobKind, agency: Agency, arguments: Mapping[str, str], *, settled: bool = False) -> AnyResponse:
    """Queue a job for whoever is signed in, commit, and lead to its page.

    A file about something `settled`, such as a closed period, is good for an hour and not made again within it.
    """
    moment = now()
    good_since = moment - jobs.GOOD if settled else None
    job_id = jobs.ask(session(), kind, arguments, access.who().staff_id, agency.id, moment, good_since)
    session().commit()
    return redirect(url_for("jobs.show", number=job_id), 303)


@pages.get("")
@access.requires(Role.VIEWER)
def listed() -> str:
    """List what was asked for within a day."""
    units = tree(session(), local_day(now()))
    own = [job for job in jobs.recent(session(), access.who().staff_id) if _within(units, job)]
    return render_template("staff/jobs.html", rows=[_row(units, job) for job in own])


@pages.get("/<int:number>")
@access.requires(Role.VIEWER)
def show(number: int) -> Response:
    """Show how far a file has come; the page looks again by itself until there is nothing to wait for."""
    units = tree(session(), local_day(now()))
    row = _row(units, _own(units, number))
    response = Response(render_template("staff/job.html", row=row, refresh=REFRESH_SECONDS))
    if row.open:
        response.headers["Refresh"] = str(REFRESH_SECONDS)
    return response


@pages.get("/<int:number>/file")
@access.requires(Role.VIEWER)
def file(number: int) -> Response:
    """Send a file that is ready."""
    job = _own(tree(session(), local_day(now())), number)
    if job.file is None:
        raise NotFound(_REMOVED)
    try:
        content = jobs.path_of(settings(), job.id).read_bytes()
    except FileNotFoundError as error:
        raise NotFound(_REMOVED) from error
    response = Response(content, content_type=TYPES[job.file.rpartition(".")[2]])
    response.headers["Content-Disposition"] = f'attachment; filename="{job.file}"'
    return response


def _own(units: Tree, number: int) -> Job:
    job = jobs.own(session(), number, access.who().staff_id)
    if not _within(units, job):  # the account has been given another agency since
        raise NotFound(_REMOVED)
    return job


def _within(units: Tree, job: Job) -> bool:
    return units.within(job.agency_id, access.who().agency_id)


def _row(units: Tree, job: Job) -> JobRow:
    fault = gettext(job.message, **job.values) if job.message else ""
    return JobRow(job, _title(job, text(units.named_now(job.agency_id).name)), gettext(STATES[job.state]), fault)


def _title(job: Job, unit: str) -> str:
    asked: dict[str, Any] = job.arguments
    if job.kind == JobKind.POSTERS:
        return str(gettext("Posters of %(unit)s (%(size)s)", size=asked["size"].upper(), unit=unit))
    return str(
        gettext(
            "Report of %(unit)s: %(period)s (%(format)s, %(language)s)",
            period=labels.period_name(periods.parse(asked["period"], asked["basis"])),
            format=asked["format"].upper(),
            language=language_name(asked["language"]),
            unit=unit,
        )
    )
