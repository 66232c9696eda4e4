"""QR codes and kiosks of one's own agencies: list, add, switch, and the sheet for checking them on the spot."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey import questionnaires
from survey.collection import placements
from survey.collection.posters import typesetting
from survey.collection.posters.typesetting import Poster
from survey.errors import NotFound
from survey.i18n import gettext, text
from survey.models import Agency, Channel, Placement, Role
from survey.organisation import agencies, procedures
from survey.organisation.dated_tree import Tree
from survey.periods import local_day, now
from survey.questionnaires import FULL, IN_PERSON, SHORT
from survey.web.current_survey import forget
from survey.web.request import session, settings
from survey.web.staff import access, labels
from survey.web.staff.forms import NewPlacement, Spot
from survey.web.survey import this_survey

pages = Blueprint("placements", __name__, url_prefix="/staff/placements")
MOST_ROWS = 600


@dataclass(frozen=True)
class PlacementRow:
    """A placement with what its poster says."""

    placement: Placement
    poster: Poster


@pages.get("")
@access.requires(Role.VIEWER)
def show() -> str:
    """List the placements of an agency and everything below it."""
    today = local_day(now())
    agency, tree = access.agency(request.args.get("agency"), today)
    rows, total = _rows(agency, tree, today)
    return render_template(
        "staff/placements.html",
        agency=agency,
        units=_units(today),
        rows=rows,
        changed=next((row for row in rows if row.placement.code == request.args.get("changed")), None),
        done=request.args.get("done", ""),
        total=total,
        sizes=typesetting.Size,
        kiosk=Channel.KIOSK,
        full=FULL,
    )


@pages.get("/sheet")
@access.requires(Role.VIEWER)
def sheet() -> str:
    """Show what must hang where, for an official who goes and looks whether a strange code was put over it."""
    today = local_day(now())
    agency, tree = access.agency(request.args.get("agency"), today)
    rows = [row for row in _rows(agency, tree, today)[0] if not row.placement.test]
    province = agencies.root(session(), today)
    return render_template(
        "staff/placement_sheet.html", agency=agency, rows=rows, kiosk=Channel.KIOSK, today=today, province=province
    )


@pages.get("/new")
@access.requires(Role.MANAGER)
def new() -> str:
    """Show the form for a new placement."""
    return _form(NewPlacement(data={name: request.args.get(name, "") for name in ("agency", "spot")}))


@pages.post("/new")
@access.requires(Role.MANAGER)
def add() -> AnyResponse | tuple[str, int]:
    """Add a placement for a unit of one's own."""
    form = NewPlacement()
    moment = now()
    offered = procedures.in_force(session(), local_day(moment))
    form.offer(_units(local_day(moment)), _questionnaires(), offered)
    if not form.validate():
        return _form(form), 422
    agency, _tree = access.agency(form.agency.data, local_day(moment))
    spot = Spot(form.spot.data)
    label = {"vi": str(form.label_vi.data), "en": str(form.label_en.data)}
    if spot == Spot.RESULT and not label["vi"]:
        label = placements.RESULT_LETTER
    chosen = offered.get((form.procedure.data or "").strip())
    placement = placements.make(
        session(),
        agency.id,
        Channel.KIOSK if spot == Spot.KIOSK else Channel.OPEN,
        moment,
        procedure_id=chosen.id if chosen else None,
        label={language: words for language, words in label.items() if words},
        questionnaire=form.questionnaire.data or _suited(spot),
        test=spot == Spot.TEST,
        staff_id=access.who().staff_id,
    )
    session().commit()
    return _shown(agency.code, placement, "added")


@pages.post("/<code>/switch")
@access.requires(Role.MANAGER)
def switch(code: str) -> AnyResponse:
    """Switch a placement on or off; doing it twice is as good as once."""
    placement = owned(code)
    placements.switch(session(), placement, request.form.get("on") == "1", now(), access.who().staff_id)
    session().commit()
    forget(this_survey())
    return _shown(request.form.get("agency") or None, placement, "switched")


def _shown(agency: str | None, placement: Placement, done: str) -> AnyResponse:
    """Lead to the list, which says at its top what was done; without an anchor, for that would scroll past it."""
    return redirect(url_for("placements.show", agency=agency, changed=placement.code, done=done), 303)


def owned(code: str) -> Placement:
    """Return a placement of the account's own agencies.

    Raises:
        NotFound: there is none, or it is not this account's business: both look the same.
    """
    placement = placements.by_code(session(), code)
    if not agencies.tree(session()).within(placement.agency_id, access.who().agency_id):
        raise NotFound("There is no QR code %(code)s.", code=code[:40])
    return placement


def _rows(agency: Agency, tree: Tree, today: dt.date) -> tuple[list[PlacementRow], int]:
    """Return the first placements of an agency and everything below it, and how many there are."""
    listed = placements.listed(session(), list(tree.subtree(agency.id)))
    posters = typesetting.posters_of(session(), listed[:MOST_ROWS], settings().secret_key, settings().public_url, today)
    return [PlacementRow(*pair) for pair in zip(listed, posters, strict=False)], len(listed)


def _form(form: NewPlacement) -> str:
    today = local_day(now())
    offered = procedures.in_force(session(), today)
    form.offer(_units(today), _questionnaires(), offered)
    return render_template(
        "staff/placement_new.html", form=form, procedures=[offered[code] for code in sorted(offered)]
    )


def _suited(spot: Spot) -> str:
    asked = questionnaires.all_asked_now(session())
    return IN_PERSON if spot.at_desk and IN_PERSON in asked else SHORT


def _questionnaires() -> list[tuple[str, str]]:
    """Return those that are asked today, the short one first: what a person gets to answer by each."""
    asked = questionnaires.all_asked_now(session())
    named = {
        SHORT: gettext("The short one: one question, the others optional (about one minute)"),
        IN_PERSON: gettext("The short one for counters: about the visit, not about applying online"),
        FULL: gettext("The full one, part by part (about %(minutes)s minutes)", minutes=asked[FULL].minutes)
        if FULL in asked
        else "",
    }
    first = sorted(asked.values(), key=lambda sheet: (sheet.code != SHORT, sheet.code))
    return [(sheet.code, named.get(sheet.code) or text(sheet.title)) for sheet in first]


def _units(today: dt.date) -> list[tuple[str, str]]:
    return labels.unit_choices(agencies.tree(session(), today), access.who().agency_id, today)
