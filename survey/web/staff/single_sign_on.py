"""Single sign-on: to a provider and back, for signing in, for tying one's account, and for proving again who one is.

Going there is a form of ours, so that no other site sends anybody. Coming back is a GET, as the standard has it: it
does something for that browser alone which went there minutes ago, once.
"""

from __future__ import annotations

import datetime as dt

import flask
from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey.accounts import request_limits, sessions
from survey.audit.acts import Act
from survey.errors import Conflict, SignInRequired, SignOnRefused, TooManyTries
from survey.i18n import current_language, error_text
from survey.periods import now
from survey.single_sign_on import admission, attempts, logout_tokens, openid_connect
from survey.single_sign_on.attempts import Aim, Attempt
from survey.single_sign_on.openid_connect import Person
from survey.single_sign_on.providers import Provider
from survey.web.form_proof import NAME as FORM_PROOF
from survey.web.form_proof import proof_of
from survey.web.request import cookie_name, reading, session, settings
from survey.web.staff import access, browsers, change_notices, evidence, providers
from survey.web.staff.sign_in import safe_next, sign_in_page, welcome
from survey.web.survey import this_survey

pages = Blueprint("single_sign_on", __name__, url_prefix="/staff")
logout = Blueprint("single_sign_on_ended", __name__, url_prefix="/staff")
COOKIE = "hailong-single-sign-on"
WAY_TO = "held_path"  # the field that says where a form goes once somebody has proved who they are
A_MINUTE = 60  # attempts of one address: an office may share one


@pages.post("/sign-in/with/<code>")
@access.anyone
def go(code: str) -> AnyResponse:
    """Send somebody to a provider to sign in."""
    return _leave(providers.asked_for(code), Aim.SIGN_IN, after=request.form.get("next", ""))


@pages.post("/account/single-sign-on/<code>")
@access.any_role
@access.confirmed
def tie(code: str) -> AnyResponse:
    """Send somebody to a provider, so that their account is tied to whoever they are there."""
    return _leave(providers.asked_for(code), Aim.TIE)


@pages.post("/account/proof")
@access.any_role
def prove() -> AnyResponse:
    """Send somebody to their provider to prove again who they are; the form that waits for it goes with them."""
    fields = tuple((name, value) for name, value in evidence.kept_fields() if name != WAY_TO)
    return _leave(_own_provider(), Aim.CONFIRM, after=request.form.get(WAY_TO, ""), fields=fields)


@pages.get("/sign-in/with/<code>/back")
@access.anyone
def back(code: str) -> AnyResponse | tuple[str, int] | str:
    """Take in whoever comes back from a provider; a mere HEAD does nothing."""
    provider = providers.asked_for(code)
    if request.method == "HEAD":
        return ""
    attempt, who = None, access.signed_in_here()
    try:
        secret = settings().secret_key
        cookie = request.cookies.get(cookie_name(COOKIE), "")
        attempt = attempts.opened(this_survey().database, secret, cookie, code, now())
        person = _person(provider, attempt)
    except SignOnRefused as error:
        if attempt is not None:
            staff_id = who.staff_id if who and attempt.session else None
            admission.record_refusal(this_survey().database, provider, staff_id, error, now())
        return _refused(attempt, error)
    try:
        return _forgetting(_ARRIVALS[attempt.aim](provider, person, attempt))
    except SignOnRefused as error:
        return _refused(attempt, error)


@logout.post("/sign-in/with/<code>/ended")
@access.anyone
def ended(code: str) -> AnyResponse:
    """End the sessions of somebody whom a provider has signed out and says so itself, without any browser."""
    provider, database = providers.asked_for(code), this_survey().database
    try:
        _count("logout")
        signed_out = logout_tokens.read(
            database, settings().secret_key, provider, request.form.get("logout_token", ""), now()
        )
    except (SignOnRefused, TooManyTries):
        abort(400)
    admission.end_sessions(session(), provider.issuer, signed_out.subject, signed_out.provider_session, now())
    session().commit()
    return flask.Response(status=204)


def _person(provider: Provider, attempt: Attempt) -> Person:
    moment = now()
    # Who only signs in may have proved it a while ago, as long as the provider was asked to let that be.
    before = dt.timedelta(hours=provider.hours) if attempt.aim is Aim.SIGN_IN else dt.timedelta()
    oldest = moment - attempts.LASTS - before
    here = providers.address("single_sign_on.back", code=provider.code)
    return openid_connect.person(provider, attempt.challenge, request.args, here, oldest, moment)


