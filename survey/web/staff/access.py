"""Who may open what: every staff address says which role it asks for, and one that does not is shut.

The rest time is read from the cookie, which carries the session's id and a signed time: a page that is only
looked at changes nothing in the database, and a cookie older than the rest time is refused to everybody.
What revokes a session is its row: delete it and the id is worthless at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, redirect, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from survey.accounts import roles, sessions
from survey.audit import trail
from survey.audit.acts import Act
from survey.db import row_security
from survey.errors import Forbidden, SignInRequired
from survey.logs import log
from survey.models import Agency, Role
from survey.organisation.agencies import root, shown_to, tree
from survey.organisation.dated_tree import Tree
from survey.organisation.sight import ever_within
from survey.periods import Period, local_day, now
from survey.results.scope import Scope, reader_of, scope_asked
from survey.security.tokens import issued_at, sign
from survey.web.form_proof import STAFF
from survey.web.request import READS, Audience, audience, cookie_name, session, settings
from survey.web.same_site import refuse_other_sites
from survey.web.staff import factor_check
from survey.web.survey import this_survey

AnyView = TypeVar("AnyView", bound=Callable[..., Any])
PURPOSE = "staff rest"
RENEW_SECONDS = 60
HOME = "dashboard.show"
HOMES = {Role.INTERVIEWER: "sheets.show"}  # where somebody begins who may not see the figures


def requires(role: Role) -> Callable[[AnyView], AnyView]:
    """Mark a view with the role that it asks for."""

    def mark(view: AnyView) -> AnyView:
        view.required_role = role  # type: ignore[attr-defined]  # a function takes any, its type names none
        return view

    return mark


def any_role(view: AnyView) -> AnyView:
    """Mark a view that everybody may open who has signed in, whatever the role: the own account."""
    view.required_role = None  # type: ignore[attr-defined]  # as above
    return view


def anyone(view: AnyView) -> AnyView:
    """Mark a staff view that needs no session: the sign-in page."""
    view.required_role, view.needs_session = None, False  # type: ignore[attr-defined]  # as above
    return view


def confirmed(view: AnyView) -> AnyView:
    """Mark a view that does something dangerous: whoever opens it has proved who they are in the last minutes."""
    view.asks_again = True  # type: ignore[attr-defined]  # as above
    return view


def install(app: Flask) -> None:
    """Check every request, and renew the rest time of the session that it came with."""
    app.before_request(check)
    app.after_request(renew_session_cookie)


def check() -> AnyResponse | None:
    """Refuse a request that its sender may not make; lead whoever sees no figures from the first page to the own one.

    Raises:
        SignInRequired: nobody is signed in, or the session has ended.
        Forbidden: the role does not allow it, the address does not say who may open it, or another site sent it.
    """
    if request.method not in READS and audience() is not Audience.PROGRAMS:
        refuse_other_sites(request, opaque=audience() is Audience.EVERYBODY)  # whose forms prove themselves
    view = current_app.view_functions.get(request.endpoint or "")
    guarded = request.url_rule is not None and audience(request.url_rule.rule) is Audience.STAFF
    if view is None or not (guarded or hasattr(view, "required_role")):
        return None
    if not hasattr(view, "required_role"):
        raise Forbidden("You may not open this page.")
    if not getattr(view, "needs_session", True):
        return None
    g.staff = _from_cookie()
    if g.staff is None:
        raise SignInRequired("Please sign in first.")
    required: Role | None = getattr(view, "required_role", None)
    if not roles.allows(g.staff.role, required, request.method in READS):
        if request.endpoint == HOME and (own_home := HOMES.get(g.staff.role)):
            return redirect(url_for(own_home))
        raise Forbidden("Your account may not do this. Please ask an administrator of your agency.")
    factor_check.check_password(g.staff)
    factor_check.check_factor(g.staff)
    see_own_agencies()
    if hasattr(view, "asks_again"):
        factor_check.check_confirmed(g.staff)
    return None


def see_own_agencies() -> None:
    """Let the statements of this request see the rows of the account's own agencies, and no others."""
    if (database := this_survey().database).guarded:
        with database.session(writes=False) as reading:
            row_security.see(ever_within(reading, who().agency_id))


def may_read(endpoint: str) -> bool:
    """Return whether the account's role may open the page of an endpoint."""
    return roles.allows(who().role, getattr(current_app.view_functions[endpoint], "required_role", None), reading=True)


def require_reading(role: Role) -> None:
    """Let only those go on who may read what asks for a role: for what is sent like a form, but changes nothing.

    Raises:
        Forbidden: the role does not allow it.
    """
    if not roles.allows(who().role, role, reading=True):
        raise Forbidden("Your account may not do this. Please ask an administrator of your agency.")


def identify() -> None:
    """Load who is signed in where no view asked for it: at an address that does not exist."""
    if audience() is Audience.STAFF and request.endpoint is None:
        with suppress(SQLAlchemyError):  # the page of the error is shown all the same
            g.staff = _from_cookie()


