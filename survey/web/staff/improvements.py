"""A unit writes what people said and what was done about it; the province publishes it or says why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey.accounts import accounts
from survey.comments import publishing
from survey.comments.publishing import Actor, EntryWords, PublishingStep
from survey.errors import Conflict, NotFound
from survey.i18n import gettext, msgid, text
from survey.models import Improvement, ImprovementStatus, Role
from survey.organisation import agencies
from survey.periods import local_day, now
from survey.redaction.checking import fault_words, tidied
from survey.web.request import page_asked, session, whole_number
from survey.web.staff import access, labels

pages = Blueprint("staff_improvements", __name__, url_prefix="/staff/improvements")
A_PAGE = 25
WORDS = {
    ImprovementStatus.DRAFT: msgid("draft"),
    ImprovementStatus.WAITING: msgid("waits for approval"),
    ImprovementStatus.PUBLISHED: msgid("published"),
    ImprovementStatus.REFUSED: msgid("refused"),
    ImprovementStatus.WITHDRAWN: msgid("withdrawn"),
}
STATUSES = {status.name.lower(): status for status in ImprovementStatus}
_NO_ENTRY = msgid("There is no such entry.")


@pages.get("")
@access.requires(Role.VIEWER)
def show() -> str:
    """List the entries of one's own agencies, what changed last first."""
    own, place = access.own_agencies(), page_asked()
    asked = STATUSES.get(request.args.get("status", ""))
    tally = publishing.tally(session(), own)
    number = tally.total() if asked is None else tally[asked]
    here: dict[str, Any] = {"status": asked.name.lower() if asked else None}
    return render_template(
        "staff/improvements.html",
        asked=asked,
        entries=publishing.entries(session(), own, asked, place * A_PAGE, A_PAGE),
        first=place * A_PAGE,
        may_write=access.may_change(),
        newer=url_for(".show", **here, page=place) if place and number else None,
        number=number,
        older=url_for(".show", **here, page=place + 2) if (place + 1) * A_PAGE < number else None,
        statuses=[(name, status, tally[status]) for name, status in STATUSES.items() if tally[status]],
        total=tally.total(),
        units=labels.unit_names(),
        words=_words,
    )


@pages.get("/new")
@access.requires(Role.MANAGER)
def new() -> str:
    """Show the form for a new entry."""
    return _form({"agency": access.scope_agency().code}, {})


@pages.post("/new")
@access.requires(Role.MANAGER)
def add() -> AnyResponse | tuple[str, int]:
    """Keep a new entry as a draft, or hand it in.

    Raises:
        NotFound: the unit is none of one's own.
    """
    wording, moment = _wording(), now()
    if wrong := publishing.faults(wording, local_day(moment)):
        return _form(request.form, fault_words(wrong)), 422
    agency, _tree = access.agency(request.form.get("agency") or None)
    hand_in = request.form.get("step") == PublishingStep.HAND_IN
    entry = publishing.add(session(), agency.id, wording, _actor(), moment, hand_in=hand_in)
    session().commit()
    return redirect(url_for(".entry", number=entry.id, saved=1), 303)


@pages.get("/<int:number>")
@access.requires(Role.VIEWER)
def entry(number: int) -> str:
    """Show an entry with its steps and what can be done with it."""
    return _page(_owned(number), {}, {})


@pages.post("/<int:number>")
@access.requires(Role.MANAGER)
def change(number: int) -> AnyResponse | tuple[str, int]:
    """Take the step that was sent, unless something in it is wrong or somebody else took one meanwhile."""
    shown, moment = _owned(number), now()
    sent = request.form.get("step", "")
    if sent not in {step.value for step in PublishingStep}:
        raise NotFound(_NO_ENTRY)
    step, reason = PublishingStep(sent), tidied(request.form.get("reason", ""))
    wording = _wording() if step in publishing.WRITING else None
    wrong = publishing.faults(wording, local_day(moment)) if wording else {}
    if step in publishing.REASONED:
        wrong |= publishing.reason_faults(reason)
    if wrong:
        return _page(shown, request.form, fault_words(wrong)), 422
    turn = whole_number(request.form.get("turn", "")) or 0
    try:
        publishing.take(session(), shown, step, _actor(), moment, turn=turn, wording=wording, reason=reason)
    except Conflict as conflict:
        session().rollback()
        return _page(_owned(number), request.form, {}, gettext(conflict.message)), 409
    session().commit()
    return redirect(url_for(".entry", number=number, saved=1), 303)


def _owned(number: int) -> Improvement:
    entry = publishing.entry_of(session(), number, access.own_agencies())
    if entry is None:
        raise NotFound(_NO_ENTRY)
    return entry


def _actor() -> Actor:
    return Actor(access.who().staff_id, access.may_change_for_the_province(Role.MANAGER))


def _wording() -> EntryWords:
    try:
        since = dt.date.fromisoformat(request.form.get("since", "").strip())
    except ValueError:
        since = None
    return EntryWords(tidied(request.form.get("voice", "")), tidied(request.form.get("measure", "")), since)


def _words(status: ImprovementStatus) -> str:
    return gettext(WORDS[status])


def _form(entered: Mapping[str, str], faults: Mapping[str, str]) -> str:
    tree = agencies.tree(session())
    units = [tree.agencies[key] for key in dict.fromkeys(tree.subtree(access.scope_agency().id))]
    offered = [(unit.code, text(unit.name)) for unit in units if unit.id not in tree.shown_in]
    return render_template(
        "staff/improvement_new.html",
        entered=entered,
        faults=faults,
        longest=publishing.LONGEST,
        offered=offered,
        today=_today(),
    )


def _page(entry: Improvement, entered: Mapping[str, str], faults: Mapping[str, str], problem: str = "") -> str:
    steps = publishing.offered(session(), entry, _actor()) if access.may_change() else []
    stored: dict[str, Any] = {"voice": entry.voice, "measure": entry.measure, "since": entry.since.isoformat()}
    return render_template(
        "staff/improvement.html",
        actor=_actor(),
        entered={**stored, **entered},
        entry=entry,
        faults=faults,
        history=publishing.history(session(), entry),
        longest=publishing.LONGEST,
        names=accounts.names(session()),
        problem=problem,
        saved=request.args.get("saved") == "1",
        statuses=ImprovementStatus,
        steps={step.value for step in steps},
        today=_today(),
        unit=labels.unit_names()[entry.agency_id],
        words=_words,
    )


def _today() -> str:
    return local_day(now()).isoformat()
