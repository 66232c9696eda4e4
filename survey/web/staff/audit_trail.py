"""The audit trail: who signed in, read originals, downloaded files, changed what, and when; to be read only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request
from werkzeug.datastructures import MultiDict

from survey.accounts import accounts
from survey.audit import reading, trail
from survey.audit.acts import Act
from survey.audit.reading import TrailEntry, TrailFilter
from survey.errors import NotFound
from survey.i18n import gettext, instant, nfc, sort_key
from survey.models import Role
from survey.organisation import agencies
from survey.periods import LOCAL_ZONE, now
from survey.reports.audit_table import written
from survey.reports.table_file import ENDINGS
from survey.web.request import page_asked, session, settings
from survey.web.staff import access, labels
from survey.web.staff.audit_words import about_words
from survey.web.staff.comments import TYPES

pages = Blueprint("audit_trail", __name__, url_prefix="/staff/audit-trail")
A_PAGE = 50
MOST_IN_A_FILE = 50_000
FILTERS = ("act", "person", "unit", "first", "last")
LONGEST = 100


@dataclass(frozen=True)
class TrailRow:
    """An entry in words."""

    at: dt.datetime
    person: str
    login: str
    unit: str
    act: str
    about: str


@pages.get("")
@access.requires(Role.ADMINISTRATOR)
def show() -> str:
    """Show the entries that are looked for, newest first."""
    wanted, faults = _wanted(request.args)
    place = page_asked()
    units, names = labels.unit_names(), accounts.names(session())
    total = 0 if faults else reading.number(session(), wanted)
    rows = [] if faults else reading.entries(session(), wanted, place * A_PAGE, A_PAGE)
    return render_template(
        "staff/audit_trail.html",
        rows=[_row(one, units, names) for one in rows],
        total=total,
        place=place,
        more=total > (place + 1) * A_PAGE,
        asked=_asked(request.args),
        faults=faults,
        acts=sorted(((act.value, act.words) for act in Act), key=lambda one: sort_key(one[1])),
        units=labels.unit_choices(agencies.tree(session()), access.who().agency_id, agencies.today()),
        days=settings().keep_audit_days,
        whole=access.of_the_province(),
        most=MOST_IN_A_FILE,
    )


@pages.post("/file")
@access.requires(Role.VIEWER)
def file() -> Response:
    """Send the entries that the page shows as a file, on record.

    Raises:
        Forbidden: the role may not read the trail.
        NotFound: there is no such format.
    """
    access.require_reading(Role.ADMINISTRATOR)
    ending = request.form.get("format", "")
    if ending not in ENDINGS:
        raise NotFound("There is no report in this format or language. Please choose one from the list.")
    wanted, faults = _wanted(request.form)
    entries = [] if faults else reading.entries(session(), wanted, 0, MOST_IN_A_FILE)
    units, names = labels.unit_names(), accounts.names(session())
    rows = [_row(one, units, names) for one in entries]
    content = written([(instant(row.at), row.person, row.login, row.unit, row.act, row.about) for row in rows], ending)
    trail.append(session(), access.who().staff_id, Act.AUDIT_TRAIL_EXPORTED, now(), format=ending, number=len(rows))
    session().commit()
    response = Response(content, content_type=TYPES[ending])
    response.headers["Content-Disposition"] = f'attachment; filename="hailong_audit_trail.{ending}"'
    return response


def _asked(sent: MultiDict[str, str]) -> dict[str, str]:
    return {name: nfc(sent.get(name, "")).strip()[:LONGEST] for name in FILTERS}


def _wanted(sent: MultiDict[str, str]) -> tuple[TrailFilter, dict[str, str]]:
    """Return what is looked for, within what the account may see, and what is wrong with it by field."""
    asked, faults = _asked(sent), {}
    units, own = agencies.tree(session()), access.who().agency_id
    seen = None if access.of_the_province() else frozenset(units.all_within(own))
    if asked["unit"]:
        chosen, _shown = access.agency(asked["unit"])
        seen = frozenset(units.all_within(chosen.id))
    days: dict[str, dt.datetime | None] = {"first": None, "last": None}
    for name in days:
        try:
            if asked[name]:
                day = dt.date.fromisoformat(asked[name]) + dt.timedelta(days=name == "last")
                days[name] = dt.datetime.combine(day, dt.time(), LOCAL_ZONE)
        except (ValueError, OverflowError):
            faults[name] = gettext("Please choose a day, such as %(day)s.", day="2026-11-30")
    act = reading.act_of(asked["act"]) if asked["act"] else None
    people = accounts.called(session(), asked["person"]) if asked["person"] else None
    return TrailFilter(seen, act, people, days["first"], days["last"]), faults


def _row(entry: TrailEntry, units: Mapping[int, str], names: Mapping[int, str]) -> TrailRow:
    act = reading.act_of(entry.act)
    return TrailRow(
        entry.at,
        entry.name if entry.staff_id else gettext("the server itself"),
        entry.login,
        units.get(entry.agency_id, "") if entry.agency_id else "",
        act.words if act else entry.act,
        about_words(entry.about, units, names),
    )
