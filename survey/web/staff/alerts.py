"""What stands out in the figures of an account's agencies, and what it is told of by e-mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey.accounts import accounts, mail_address
from survey.alerts import address_links, choices, episodes, words
from survey.alerts.episodes import ShownAlert
from survey.alerts.post import Post
from survey.audit.acts import Act
from survey.delivery import contact
from survey.errors import InvalidContact
from survey.i18n import gettext, instant, month, msgid, nfc, ngettext, text
from survey.models import AddressKind, Alert, AlertKind, Frequency, Role, Staff
from survey.organisation import agencies
from survey.periods import local_day, now
from survey.results.cut_alerts import month_only
from survey.results.scope import Scope
from survey.web.request import session, settings
from survey.web.staff import access, change_notices
from survey.web.survey import this_survey

pages = Blueprint("alerts", __name__, url_prefix="/staff/alerts")
TOLD = 2  # alerts that the overview tells one by one
SHORTLY = dt.timedelta(microseconds=1)  # the end of a month is the first moment of the next one
UNFOLDED = 4  # alerts of one kind: more would hide the other kinds from whoever sees a whole province
_NO_ADDRESS = msgid("This is no e-mail address. Please correct it, or leave it empty to get no e-mail.")


@pages.get("")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show what stands out now and what was over of late, kind by kind, newest first."""
    alerts = _alerts()
    tree, names = agencies.tree(session(), local_day(now())), accounts.names(session())
    entries = []
    for shown in alerts:
        alert = shown.alert
        agency = tree.named_now(alert.agency_id)
        entry = {
            "number": alert.id,
            "agency": text(agency.name),
            "kind": words.kind_words(alert.kind),
            "sentence": words.sentence(alert),
            "address": words.page(alert, agency.code),
            "began": _time(alert, alert.began_at),
            "ended": alert.ended_at and _time(alert, alert.ended_at - SHORTLY),
            "settled": alert.settled_at and _time(alert, alert.settled_at - SHORTLY),
            "settled_by": names.get(alert.settled_by or 0, ""),
            "new": shown.seen_at is None,
        }
        entries.append(entry)
    return render_template(
        "staff/alerts.html",
        standing=_by_kind(entry for entry in entries if entry["ended"] is None),
        over=_by_kind(entry for entry in entries if entry["ended"] is not None),
        unfolded=UNFOLDED,
        unseen=any(entry["new"] for entry in entries),
        may_settle=access.may_change(),
        days=episodes.SHOWN.days,
    )


def _time(alert: Alert, moment: dt.datetime) -> str:
    """Return a moment of an alert in words; of one about comments the month, which is all that stays of it."""
    if month_only(alert.kind):
        day = local_day(moment)
        return month(day.year, day.month)
    return instant(moment)


@pages.post("")
@access.requires(Role.VIEWER)
def see() -> AnyResponse:
    """Note that the account has seen every alert of the list."""
    episodes.note(session(), _alerts(), access.who().staff_id, seen_at=now())
    session().commit()
    return redirect(url_for(".show"), 303)


@pages.post("/<int:number>")
@access.requires(Role.MANAGER)
def settle(number: int) -> AnyResponse:
    """Say that something was done about an alert: nobody is told of it again while it stands."""
    episodes.settle(session(), _alerts(), number, access.who().staff_id, now())
    session().commit()
    return redirect(url_for(".show"), 303)


@pages.get("/choices")
@access.requires(Role.VIEWER)
def choose() -> str:
    """Show where the account's e-mail goes, in which language, and how often each kind of alert is told."""
    account = _account()
    often = {
        kind.name.lower(): frequency.name.lower() for kind, frequency in choices.chosen(session(), account).items()
    }
    entered = {
        "email": mail_address.address_of(settings().secret_key, account),
        "language": account.language or this_survey().languages[0],
        **often,
    }
    return _choices_page(entered, "", unconfirmed=account.email is not None and not account.email_confirmed)


@pages.post("/choices")
@access.requires(Role.VIEWER)
@access.confirmed
def save() -> AnyResponse | tuple[str, int]:
    """Keep what the account chose, or say what is wrong with it."""
    typed = nfc(request.form.get("email", "")).strip()
    try:
        to = contact.read(typed) if typed else None
    except InvalidContact:
        to = None
    if typed and (to is None or to.kind != AddressKind.EMAIL):
        return _choices_page(request.form, gettext(_NO_ADDRESS)), 422
    account, asked = _account(), request.form.get("language", "")
    language = asked if asked in this_survey().languages else account.language or ""
    wanted = {kind: request.form.get(name, "") for name, kind in choices.WHAT.items()}
    often = {kind: choices.EVERY[chosen] for kind, chosen in wanted.items() if chosen in choices.EVERY}
    before = mail_address.confirmed_address(settings().secret_key, account)
    if before != (to.address if to else ""):
        change_notices.tell(account.id, Act.STAFF_ADDRESS_CHANGED)  # while the address is still the one before
    mail_address.save(session(), settings().secret_key, account, to.address if to else "", language, now())
    choices.choose(session(), account, often, now())
    post = Post(settings().secret_key, settings().public_url, this_survey().languages)
    sent = address_links.send(session(), post, account, now())
    session().commit()
    return redirect(url_for(".choose", saved=1 if sent else 2), 303)


def standing_alerts(scope: Scope) -> tuple[tuple[str, str], ...]:
    """Return what stands out now in the figures of an agency and those below it, each with the page that shows it.

    Without what its overview counts by itself: comments and tasks that are late. Many are told as one.
    """
    tree, inside = agencies.tree(session(), local_day(now())), set(scope.subtree)
    stand = [
        shown.alert
        for shown in _alerts()
        if shown.alert.ended_at is None and shown.alert.settled_at is None and shown.alert.agency_id in inside
    ]
    rest = [alert for alert in stand if alert.kind not in (AlertKind.COMMENTS_LATE, AlertKind.TASKS_LATE)]
    if len(rest) > TOLD:
        number = ngettext("%(number)s alert stands", "%(number)s alerts stand", len(rest), number=len(rest))
        return ((number, url_for("alerts.show")),)
    return tuple(
        (
            f"{text(tree.named_now(alert.agency_id).name)}: {words.sentence(alert)}",
            words.page(alert, tree.named_now(alert.agency_id).code),
        )
        for alert in rest
    )


def _by_kind(entries: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    kinds: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        kinds.setdefault(entry["kind"], []).append(entry)
    return kinds


def _alerts() -> list[ShownAlert]:
    who = access.who()
    return episodes.shown_to(session(), who.staff_id, who.agency_id, who.role, now())


def _account() -> Staff:
    return session().get_one(Staff, access.who().staff_id)


def _choices_page(entered: Mapping[str, str], fault: str, *, unconfirmed: bool = False) -> str:
    return render_template(
        "staff/alert_choices.html",
        entered=entered,
        fault=fault,
        kinds=[(kind.name.lower(), words.kind_words(kind)) for kind in AlertKind],
        frequencies=[(often.name.lower(), words.frequency_words(often)) for often in Frequency],
        saved=request.args.get("saved") in ("1", "2"),
        too_many=request.args.get("saved") == "2",
        unconfirmed=unconfirmed,
        sends=bool(settings().smtp_host),
    )
