"""What an agency writes on its reports: symbol, place, addressee, basis, who signs, who receives it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey.accounts import accounts
from survey.i18n import gettext, text
from survey.models import Agency, Role
from survey.organisation import agencies
from survey.organisation.dated_tree import Tree
from survey.periods import local_day, now
from survey.reports import issuing_versions
from survey.reports.issuing import Issuing
from survey.reports.issuing_versions import LONGEST, IssuingFaults
from survey.web.request import session
from survey.web.staff import access, labels

pages = Blueprint("issuing", __name__, url_prefix="/staff/issuing")
MOST_VERSIONS = 20


@pages.get("")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show the issuing data of an agency as they are in use, with the form where the account may change them."""
    agency, tree = access.agency(request.args.get("agency"))
    return _page(agency, tree, issuing_versions.issuing_of(session(), agency.id), {})


@pages.post("")
@access.requires(Role.MANAGER)
def save() -> AnyResponse | str | tuple[str, int]:
    """Save a new version, or only show how a report would look with it."""
    agency, tree = access.agency(request.form.get("agency"))
    issuing, faults = issuing_versions.read(request.form.to_dict())
    if faults:
        return _page(agency, tree, issuing, faults), 422
    if request.form.get("act") == "preview":
        return _page(agency, tree, issuing, {}, preview=True)
    changed = issuing_versions.save(session(), agency, issuing, now(), access.who().staff_id)
    session().commit()
    return redirect(url_for("issuing.show", agency=agency.code, saved="yes" if changed else "same"), 303)


def _page(agency: Agency, tree: Tree, issuing: Issuing, faults: IssuingFaults, *, preview: bool = False) -> str:
    today = local_day(now())
    entries, path = issuing_versions.versions(session(), agency.id), tree.path(agency.id)
    alone = text(agency.name, "vi").startswith(issuing_versions.COMMITTEE)  # names no body above it in the head
    return render_template(
        "staff/issuing.html",
        agency=agency,
        above=None if alone or len(path) < 2 else path[-2],
        units=labels.unit_choices(agencies.tree(session()), access.who().agency_id, today),
        issuing=issuing,
        entered=issuing_versions.written(issuing) | (request.form.to_dict() if faults else {}),
        faults={name: gettext(message, **values) for name, (message, values) in faults.items()},
        longest=LONGEST | dict.fromkeys(issuing_versions.LINES, issuing_versions.LONGEST_LINE * 4),
        may_edit=access.may_change(Role.MANAGER),
        versions=entries[:MOST_VERSIONS],
        names=accounts.names(session()),
        year=today.year,
        preview=preview,
        saved={
            "yes": gettext("The issuing data are saved. Reports made from now on carry them."),
            "same": gettext("Nothing was changed: these data are in use already."),
        }.get(request.args.get("saved", ""), ""),
    )
