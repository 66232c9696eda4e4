"""Who else is served: keys of programs that use the API, and addresses that are told of events. Secrets show once."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from survey.accounts import api_keys
from survey.accounts.api_keys import KeyScope
from survey.delivery import webhooks
from survey.delivery.state_words import STATES, state_words
from survey.errors import Conflict
from survey.i18n import error_text, gettext, msgid, nfc
from survey.i18n import number as figure
from survey.models import Role, State
from survey.organisation.agencies import by_code, today, tree
from survey.periods import now
from survey.web.request import session, settings
from survey.web.staff import access, labels

pages = Blueprint("programs", __name__, url_prefix="/staff/programs")
SCOPES = {
    KeyScope.CASES_WRITE: msgid("hand in finished cases"),
    KeyScope.ANSWERS_WRITE: msgid("hand in answers of invited people"),
    KeyScope.COUNTS_READ: msgid("read figures and reports"),
}
EVENTS = {"period.closed": msgid("a period was closed"), "counts.changed": msgid("figures have changed (once a day)")}
DONE = {"revoked": msgid("The key can no longer be used."), "removed": msgid("The address is told nothing any more.")}


@pages.before_request
def check_province() -> None:
    """Let only the province's own people in: what programs read and are told is everybody's.

    Raises:
        Forbidden: the account is of one agency below the province.
    """
    access.require_province(
        msgid("Programs are connected by the province. Please ask an administrator of the province.")
    )


@pages.get("")
@access.requires(Role.ADMINISTRATOR)
def show() -> str:
    """Show every key and every address that is told of events."""
    return _page()


@pages.post("/keys")
@access.requires(Role.ADMINISTRATOR)
@access.confirmed
def add_key() -> str | tuple[str, int]:
    """Add a key and show it this once."""
    name, chosen = nfc(request.form.get("name", "")), _chosen("scope", [one.value for one in KeyScope])
    if not chosen:
        return _page(key=_typed(), key_fault=gettext("Please choose what the key may do.")), 422
    unit = by_code(session(), request.form.get("agency", ""))
    try:
        secret = api_keys.add(session(), name, map(KeyScope, chosen), unit.id, now(), access.who().staff_id)
    except Conflict as error:
        session().rollback()
        return _page(key=_typed(), key_fault=error_text(error)), error.status
    session().commit()
    return _secret(name, secret)


@pages.post("/keys/<int:number>/revoke")
@access.requires(Role.ADMINISTRATOR)
def revoke_key(number: int) -> AnyResponse:
    """End a key at once."""
    api_keys.revoke(session(), api_keys.name_of(session(), number), now(), access.who().staff_id)
    session().commit()
    return redirect(url_for(".show", done="revoked"), 303)


@pages.post("/webhooks")
@access.requires(Role.ADMINISTRATOR)
@access.confirmed
def add_webhook() -> str | tuple[str, int]:
    """Add an address that is told, and show the secret of its signatures this once."""
    name, wanted = nfc(request.form.get("name", "")), _chosen("event", webhooks.EVENTS)
    if not wanted:
        return _page(hook=_typed(), hook_fault=gettext("Please choose of what the address is to be told.")), 422
    unit = by_code(session(), request.form.get("agency", ""))
    key, url = settings().secret_key, request.form.get("url", "").strip()
    try:
        webhooks.check_outside(url)
        secret = webhooks.add(session(), key, name, url, wanted, unit.id, now(), access.who().staff_id)
    except Conflict as error:
        session().rollback()
        return _page(hook=_typed(), hook_fault=error_text(error)), error.status
    session().commit()
    return _secret(name, secret)


@pages.post("/webhooks/<int:number>/remove")
@access.requires(Role.ADMINISTRATOR)
def remove_webhook(number: int) -> AnyResponse:
    """Stop telling an address anything."""
    webhooks.remove(session(), webhooks.name_of(session(), number), now(), access.who().staff_id)
    session().commit()
    return redirect(url_for(".show", done="removed"), 303)


@pages.app_template_global()
def may_see_programs() -> bool:
    """Return whether to show the way to this page: to administrators and auditors of the province."""
    return access.may_look_for_the_province(Role.ADMINISTRATOR)


def _chosen(name: str, offered: Collection[str]) -> list[str]:
    return [one for one in request.form.getlist(name) if one in offered]


def _typed() -> MultiDict[str, str]:
    """Return what was typed, as a page may show it again."""
    return MultiDict((name, nfc(value)) for name, value in request.form.items(multi=True))


def _secret(name: str, secret: str) -> str:
    return render_template("staff/program_secret.html", name=name, secret=secret)


def _page(
    *,
    key: MultiDict[str, str] | None = None,
    key_fault: str = "",
    hook: MultiDict[str, str] | None = None,
    hook_fault: str = "",
) -> str:
    """Show the page, with what was typed for a key or an address if it could not be taken."""
    done = request.args.get("done", "")
    return render_template(
        "staff/programs.html",
        keys=api_keys.listed(session()),
        hooks=[(one, _states(states)) for one, states in webhooks.listed(session())],
        units=labels.unit_names(),
        choices=labels.unit_choices(tree(session()), access.who().agency_id, today()),
        scopes={scope.value: gettext(words) for scope, words in SCOPES.items()},
        events={event: gettext(words) for event, words in EVENTS.items()},
        key=key or MultiDict(),
        key_fault=key_fault,
        hook=hook or MultiDict(),
        hook_fault=hook_fault,
        may_change=access.may_change_for_the_province(Role.ADMINISTRATOR),
        done=gettext(DONE[done]) if done in DONE else "",
    )


def _states(states: Mapping[State, int]) -> str:
    """Return how many deliveries of an address are in which state, in words."""
    return ", ".join(f"{state_words(state)}: {figure(states[state])}" for state in STATES if states.get(state))
