"""Every staff page, as every role of a unit, with objects of its own and of others: nothing of another unit is shown.

The addresses are those of the running application. Each filter by which a unit is kept to its own is then taken away,
one at a time, and the same look must find something strange: else nothing would hold the filter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.accounts import accounts
from survey.collection import placements as collected
from survey.comments import follow_up, publishing
from survey.comments.publishing import Actor, EntryWords
from survey.comments.references import reference
from survey.models import Agency, Alert, AlertKind, Apology, Case, Job, JobKind, Placement, Role, SubjectKind
from survey.operations import jobs
from survey.organisation import agencies
from survey.organisation.agencies import revise
from survey.organisation.dated_tree import Tree
from survey.periods import parse
from survey.results import closing, counts, scope
from survey.results.scope import Scope
from survey.tasks import steps
from survey.tasks.steps import TaskEntry
from survey.tasks.subjects import Subject
from survey.web.request import session as session_of_request
from survey.web.staff import access, dashboard, posters
from tests.rules.test_scope import routes, text_of
from tests.support import factories
from tests.support.apologies import late_case, tell
from tests.support.callbacks import planned
from tests.support.factories import SECRET
from tests.support.figures import STANDARD
from tests.support.officials import official, sign_in

WHEN = dt.datetime(2026, 10, 14, 5, tzinfo=dt.UTC)
READ = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
OWN, OTHER, ROOT = "H61.50", "H61.51", "H61"
ASKED = {"period": "2026-10", "basis": "calendar", "lang": "vi"}
# Which hang in the commune, say whose survey it is, who signs a letter or whom a report goes to, so that the province's
# name belongs there.
NAMES_THE_PROVINCE = ("/staff/placements", "/staff/embed", "/staff/apologies/<int:number>", "/staff/issuing")


@dataclass
class Unit:
    """What one agency has: words of its pages alone, and its objects by the pages that show them."""

    words: list[str]
    objects: dict[str, list[str]] = field(default_factory=dict)


def furnish(session: Session) -> dict[str, Unit]:
    """Give two communes and the province names, answers, comments, a QR code, tasks and files that nobody shares."""
    units = {code: _unit(session, code) for code in (OWN, OTHER, ROOT)}
    reader = {role: official(session, role.name.lower(), OWN, role).id for role in Role}
    # What a reader asked for at another unit, and what somebody else asked for about the reader's.
    moved = [_job(session, key, OTHER) for key in reader.values()]
    elsewhere = _job(session, official(session, "tinh2", ROOT, Role.MANAGER).id, OWN)
    units[OTHER].objects["jobs"] = [str(key) for key in (*moved, elsewhere)]
    planned(session)  # a call-back, which is the province's
    closing.close(session, parse("2026-10"), READ, STANDARD)
    session.commit()
    return units


def _unit(session: Session, code: str) -> Unit:
    agency = session.get_one(Agency, factories.agency_id(session, code))
    bird = f"Chim{agency.id}Hoàng"
    agency.name = {"vi": f"{bird} Yến", "en": f"{bird} Canary"}
    staff = official(session, f"chu{agency.id}", code, Role.MANAGER)
    unit = Unit([bird])
    if code == ROOT:  # whose people may be charged with what is a unit's, so that their names are known there
        return unit
    staff.name = f"Chủ {bird}"
    for number in range(12):
        receipt = factories.response(session, 2, code, when=WHEN, comments={"S8": f"{bird} hót lần {number}"})
    placement = factories.placement(session, code, f"QR{agency.id}QR")
    day, october = READ.date() + dt.timedelta(days=3), parse("2026-10")
    about = Subject(SubjectKind.VERDICT, agency.id, "", {}, october)
    task = steps.add(session, about, TaskEntry(staff.id, day, f"Việc của {bird}"), staff.id, READ)
    words = EntryWords(f"{bird} hót to quá", f"{bird} nay hót khẽ hơn", WHEN.date())
    entry = publishing.add(session, agency.id, words, Actor(staff.id, False), READ, hand_in=True)
    session.add(
        Alert(
            kind=AlertKind.SILENCE,
            agency_id=agency.id,
            guarded=True,
            subject="",
            about={"since": "2026-10-19"},
            began_at=READ,
        )
    )
    unit.words.append(placement.code)
    unit.objects = {
        "tasks": [str(task.id)],
        "improvements": [str(entry.id)],
        "jobs": [],
        "apologies": [str(_letter(session, code))],
        "follow_up": [reference(SECRET, (receipt, "S8"))],
        "placements": [placement.code],
        "accounts": [str(staff.id)],
    }
    return unit


def _letter(session: Session, code: str) -> int:
    day = READ.date()
    late = late_case(agency=code, received=None, due=day - dt.timedelta(days=9), finished=day - dt.timedelta(days=3))
    tell(session, late, when=READ)
    letter = sa.select(Apology.id).join(Case).where(Case.resolving_agency_id == factories.agency_id(session, code))
    return session.scalars(letter).one()


def _job(session: Session, staff_id: int, code: str) -> int:
    agency = factories.agency_id(session, code)
    arguments = {"period": "2026-10", "basis": "calendar", "format": "json", "language": "vi"}
    return jobs.ask(session, JobKind.REPORT, arguments, staff_id, agency, READ)


# Which objects an address takes: by the beginning of its rule, what stands in the place of its parameters.
OBJECTS = {
    "/staff/tasks/<int:number>": ("tasks", "<int:number>"),
    "/staff/improvements/<int:number>": ("improvements", "<int:number>"),
    "/staff/jobs/<int:number>": ("jobs", "<int:number>"),
    "/staff/apologies/<int:number>": ("apologies", "<int:number>"),
    "/staff/comments/<named>": ("follow_up", "<named>"),
    "/staff/accounts/<int:number>": ("accounts", "<int:number>"),
    "/staff/placements/<code>": ("placements", "<code>"),
}
PLAIN = {  # parameters that name nothing of a unit
    "<question>": "S8",
    "<any(svg, png):kind>": "svg",
    "<asked>": "0" * 12,
    "<basis>": "calendar",
    "<token>": "0" * 22,
    "with/<code>": "with/none",
    "<any(agencies, procedures, cases):kind>": "agencies",
    "<any(quality, reconciliation, sending):before>": "quality",
}
OWN_PAGES = ["/staff/", *(f"/staff/{name}" for name in ("comments", "tasks", "apologies", "improvements"))]
OWN_PAGES += ["/staff/placements", "/staff/reasons"]
PROVINCE_ONLY = (
    *("/staff/questionnaires/", "/staff/requests", "/staff/imports", "/staff/stopped-accounts", "/staff/call"),
    *("/staff/factor-resets", "/staff/close", "/staff/publication", "/staff/duties", "/staff/programs", "/staff/start"),
)


def addresses(rule: str, units: Mapping[str, Unit]) -> Iterator[tuple[str, str]]:
    """Yield the addresses of a rule, each with whose object it names ("" for none)."""
    path = rule
    for place, value in PLAIN.items():
        path = path.replace(place, value)
    kind = next((one for beginning, one in OBJECTS.items() if rule.startswith(beginning)), None)
    if kind is not None:
        for code in (OWN, OTHER):
            yield from ((path.replace(kind[1], value), code) for value in units[code].objects[kind[0]])
    elif rule.startswith(PROVINCE_ONLY):
        yield path.replace("<int:number>", "1"), OTHER if rule.startswith(("/staff/requests", "/staff/call")) else ""
    else:
        assert "<" not in path, f"say here which objects of a unit {rule} names"
        yield path, ""


def leaks(client: FlaskClient, app: Flask, units: Mapping[str, Unit], only: str = "/staff") -> Iterator[str]:
    """Yield where a page shows something of another unit, of those whose rules begin with `only`."""
    rules = sorted({rule for method, rule in routes(app) if method == "GET" and rule.startswith(only)})
    strange = (*units[OTHER].words, *units[ROOT].words)
    for rule in rules:
        words = units[OTHER].words if rule.startswith(NAMES_THE_PROVINCE) else strange
        for path, whose in addresses(rule, units):
            for more in ({}, {"agency": OTHER, "unit": OTHER, "placement": units[OTHER].words[-1], "show": "open"}):
                page = client.get(path, query_string=ASKED | more)
                if page.status_code >= 500:
                    yield f"{path} fails"
                shown, asked = _text(page), f"{path} {more}"  # what was asked for may be repeated
                if whose == OTHER and page.status_code == 200:
                    yield f"{path} opens"
                yield from (f"{path} {more} shows {word}" for word in words if word in shown and word not in asked)


def _text(page: TestResponse) -> str:
    if page.mimetype == "application/pdf":
        return page.data.decode("utf-8", "replace")
    whole = text_of(page)
    return whole.partition("</header>")[2] or whole  # whose survey it is stands above every page


@pytest.fixture
def at_that_time() -> Iterator[None]:
    with time_machine.travel(READ, tick=True):
        yield


@pytest.mark.usefixtures("at_that_time")
def test_no_page_shows_any_role_of_a_unit_anything_of_another_unit(app: Flask, session: Session) -> None:
    units = furnish(session)
    for role in Role:
        client = app.test_client()
        sign_in(client, role.name.lower())
        assert list(leaks(client, app, units)) == [], role
        for page in () if role == Role.INTERVIEWER else OWN_PAGES:
            shown = client.get(page, query_string=ASKED)  # else the look would find nothing whatever was shown
            assert shown.status_code == 200 and units[OWN].words[0] in shown.text, (page, role)


def _everything(tree: Tree, *_: object) -> list[int]:
    return list(tree.agencies)


def _anybody(session: Session, *_: object) -> Any:
    return accounts.enabled(session, list(Role))


def _of_everybody(session: Session, number: int, _staff_id: int) -> Job:
    return session.get_one(Job, number)


def _by_code(code: str) -> Placement:
    return collected.by_code(session_of_request(), code)


def _without_agency(within: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *given: (lambda counted, _agency, *days: (counted, *days))(*within(*given))


# Each filter by its name: where it stands, what stands there without it, and where that must be seen, by whom.
FILTERS: Mapping[str, tuple[object, str, Any, str, Role]] = {
    "figures of an agency": (scope, "may_see", lambda *_: True, "/staff/", Role.VIEWER),
    "an agency by its code": (agencies, "may_see", lambda *_: True, "/staff/placements", Role.VIEWER),
    "the way up to the top": (dashboard, "may_see", lambda *_: True, "/staff/", Role.VIEWER),
    "agencies of a scope": (
        Scope,
        "subtree",
        property(lambda s: list(s.tree.agencies)),
        "/staff/comments/<named>",
        Role.VIEWER,
    ),
    "answers of a scope": (counts, "within", _without_agency(counts.within), "/staff/comments/<named>", Role.VIEWER),
    "agencies below one": (Tree, "subtree", _everything, "/staff/placements/new", Role.MANAGER),
    "alerts of own agencies": (Tree, "subtree", _everything, "/staff/alerts", Role.VIEWER),
    "files of own agencies": (Tree, "within", lambda *_: True, "/staff/jobs", Role.VIEWER),
    "letters of own agencies": (Tree, "within", lambda *_: True, "/staff/apologies", Role.VIEWER),
    "entries of own agencies": (Tree, "within", lambda *_: True, "/staff/improvements", Role.VIEWER),
    "files of one's own": (jobs, "own", _of_everybody, "/staff/jobs/<int:number>", Role.VIEWER),
    "QR codes of own agencies": (posters, "owned", _by_code, "/staff/placements/<code>", Role.VIEWER),
    "tasks of own agencies": (Tree, "all_within", _everything, "/staff/tasks", Role.VIEWER),
    "accounts of own agencies": (Tree, "all_within", _everything, "/staff/accounts", Role.MANAGER),
    "what own accounts did": (Tree, "all_within", _everything, "/staff/audit-trail", Role.ADMINISTRATOR),
    "who takes on a task": (steps, "owners", _anybody, "/staff/tasks/<int:number>", Role.MANAGER),
    "who follows up a comment": (follow_up, "owners", _anybody, "/staff/comments/<named>", Role.MANAGER),
    "the province's pages": (
        access,
        "require_province",
        lambda _: None,
        "/staff/comments/<named>/original",
        Role.ADMINISTRATOR,
    ),
    "call-backs of the province": (access, "require_province", lambda _: None, "/staff/call", Role.MANAGER),
    "requests of persons": (access, "of_the_province", lambda: True, "/staff/requests", Role.ADMINISTRATOR),
}


@pytest.mark.usefixtures("at_that_time")
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # each filter is Python's
def test_each_filter_that_is_taken_away_is_seen_to_be_missing(app: Flask, session: Session) -> None:
    units = furnish(session)
    clients = {role: app.test_client() for role in Role}
    for role, client in clients.items():
        sign_in(client, role.name.lower())
    unseen = []
    for name, (place, attribute, instead, only, role) in FILTERS.items():
        revise(session)  # what was drawn before is drawn anew
        session.commit()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(place, attribute, instead)
            held = next(leaks(clients[role], app, units, only), None) is None
        if held:
            unseen.append(name)
    assert unseen == []
    assert not next(leaks(clients[Role.VIEWER], app, units, "/staff/tasks"), None), "all are in their places again"
