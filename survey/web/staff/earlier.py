"""Figures of earlier systems: which were imported, by whom, and how one is withdrawn."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey.i18n import msgid
from survey.imports.earlier import withdraw
from survey.models import Role, Staff
from survey.periods import now
from survey.results.earlier import systems
from survey.web.request import session
from survey.web.staff import access

pages = Blueprint("earlier", __name__, url_prefix="/staff/earlier-systems")


@pages.before_request
def check_province() -> None:
    """Let only the province's own people in.

    Raises:
        Forbidden: the account is of one agency below the province.
    """
    access.require_province(msgid("Files are imported by the province. Please ask an administrator of the province."))


@pages.get("")
@access.requires(Role.ADMINISTRATOR)
def show() -> str:
    """List what was imported of earlier systems."""
    listed = systems(session())
    importers = {one.system.staff_id for one in listed if one.system.staff_id is not None}
    names = {number: session().get_one(Staff, number).login for number in importers}
    may = access.may_change(Role.ADMINISTRATOR)
    return render_template("staff/earlier_systems.html", systems=listed, names=names, may_withdraw=may)


@pages.post("/<int:number>/withdraw")
@access.requires(Role.ADMINISTRATOR)
def take_away(number: int) -> AnyResponse:
    """Show the figures of one system no more."""
    withdraw(session(), number, access.who().staff_id, now())
    session().commit()
    return redirect(url_for("earlier.show"), 303)
