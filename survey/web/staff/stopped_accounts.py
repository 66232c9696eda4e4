"""Accounts at which somebody was wrong too often: the province lets them try again."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey.accounts import sign_in_limits
from survey.errors import NotFound
from survey.i18n import msgid
from survey.models import Role, Staff
from survey.periods import now
from survey.web.request import session, settings
from survey.web.staff import access

pages = Blueprint("stopped_accounts", __name__, url_prefix="/staff/stopped-accounts")


@pages.before_request
def check_province() -> None:
    """Let only the province's own people in: accounts of every agency are shown.

    Raises:
        Forbidden: the account is of one agency below the province.
    """
    access.require_province(
        msgid("Accounts are unlocked by the province. Please ask an administrator of the province.")
    )


@pages.get("")
@access.requires(Role.ADMINISTRATOR)
def show() -> str:
    """Show at which accounts somebody has to wait at this moment."""
    return render_template(
        "staff/stopped_accounts.html", stopped=sign_in_limits.stopped(session(), settings().secret_key, now())
    )


@pages.post("/<int:number>")
@access.requires(Role.ADMINISTRATOR)
@access.confirmed
def unlock(number: int) -> AnyResponse:
    """Let everybody try an account again."""
    if (account := session().get(Staff, number)) is None:
        raise NotFound("There is no such account.")
    sign_in_limits.unlock(session(), settings().secret_key, account, now(), access.who().staff_id)
    session().commit()
    return redirect(url_for("stopped_accounts.show"), 303)


@pages.app_template_global()
def may_unlock() -> bool:
    """Return whether to show the way to this page: to administrators of the province."""
    return access.may_change_for_the_province(Role.ADMINISTRATOR)
