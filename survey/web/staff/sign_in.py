"""Sign in and out, one's own sessions, one's own password."""

from __future__ import annotations

from contextlib import suppress

import flask
from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response as AnyResponse

from survey.accounts import identities, sessions
from survey.accounts import sign_in as signing_in
from survey.accounts.sign_in_limits import Visitor
from survey.audit.acts import Act
from survey.errors import InvalidPassword, PasswordRequired, SignInRefused, SignInRequired, TooManyTries, Unavailable
from survey.i18n import error_text, gettext
from survey.operations import first_account
from survey.periods import now
from survey.single_sign_on import openid_connect
from survey.single_sign_on.providers import of_issuer
from survey.web.http_errors import fact_and_cure
from survey.web.request import READS, Audience, audience, reading, session, settings
from survey.web.staff import access, browsers, change_notices, evidence, providers
from survey.web.staff.forms import PasswordChange, SignIn
from survey.web.survey import this_survey

pages = Blueprint("sign_in", __name__, url_prefix="/staff")


def safe_next(asked: str | None) -> str:
    """Return where to go after signing in: the staff page that was asked for, else the overview."""
    inside = (
        asked
        and audience(asked.partition("?")[0]) is Audience.STAFF
        and "\\" not in asked
        and "//" not in asked
        and asked.isprintable()
    )
    return str(asked) if inside else url_for("dashboard.show")


@pages.app_errorhandler(SignInRequired)
def redirect_to_sign_in(error: SignInRequired) -> AnyResponse | tuple[str, int]:
    """Bring a reader to the sign-in page and back; tell a sender, so that what was typed can be sent again."""
    if request.method == "GET":
        return redirect(url_for("sign_in.sign_in", next=request.full_path.rstrip("?")))
    fact, cure = fact_and_cure(error_text(error))
    return render_template("staff/error.html", fact=fact, cure=cure, incident=""), 401


@pages.app_errorhandler(PasswordRequired)
def lead_to_password(error: PasswordRequired) -> AnyResponse | tuple[str, int]:
    """Bring a reader to the page where a password is chosen; tell a sender."""
    if request.method in READS:
        return redirect(url_for("sign_in.account", own=1))
    fact, cure = fact_and_cure(error_text(error))
    return render_template("staff/error.html", fact=fact, cure=cure, incident=""), error.status


@pages.get("/sign-in")
@access.anyone
def sign_in() -> str:
    """Show the sign-in page; somebody will look at charts soon."""
    refused = gettext("This passkey could not be verified. Please try again, or use another way.")
    form = SignIn(data={"next": request.args.get("next", "")})
    return _page(form, refused if "refused" in request.args else "")


def sign_in_page(asked: str, refused: str) -> str:
    """Return the page of signing in, which says why somebody who came back from elsewhere was not signed in."""
    return _page(SignIn(None, data={"next": asked}), refused)


def _page(form: SignIn, refused: str = "") -> str:
    awaited = False
    with suppress(OperationalError, Unavailable), reading() as looking:  # the page is there while the database is not
        awaited = first_account.is_awaited(looking)
    return render_template(
        "staff/sign_in.html",
        form=form,
        refused=refused,
        passkeys=evidence.asked_of(),
        awaited=awaited,
        providers=this_survey().providers,
    )


@pages.post("/sign-in")
@access.anyone
def start_session() -> AnyResponse | tuple[str, int]:
    """Check login and password and start a session."""
    form = SignIn()
    if not form.validate():
        return _page(form), 422
    login, browser = str(form.login.data), browsers.of_request(str(form.login.data))
    visitor = Visitor(request.remote_addr or "", browser.id if browser.seen else None, evidence.device())
    try:
        token = signing_in.sign_in(
            this_survey().database, settings().secret_key, login, str(form.password.data), visitor, now()
        )
    except (SignInRefused, TooManyTries) as error:
        response = flask.make_response(_page(form, error_text(error)), error.status)
        if isinstance(error, TooManyTries):
            response.headers["Retry-After"] = str(error.retry_after)
        return response
    with reading() as looking:
        awaits_factor = sessions.awaiting(looking, token, now()) is not None
    if awaits_factor:
        response = flask.make_response(redirect(url_for("second_step.show", next=form.next.data), 303))
        access.begin_session(response, token)
        return response
    return welcome(token, login, browser, form.next.data)


def welcome(token: str, login: str, browser: browsers.Browser, asked: str | None) -> AnyResponse:
    """Lead somebody who has signed in to the page that was asked for, and know their browser the next time."""
    response = flask.make_response(redirect(safe_next(asked), 303))
    access.begin_session(response, token)
    browsers.remember(response, browser, login)
    return response


@pages.post("/sign-out")
@access.any_role
def sign_out() -> AnyResponse:
    """End the session in use, and lead whoever came by a provider to where they sign out there, too."""
    sessions.sign_out(session(), access.who(), now())
    session().commit()
    provider = providers.of_session(access.who())
    there = openid_connect.leaving(provider, providers.address("sign_in.sign_in")) if provider else None
    g.staff = None
    left = providers.onward(provider, there, leaving=True) if provider and there else None
    response = left or flask.make_response(redirect(url_for("sign_in.sign_in"), 303))
    access.delete_session_cookie(response)
    # Not "storage": answers that citizens gave on this device without a network wait there.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@pages.get("/account")
@access.any_role
def account() -> str:
    """Show one's own account: its scope, its sessions, the form for a new password."""
    changed = gettext("The new password is in force. All your other sessions have ended.")
    ended = gettext("You are signed in nowhere else now.")
    tied = gettext("Your account is tied now: you sign in there from now on. All your other sessions have ended.")
    done = {"changed": changed, "ended": ended, "tied": tied}
    return _account(PasswordChange(), next((words for name, words in done.items() if name in request.args), ""))


def _account(form: PasswordChange, done: str = "") -> str:
    who = access.who()
    return render_template(
        "staff/account.html",
        form=form,
        done=done,
        scope=access.scope_agency(),
        sessions=[(held, held.id_hash == who.id_hash) for held in sessions.sessions(session(), who.staff_id)],
        providers=this_survey().providers,
        tied=[of_issuer(this_survey().providers, one.issuer) for one in identities.of_account(session(), who.staff_id)],
    )


@pages.post("/account/sessions")
@access.any_role
@access.confirmed
def end_others() -> AnyResponse:
    """Sign out everywhere but here."""
    sessions.end_others(session(), access.who(), now())
    session().commit()
    return redirect(url_for("sign_in.account", ended=1), 303)


@pages.post("/account/sessions/<prefix>")
@access.any_role
@access.confirmed
def revoke(prefix: str) -> AnyResponse:
    """End one of one's own sessions; one that has ended already is as good."""
    sessions.revoke(session(), access.who(), prefix, now())
    session().commit()
    return redirect(url_for("sign_in.account"), 303)


@pages.post("/account/password")
@access.any_role
def password() -> AnyResponse | tuple[str, int]:
    """Set one's own new password; every other session ends and this one gets a new id."""
    form = PasswordChange()
    if not form.validate():
        return _account(form), 422
    current, new = str(form.current.data), str(form.new.data)
    try:
        token = signing_in.change_password(
            this_survey().database, settings().secret_key, access.who(), current, new, now()
        )
    except InvalidPassword as error:
        form[error.field].errors = [error_text(error)]
        return _account(form), 422
    change_notices.tell(access.who().staff_id, Act.STAFF_PASSWORD_CHANGED)
    session().commit()
    response: Response = flask.make_response(redirect(url_for("sign_in.account", changed=1), 303))
    access.set_session_cookie(response, token)
    return response
