"""How the messages stand, unit by unit: to be read only; nobody can choose, delay or cancel one."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, render_template, request

from survey.delivery.state_words import STATES, state_words
from survey.delivery.status_by_unit import UnitStatus, status_by_unit
from survey.i18n import gettext, msgid
from survey.models import Reason, Role
from survey.periods import local_day, now
from survey.web.request import finish_reading, session
from survey.web.staff import access

pages = Blueprint("deliveries", __name__, url_prefix="/staff")
DAYS = 30
REASONS = {
    Reason.UNREACHABLE: msgid("The server could not be reached."),
    Reason.TIMEOUT: msgid("The server did not answer in time."),
    Reason.CLOSED: msgid("The server hung up in the middle."),
    Reason.SIGN_IN: msgid("The server refused our account. Please check its name and password in the settings."),
    Reason.ADDRESS: msgid("The server says that there is no such address."),
    Reason.BUSY: msgid("The server asked us to try again later."),
    Reason.SERVER: msgid("The server reported a fault of its own."),
    Reason.SETUP: msgid("The server does not accept how we are set up. Please check the settings for sending."),
    Reason.CRASH: msgid("Sending stopped in the middle; nobody knows whether the message had gone."),
    Reason.ANSWERED: msgid("The person had answered already."),
    Reason.FIRST_REFUSED: msgid("The address of the invitation had been refused."),
    Reason.DAYS_OVER: msgid("Its time was over before it could be sent, and the address was erased."),
    Reason.UNREADABLE: msgid("The address was sealed with another secret key and cannot be read."),
    Reason.CONTENT: msgid("The server did not take this kind of message."),
    Reason.RETURNED: msgid("The message came back: the mail server reported later that it could not be delivered."),
    Reason.NOT_ASKED: msgid("The invitation had not certainly arrived, so there was nothing to remind of."),
    Reason.DEAD: msgid("A mail server had reported earlier that there is no such address, so nothing was sent."),
    Reason.WITHDRAWN: msgid("The portal had withdrawn the case, so nothing was sent."),
    Reason.IN_TIME: msgid("The portal had corrected the case, which was in time after all, so nothing was sent."),
    Reason.GONE: msgid("The receiver said that it is gone for good."),
}


def reason_words(reason: Reason | None) -> str:
    """Return why a delivery is in its state, in the language in use; empty where nothing went wrong."""
    return gettext(REASONS[reason]) if reason is not None else ""


@pages.get("/deliveries")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show the messages of the last thirty days for an agency of the account's scope and the units below it."""
    at = now()
    agency, tree = access.agency(request.args.get("agency"), local_day(at))
    lines = status_by_unit(session(), tree, agency.id, at - dt.timedelta(days=DAYS))
    finish_reading()
    total = UnitStatus(agency.id)
    for line in lines:
        total.invitations += line.invitations
        total.reminders += line.reminders
        total.reasons += line.reasons
    return render_template(
        "staff/deliveries.html",
        agency=agency,
        tree=tree,
        days=DAYS,
        lines=lines,
        total=total,
        states=[(state, state_words(state)) for state in STATES],
        reasons=[
            (state_words(state), reason_words(reason), number)
            for (state, reason), number in total.reasons.most_common()
        ],
    )
