"""Tasks from figures: make one, list them, look at one with its steps, and take the next step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from survey.accounts import accounts
from survey.errors import Conflict, NotFound
from survey.i18n import gettext, msgid
from survey.models import Role, TaskStatus
from survey.organisation import agencies
from survey.periods import Period, local_day, now
from survey.redaction.checking import Faults, fault_words, tidied
from survey.results.scope import Scope
from survey.tasks import listing, steps
from survey.tasks.listing import LISTS, TaskRow, state_words
from survey.tasks.steps import TaskEntry
from survey.tasks.subjects import KINDS, Subject, subject, subject_words
from survey.web.request import page_asked, session, standard, whole_number
from survey.web.staff import access, labels, period_picker

pages = Blueprint("tasks", __name__, url_prefix="/staff/tasks")
A_PAGE = 50
STATUSES = {status.name.lower(): status for status in TaskStatus}
_NO_TASK = msgid("There is no such task, or it is another unit's.")
_NO_FIGURE = msgid("A task is made from a figure: please open the figures and choose “Make a task” there.")
_NO_DATE = msgid("This is not a day. Please write it as the field shows.")
_SHOW_WORDS = {
    "open": msgid("All that are open"),
    "mine": msgid("Mine"),
    "late": msgid("Overdue"),
    "settled": msgid("Done or dropped"),
}
FIGURES = {"verdict": "dashboard.show", "trend": "dashboard.show", "factor": "reasons.show", "reason": "reasons.show"}
ANCHORS = {"verdict": "verdict", "trend": "movement", "factor": "factors", "reason": "reasons"}


@pages.get("")
@access.requires(Role.VIEWER)
def show() -> str:
    """List the tasks of the account's agency and all below it: open ones, its own, overdue ones, settled ones."""
    today, me = local_day(now()), access.who()
    own = access.own_agencies()
    asked = request.args.get("show", "")
    shown = asked if asked in LISTS else "open"
    place = page_asked()
    numbers = listing.numbers(session(), own, today, me.staff_id)
    return render_template(
        "staff/tasks.html",
        figure_address=figure_address,
        lists=[(name, gettext(_SHOW_WORDS[name]), numbers[name]) for name in LISTS],
        more=(place + 1) * A_PAGE < numbers[shown],
        period_name=labels.period_name,
        place=place,
        rows=listing.listed(session(), own, today, shown, me.staff_id, place, A_PAGE),
        shown=shown,
        state_words=state_words,
        subject_words=subject_words,
        units=_unit_names(),
    )


@pages.get("/new")
@access.requires(Role.MANAGER)
def new() -> str:
    """Show the form for a task from the figure that the address names."""
    scope, about = _figure()
    return _new_page(scope, about, {}, {})


@pages.post("/new")
@access.requires(Role.MANAGER)
def add() -> AnyResponse | tuple[str, int]:
    """Make the task, unless something in the form is wrong."""
    scope, about = _figure()
    may_own = steps.owners(session(), agencies.tree(session()), about.agency_id)
    entry, wrong = _entry(request.form)
    wrong = {**steps.faults(session(), entry, may_own, local_day(now()), None), **wrong}
    if wrong:
        return _new_page(scope, about, request.form, wrong), 422
    task = steps.add(session(), about, entry, access.who().staff_id, now())
    number = task.id
    session().commit()
    return redirect(url_for(".look", number=number, saved=1), 303)


@pages.get("/<int:number>")
@access.requires(Role.VIEWER)
def look(number: int) -> str:
    """Show a task with its steps."""
    row = _row(number)
    return _page(row, _entered(row), {})


@pages.post("/<int:number>")
@access.requires(Role.MANAGER)
def change(number: int) -> AnyResponse | tuple[str, int]:
    """Take the step that was sent, unless something in it is wrong or somebody else took one meanwhile."""
    row = _row(number)
    may_own = steps.owners(session(), agencies.tree(session()), row.agency_id)
    entry, wrong = _entry(request.form)
    wrong = {**steps.faults(session(), entry, may_own, local_day(now()), row), **wrong}
    turn = request.form.get("turn", "")
    if turn != str(row.turn):
        return _page(row, request.form, wrong, gettext(steps.MOVED_ON)), 409
    if wrong:
        return _page(row, request.form, wrong), 422
    try:
        stepped = steps.change(session(), number, row.turn, entry, access.who().staff_id, now())
    except Conflict:
        session().rollback()
        return _page(_row(number), request.form, {}, gettext(steps.MOVED_ON)), 409
    session().commit()
    return redirect(url_for(".look", number=number, saved=int(stepped)), 303)


