"""Confirm the e-mail address of an official's account from the mail itself: without signing in, by a signed link."""

from __future__ import annotations

from flask import Blueprint, render_template

from survey.accounts import mail_address
from survey.alerts import address_links
from survey.errors import NotFound
from survey.models import Staff
from survey.periods import now
from survey.web.request import session, settings

pages = Blueprint("confirm_address", __name__, url_prefix="/alerts/confirm")


@pages.get("/<int:account>/<token>")
def ask(account: int, token: str) -> str:
    """Show the button that confirms: looking changes nothing, for mail programs look by themselves."""
    return _page(_confirmable(account, token))


@pages.post("/<int:account>/<token>")
def confirm(account: int, token: str) -> str:
    """Confirm the address; once more changes nothing."""
    of = _confirmable(account, token)
    mail_address.confirm(session(), of, now())
    page = _page(of)
    session().commit()
    return page


def _confirmable(account: int, token: str) -> Staff:
    confirmable = address_links.confirmable(session(), settings().secret_key, account, token, now())
    if confirmable is None:
        raise NotFound("This link confirms nothing any more. Please save your address again to get another one.")
    return confirmable


def _page(account: Staff) -> str:
    return render_template("public/confirm_address.html", confirmed=account.email_confirmed)
