"""What an official has asked for, files and imports: how far each has come, what came of it, and the file itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey import periods
from survey.errors import NotFound
from survey.i18n import gettext, language_name, msgid, text
from survey.i18n import number as figure
from survey.imports import faults
from survey.imports.importing import ImportKind, ImportOutcome
from survey.models import Agency, Job, JobKind, JobState, Role
from survey.operations import jobs
from survey.organisation.agencies import tree
from survey.organisation.dated_tree import Tree, tree_of
from survey.periods import local_day, now
from survey.results.scope import Reader
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
    "txt": "text/plain; charset=utf-8",
}
STATES = {
    JobState.QUEUED: msgid("waiting"),
    JobState.RUNNING: msgid("being made"),
    JobState.DONE: msgid("ready"),
    JobState.FAILED: msgid("failed"),
}
IMPORT_STATES = STATES | {
    JobState.RUNNING: msgid("being imported"),
    JobState.DONE: msgid("imported"),
    JobState.FAILED: msgid("not imported"),
}
IMPORTS = {
    ImportKind.AGENCIES: msgid("Import of agencies: %(file)s"),
    ImportKind.PROCEDURES: msgid("Import of procedures: %(file)s"),
    ImportKind.CASES: msgid("Import of finished cases: %(file)s"),
    ImportKind.PORTAL_COUNTS: msgid("Import of counts of the national portal: %(file)s"),
    ImportKind.EARLIER: msgid("Import of figures of an earlier system: %(file)s"),
    ImportKind.SHEETS: msgid("Import of paper and telephone answers: %(file)s"),
}
MOST_FAULTS = 20  # on the page; the file has all of them
_REMOVED = msgid("The file is no longer here. Please ask for it again.")


@dataclass(frozen=True)
class JobRow:
    """A job with its title and its state in words."""

    job: Job
    title: str
    state: str
    words: str = ""  # why it failed, or what came of it
    table: Sequence[Sequence[str]] = ()  # of an import: its first faults or notes, below their headers
    paragraph: str = ""  # of a report in one paragraph: the text itself, to be copied

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
        """Return whether it has been done."""
        return self.job.state == JobState.DONE

    @property
    def registrable(self) -> bool:
        """Return whether it is a report that can be entered into the register."""
        return self.ready and self.job.kind == JobKind.REPORT

    @property
    def imports(self) -> bool:
        """Return whether a file is imported, not made."""
        return self.job.kind == JobKind.IMPORT

    @property
    def recorded(self) -> int:
        """Return how many lines of an import are recorded; none while they are still checked."""
        return max(0, self.job.done - self.lines)

    @property
    def lines(self) -> int:
        """Return how many lines a file has that is imported; each counts twice, when it is checked and recorded."""
        return self.job.total // 2


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
    row = _row(units, _own(units, number), whole=True)
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
    return sent(job)


def own_report(number: int) -> tuple[Job, bytes]:
    """Return a report that the account asked for, and its file.

    Raises:
        NotFound: there is none, or its file is not kept any more.
    """
    job = _own(tree(session(), local_day(now())), number)
    if job.kind != JobKind.REPORT or job.file is None:
        raise NotFound(_REMOVED)
    return job, _content(job)


def sent(job: Job) -> Response:
    """Return the file of a job as what a browser downloads.

    Raises:
        NotFound: it is not kept any more.
    """
    name = str(job.file)
    response = Response(_content(job), content_type=TYPES[name.rpartition(".")[2]])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _content(job: Job) -> bytes:
    try:
        return jobs.path_of(settings(), job.id).read_bytes()
    except FileNotFoundError as error:
        raise NotFound(_REMOVED) from error


def _own(units: Tree, number: int) -> Job:
    job = jobs.own(session(), number, access.who().staff_id)
    if not _within(units, job):  # the account has been given another agency since
        raise NotFound(_REMOVED)
    return job


def _within(units: Tree, job: Job) -> bool:
    """Return whether the job is about the account's own agencies: of today, or of the period that a report is on."""
    own, asked = access.who().agency_id, job.arguments
    if units.within(job.agency_id, own) or "period" not in asked:
        return units.within(job.agency_id, own)
    return tree_of(units.agencies, periods.parse(asked["period"], asked["basis"]).last).within(job.agency_id, own)


def _row(units: Tree, job: Job, whole: bool = False) -> JobRow:
    """Return a job in words, the `whole` of it or as a list shows it."""
    title = _title(job, text(units.named_now(job.agency_id).name))
    if job.kind != JobKind.IMPORT:
        return JobRow(job, title, gettext(STATES[job.state]), _fault(job), paragraph=_paragraph(job) if whole else "")
    return JobRow(job, title, gettext(IMPORT_STATES[job.state]), _outcome(job), _faults(job) if whole else ())


def _fault(job: Job) -> str:
    values = {name: figure(value) if isinstance(value, int) else value for name, value in job.values.items()}
    return gettext(job.message, **values) if job.message else ""


def _outcome(job: Job) -> str:
    if job.state != JobState.DONE:
        return _fault(job)
    outcome = ImportOutcome(**job.values)
    return f"{outcome.summary} {outcome.invitations}".strip()


def _faults(job: Job) -> list[list[str]]:
    if job.file is None:
        return []
    with suppress(FileNotFoundError):
        return faults.head(jobs.path_of(settings(), job.id), MOST_FAULTS)
    return []


def _paragraph(job: Job) -> str:
    """Return the text of a report in one paragraph; empty of any other file."""
    if job.file is None or not job.file.endswith(".txt"):
        return ""
    with suppress(FileNotFoundError):
        return jobs.path_of(settings(), job.id).read_text(encoding="utf-8").strip()
    return ""


def _title(job: Job, unit: str) -> str:
    asked: dict[str, Any] = job.arguments
    if job.kind == JobKind.IMPORT:
        return gettext(IMPORTS[ImportKind(asked["import"])], file=asked["file"])
    if job.kind == JobKind.POSTERS:
        return str(gettext("Posters of %(unit)s (%(size)s)", size=asked["size"].upper(), unit=unit))
    return str(
        gettext(
            "Report of %(unit)s: %(period)s (%(format)s, %(language)s)",
            period=labels.period_name(periods.parse(asked["period"], asked["basis"])),
            format=_format(asked),
            language=language_name(asked["language"]),
            unit=unit,
        )
    )


def _format(asked: Mapping[str, Any]) -> str:
    """Return the format of a report and, where it is the one for everybody, its edition."""
    word = gettext("one paragraph") if asked["format"] == "paragraph" else asked["format"].upper()
    return gettext("%(format)s, public edition", format=word) if asked.get("reader") == Reader.PUBLIC.value else word
