"""Close a period: what has ended and is open, a list to look through first, and what was closed, when and by whom."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey import periods
from survey.callbacks import publishing
from survey.errors import Conflict
from survey.i18n import gettext, msgid
from survey.models import Role
from survey.periods import Basis, Period, local_day, now
from survey.reports import closing_list, frozen_beside
from survey.results import closing, publication
from survey.results.scope import closed_period
from survey.results.verdict_text import target_text
from survey.web.request import session, standard
from survey.web.staff import access, labels

pages = Blueprint("closing", __name__, url_prefix="/staff/close")


@pages.before_request
def check_province() -> None:
    """Let only the province's own people in.

    Raises:
        Forbidden: the account is of one agency below the province.
    """
    access.require_province(msgid("Periods are closed by the province. Please ask an administrator of the province."))


@pages.get("")
@access.requires(Role.ADMINISTRATOR)
def show() -> str:
    """Show what can be closed, the check list of the period that is chosen, and what is closed."""
    return _page("")


@pages.post("")
@access.requires(Role.ADMINISTRATOR)
@access.confirmed
def close() -> AnyResponse | tuple[str, int]:
    """Close a period as `hailong close` does, once somebody has said that the list was looked through.

    Its results are published with it where that is asked for, too.

    Raises:
        Conflict: it has not ended yet, or publication is switched off.
        InvalidPeriod: there is no such period.
    """
    period = periods.parse(request.form.get("period", ""), request.form.get("basis", ""))
    if request.form.get("confirmed") != "1":
        return _page(gettext("Please confirm that you have looked through the list."), period), 422
    closing.begin_closing(session())
    if closed_period(session(), period) is not None:
        raise Conflict("This period is closed already.")
    at, staff_id = now(), access.who().staff_id
    frozen_beside.close(session(), period, at, standard(), staff_id)
    if request.form.get("publish") == "1":
        publishing.publish(session(), period, standard(), at, staff_id)
    session().commit()
    code, basis = period.code, str(period.basis)
    return redirect(url_for("closing.show", closed=code, closed_basis=basis, basis=basis), 303)


@pages.app_template_global()
def may_close() -> bool:
    """Return whether to show the way to this page: to administrators of the province, and to its auditors."""
    return access.may_look_for_the_province(Role.ADMINISTRATOR)


def _page(fault: str, chosen: Period | None = None) -> str:
    at, basis = now(), str(chosen.basis) if chosen else _basis()
    offered = closing_list.closable(session(), local_day(at), basis)
    chosen = chosen or _chosen(offered)
    return render_template(
        "staff/closing.html",
        basis=basis,
        bases=list(Basis),
        offered=offered,
        chosen=chosen,
        checks=closing_list.checks(session(), chosen, standard(), at) if chosen else [],
        closings=closing_list.closings(session()),
        fault=fault,
        closed=_just_closed(),
        may_change=access.may_change_for_the_province(Role.ADMINISTRATOR),
        period_name=labels.period_name,
        publishes=publication.publishes(session()),
        target_text=target_text,
    )


def _basis() -> str:
    asked = request.args.get("basis", "")
    return asked if asked in set(Basis) else str(Basis.CALENDAR)


def _chosen(offered: list[Period]) -> Period | None:
    """Return the period that the address names, if it can be closed, or the newest that can."""
    code = request.args.get("period")
    return next((one for one in offered if one.code == code), offered[0] if offered and not code else None)


def _just_closed() -> Period | None:
    code, basis = request.args.get("closed", ""), request.args.get("closed_basis", "")
    if not code:
        return None
    period = periods.parse(code, basis)
    return period if closed_period(session(), period) is not None else None