def _signed_in(provider: Provider, person: Person, attempt: Attempt) -> AnyResponse:
    token = admission.sign_in(this_survey().database, provider, person, evidence.device(), now())
    return _welcomed(token, attempt.after)


def _tied(provider: Provider, person: Person, attempt: Attempt) -> AnyResponse:
    who = _holder(attempt)
    token = admission.tie(this_survey().database, provider, person, who, evidence.device(), now())
    with this_survey().database.session(writes=True) as writing:
        change_notices.tell_in(writing, who.staff_id, Act.IDENTITY_TIED)
        writing.commit()
    return _welcomed(token, url_for("sign_in.account", tied=1))


def _confirmed(provider: Provider, person: Person, attempt: Attempt) -> AnyResponse:
    token = admission.confirm(this_survey().database, provider, person, _holder(attempt), now())
    with reading() as looking:
        g.staff = sessions.signed_in(looking, token, now())
    g.staff_token = token
    flask.session[FORM_PROOF] = proof_of(settings().secret_key, token)
    where = safe_next(attempt.after)
    if not attempt.fields:
        return redirect(where, 303)
    return flask.make_response(render_template("staff/proved.html", where=where, fields=attempt.fields))


_ARRIVALS = {Aim.SIGN_IN: _signed_in, Aim.TIE: _tied, Aim.CONFIRM: _confirmed}


def _welcomed(token: str, after: str) -> AnyResponse:
    with reading() as looking:
        who = sessions.signed_in(looking, token, now())
    if who is None:  # our own second factor is asked for yet
        response = flask.make_response(redirect(url_for("second_step.show", next=after), 303))
        access.begin_session(response, token)
        return response
    return welcome(token, who.login, browsers.of_request(who.login), after)


def _holder(attempt: Attempt) -> sessions.SignedIn:
    """Return who is signed in, if it is the very session in which they went to the provider."""
    who = access.signed_in_here()
    if who is None or who.id_hash.hex() != attempt.session:
        raise SignInRequired("Please sign in first.")
    return who


def _leave(provider: Provider, aim: Aim, after: str = "", fields: tuple[tuple[str, str], ...] = ()) -> AnyResponse:
    _count("begin")
    challenge, moment = openid_connect.new_challenge(), int(now().timestamp())
    mine = "" if aim is Aim.SIGN_IN else access.who().id_hash.hex()
    own = (challenge.state, challenge.nonce, challenge.verifier)
    attempt = Attempt(provider.code, aim, *own, moment, after, mine, fields)
    try:
        there = openid_connect.address(
            provider,
            openid_connect.describe(provider),
            challenge,
            providers.address("single_sign_on.back", code=provider.code),
            current_language(),
            anew=aim is not Aim.SIGN_IN,
        )
    except SignOnRefused as error:
        return flask.make_response(_refused(attempt, error))
    response = providers.onward(provider, there)
    response.set_cookie(
        cookie_name(COOKIE),
        attempts.seal(settings().secret_key, attempt),
        max_age=int(attempts.LASTS.total_seconds()),
        secure=settings().secure,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def _refused(attempt: Attempt | None, error: SignOnRefused) -> AnyResponse:
    """Show what was refused on the page of signing in, or as an error to whoever is signed in; the attempt is over."""
    if attempt is not None and attempt.aim is not Aim.SIGN_IN:
        raise Conflict(error.message, **error.values) from error
    after = attempt.after if attempt else ""
    return _forgetting(flask.make_response(sign_in_page(after, error_text(error)), error.status))


def _forgetting(response: AnyResponse) -> AnyResponse:
    response.delete_cookie(cookie_name(COOKIE), secure=settings().secure, httponly=True, samesite="Lax", path="/")
    return response


def _count(kind: str) -> None:
    where = (f"single sign-on {kind}", request.remote_addr or "")
    request_limits.count(this_survey().database, settings().secret_key, A_MINUTE, where, now())


def _own_provider() -> Provider:
    provider = providers.of_session(access.who())
    if provider is None:
        raise Conflict("You have not signed in by single sign-on. Please sign out and sign in again.")
    return provider