def figure_address(about: TaskRow | Subject, period: Period, code: str) -> str:
    """Return the address of the figure of a period that a task comes of; `code`: that of its agency."""
    kind = about.kind.name.lower()
    here: dict[str, Any] = {"agency": code, "period": period.code, "basis": str(period.basis)}
    if kind == "verdict" and about.key:
        return url_for("procedures.show", **here)
    return url_for(FIGURES[kind], **here, _anchor=ANCHORS[kind])


def _unit_names() -> dict[int, tuple[str, str]]:
    """Return by its id the code of each agency and what it is called today."""
    names = labels.unit_names()
    return {key: (unit.code, names[key]) for key, unit in agencies.tree(session()).agencies.items()}


def _figure() -> tuple[Scope, Subject]:
    kind, today = KINDS.get(request.args.get("kind", "")), local_day(now())
    if kind is None:
        raise NotFound(_NO_FIGURE)
    scope = access.scope(request.args.get("agency"), period_picker.period_asked(today))
    return scope, subject(session(), scope, standard(), today, kind, request.args.get("key", "")[:40])


def _row(number: int) -> TaskRow:
    row = listing.one(session(), access.own_agencies(), number, local_day(now()))
    if row is None:
        raise NotFound(_NO_TASK)
    return row


def _entry(sent: MultiDict[str, str]) -> tuple[TaskEntry, Faults]:
    """Return what a form says, and what in it cannot be read."""
    wrong: Faults = {}
    due, day = sent.get("due", "").strip(), None
    try:
        day = dt.date.fromisoformat(due) if due else None
    except ValueError:
        wrong["due"] = (_NO_DATE, {})
    entry = TaskEntry(
        whole_number(sent.get("owner", "")),
        day,
        " ".join(_written(sent, "what").split()),
        STATUSES.get(sent.get("status", ""), TaskStatus.OPEN),
        _written(sent, "result"),
        _written(sent, "note"),
    )
    return entry, wrong


def _written(sent: MultiDict[str, str], name: str) -> str:
    return tidied(sent.get(name, ""))


def _entered(row: TaskRow) -> dict[str, str]:
    return {
        "owner": str(row.owner_id),
        "due": row.due_day.isoformat(),
        "status": row.status.name.lower(),
        "result": row.result,
        "turn": str(row.turn),
    }


def _owners(agency_id: int, row: TaskRow | None = None) -> list[tuple[str, str]]:
    """Return who may be chosen: accounts of the unit, and who does it now."""
    may_own = steps.owners(session(), agencies.tree(session()), agency_id)
    choices = {one.id: one.name or one.login for one in may_own}
    kept = {} if row is None or row.owner_id in choices else {row.owner_id: row.owner}
    return [(str(key), name) for key, name in {**kept, **choices}.items()]


def _new_page(scope: Scope, about: Subject, entered: Mapping[str, str], wrong: Faults) -> str:
    return render_template(
        "staff/task_new.html",
        about=about,
        action=url_for(
            ".add",
            kind=about.kind.name.lower(),
            key=about.key or None,
            agency=scope.agency.code,
            period=scope.period.code,
            basis=str(scope.period.basis),
        ),
        agency=scope.agency,
        entered=entered,
        faults=fault_words(wrong),
        figure=figure_address(about, scope.period, scope.agency.code),
        longest=steps.LONGEST,
        may_change=access.may_change(),
        owners=_owners(about.agency_id),
        period_name=labels.period_name(scope.period),
        subject_words=subject_words,
    )


def _page(row: TaskRow, entered: Mapping[str, str], wrong: Faults, problem: str = "") -> str:
    code, unit = _unit_names()[row.agency_id]
    return render_template(
        "staff/task.html",
        entered=entered,
        faults=fault_words(wrong),
        figure=figure_address(row, row.period, code),
        history=steps.history(session(), row.id),
        longest=steps.LONGEST,
        may_change=access.may_change(),
        names=accounts.names(session()),
        owners=_owners(row.agency_id, row),
        period_name=labels.period_name(row.period),
        problem=problem,
        row=row,
        saved=labels.saved_words(request.args.get("saved", "")),
        state_words=state_words,
        statuses=[(name, state_words(name)) for name in STATUSES],
        subject_words=subject_words,
        unit=unit,
    )