def record_refusal(status: int, code: str) -> None:
    """Log that a request was refused, and put it on record if it came with somebody's session; never what was sent."""
    staff: sessions.SignedIn | None = None
    rule = str(request.url_rule)
    if audience() is Audience.STAFF:
        with suppress(SQLAlchemyError):
            staff = g.get("staff") or _from_cookie()
    staff_id = staff.staff_id if staff else None
    log.warning("request_refused", path_rule=rule, method=request.method, status=status, kind=code, staff_id=staff_id)
    if staff_id is None:
        return
    if (opened := g.pop("session", None)) is not None:
        opened.close()  # what was refused is undone, and holds nobody up
    with suppress(SQLAlchemyError), this_survey().database.session(writes=True) as writing:
        trail.append(writing, staff_id, Act.REQUEST_REFUSED, now(), page=rule, method=request.method, reason=code)
        writing.commit()


def who() -> sessions.SignedIn:
    """Return who is signed in."""
    signed_in: sessions.SignedIn = g.staff
    return signed_in


def of_the_province() -> bool:
    """Return whether the account is the province's own, not that of an agency below it."""
    if "of_the_province" not in g:  # the menu alone asks half a dozen times
        with this_survey().database.session(writes=False) as reading:
            g.of_the_province = tree(reading).named_now(who().agency_id).id == root(reading).id
    return bool(g.of_the_province)


def require_province(why: str) -> None:
    """Let only the province's own accounts go on; `why` is a msgid that says whom to ask.

    Raises:
        Forbidden: the account is of one agency below the province.
    """
    if not of_the_province():
        raise Forbidden(why)


def may_change_for_the_province(role: Role) -> bool:
    """Return whether the account is the province's own and may change what asks for a role."""
    return may_change(role) and of_the_province()


def may_look_for_the_province(role: Role) -> bool:
    """Return whether the account is the province's own and may look at what asks for a role."""
    return roles.allows(who().role, role, reading=True) and of_the_province()


def scope_agency() -> Agency:
    """Return the agency at the top of what the account may see, under its name of today."""
    return tree(session()).named_now(who().agency_id)


def own_agencies() -> list[int]:
    """Return the agencies whose business is the account's own today: its agency and all below, under each name."""
    return tree(session()).all_within(who().agency_id)


def may_change(role: Role = Role.MANAGER) -> bool:
    """Return whether the account may change what asks for a role, each within its own agencies."""
    return roles.allows(who().role, role, reading=False)


def signed_in_here() -> sessions.SignedIn | None:
    """Return who is signed in in this browser, at an address that asks for nobody."""
    return _from_cookie()


def awaiting_factor() -> sessions.SignedIn | None:
    """Return who has given the right password in this browser and has yet to show the second factor."""
    return _from_cookie(sessions.awaiting)


def _from_cookie(held: Callable[..., sessions.SignedIn | None] = sessions.signed_in) -> sessions.SignedIn | None:
    token, _, signed = request.cookies.get(cookie_name(STAFF), "").partition(".")
    try:
        seen = issued_at(settings().secret_key, PURPOSE, signed, token)
    except ValueError:
        return None
    if seen is None or now().timestamp() - seen > settings().session_minutes * 60:
        return None
    g.staff_seen = seen
    # Apart from the request's own session, which on SQLite would take the write lock for a mere look.
    with this_survey().database.session(writes=False) as reading:
        return held(reading, token, now())


def set_session_cookie(response: Response, token: str) -> None:
    """Give the browser the cookie of its session."""
    g.pop("staff_seen", None)
    signed = sign(settings().secret_key, PURPOSE, token, at=now().timestamp())
    response.set_cookie(
        cookie_name(STAFF), f"{token}.{signed}", secure=settings().secure, httponly=True, samesite="Lax", path="/"
    )


def begin_session(response: Response, token: str) -> None:
    """Give the browser the cookie of a new session; the one that it held until now ends."""
    before = request.cookies.get(cookie_name(STAFF), "").partition(".")[0]
    if before and before != token:
        with this_survey().database.session(writes=True) as writing:
            sessions.end_before(writing, before, now())
            writing.commit()
    set_session_cookie(response, token)


def delete_session_cookie(response: Response) -> None:
    """Delete the cookie of the browser's session."""
    response.delete_cookie(cookie_name(STAFF), secure=settings().secure, httponly=True, samesite="Lax", path="/")
    g.pop("staff_seen", None)


def renew_session_cookie(response: Response) -> Response:
    """Give the browser the new id of its session if it has one, else start the rest time again, once a minute."""
    if "staff_token" in g:
        set_session_cookie(response, g.pop("staff_token"))
        return response
    due = "staff_seen" in g and now().timestamp() - g.staff_seen > RENEW_SECONDS
    if due and g.get("staff") is not None:
        set_session_cookie(response, request.cookies[cookie_name(STAFF)].partition(".")[0])
    return response


def agency(code: str | None, day: dt.date | None = None, reading: Session | None = None) -> tuple[Agency, Tree]:
    """Return the agency that was asked for (or the account's own) and the tree that shows its figures: see `shown_to`.

    Raises:
        NotFound: there is none, or it is not this account's business: both look the same.
    """
    return shown_to(reading or session(), who().agency_id, code, day or local_day(now()))


def scope(code: str | None, period: Period, reading: Session | None = None) -> Scope:
    """Return the scope of the agency that was asked for (or the account's own) in a period.

    Raises:
        NotFound: there is none, or it is not this account's business.
    """
    looking = reading or session()
    return scope_asked(looking, period, code, who().agency_id, reader_of(looking, who().agency_id, who().role))
