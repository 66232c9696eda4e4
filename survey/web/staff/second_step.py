"""The second step of signing in, signing in by a passkey, and the page that asks again before a dangerous act."""

from __future__ import annotations

import flask
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey.accounts import passkeys, second_step, sessions
from survey.accounts.sign_in_limits import Visitor
from survey.errors import ConfirmationRequired, FactorRequired, SignInRefused, SignInRequired, TooManyTries
from survey.i18n import error_text, gettext
from survey.periods import now
from survey.web.http_errors import fact_and_cure
from survey.web.request import READS, reading, settings
from survey.web.staff import access, browsers, evidence, providers
from survey.web.staff.sign_in import welcome
from survey.web.survey import this_survey

pages = Blueprint("second_step", __name__, url_prefix="/staff/sign-in")
TRY_AGAIN = (SignInRefused, TooManyTries)


@pages.get("/second-step")
@access.anyone
def show() -> str:
    """Ask for the second factor of whoever has given the right password."""
    return _page(_awaiting())


@pages.post("/second-step")
@access.anyone
def finish() -> AnyResponse | tuple[str, int]:
    """Check the second factor, and sign somebody in."""
    who, shown, browser = _awaiting(), evidence.sent(), browsers.of_request(_awaiting().login)
    if shown is None:
        return _page(who, gettext("Please type a code.")), 422
    visitor = Visitor(request.remote_addr or "", browser.id if browser.seen else None)
    try:
        token = second_step.finish(this_survey().database, settings().secret_key, who, shown, visitor, now())
    except TRY_AGAIN as error:
        return _again(_page(who, error_text(error)), error)
    return welcome(token, who.login, browser, request.form.get("next"))


@pages.post("/passkey")
@access.anyone
def by_passkey() -> AnyResponse:
    """Sign in whoever shows a passkey; what is refused is told on the page of signing in."""
    survey = this_survey()
    try:
        token = second_step.sign_in_by_passkey(
            survey.database, settings().secret_key, evidence.signed(), evidence.device(), now()
        )
    except TRY_AGAIN:
        return redirect(url_for("sign_in.sign_in", next=request.form.get("next"), refused=1), 303)
    with reading() as looking:
        who = sessions.signed_in(looking, token, now())
    login = who.login if who else ""
    return welcome(token, login, browsers.of_request(login), request.form.get("next"))


def _awaiting() -> sessions.SignedIn:
    who = access.awaiting_factor()
    if who is None:
        raise SignInRequired("Please sign in first.")
    return who


def _page(who: sessions.SignedIn, refused: str = "") -> str:
    with reading() as looking:
        held = passkeys.of_account(looking, who.staff_id)
    return render_template(
        "staff/second_step.html",
        refused=refused,
        asked_for=request.values.get("next", ""),
        passkeys=evidence.asked_of(held) if held else "",
    )


def _again(page: str, error: SignInRefused | TooManyTries) -> flask.Response:
    response = flask.make_response(page, error.status)
    if isinstance(error, TooManyTries):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


@pages.app_errorhandler(ConfirmationRequired)
def ask_again(error: ConfirmationRequired) -> tuple[str, int]:
    """Ask once more who it is, on a page that holds all that was sent, and sends it on."""
    who = access.who()
    with reading() as looking:
        held = passkeys.of_account(looking, who.staff_id)
    return render_template(
        "staff/confirm.html",
        refused=error_text(error) if evidence.sent() else "",
        fields=evidence.kept_fields(),
        provider=providers.of_session(who) if who.proves_at_provider else None,
        here=request.full_path.rstrip("?"),
        passkeys=evidence.asked_of(held) if held else "",
    ), error.status


@pages.app_errorhandler(FactorRequired)
def lead_to_factor(error: FactorRequired) -> AnyResponse | tuple[str, int]:
    """Bring a reader to the page where a second factor is set up; tell a sender."""
    if request.method in READS:
        return redirect(url_for("second_factor.show"))
    fact, cure = fact_and_cure(error_text(error))
    return render_template("staff/error.html", fact=fact, cure=cure, incident=""), error.status
