"""One's own second factors: the app that makes codes, passkeys, recovery codes."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from survey.accounts import authenticators, passkeys, recovery_codes, second_factor
from survey.audit.acts import Act
from survey.collection.posters import qr_code
from survey.errors import Conflict, NotFound, SignInRefused
from survey.i18n import error_text, gettext, nfc
from survey.periods import now
from survey.web.request import session, settings
from survey.web.staff import access, change_notices, evidence, factor_check
from survey.web.survey import this_survey

pages = Blueprint("second_factor", __name__, url_prefix="/staff/account/second-factor")


@pages.get("")
@access.any_role
def show() -> str:
    """Show which second factors the account has, and how to add and remove them."""
    return _page()


@pages.get("/app")
@access.any_role
def app() -> str:
    """Show the QR code of a new secret, and ask for a code of the app that has read it."""
    return _app_page(authenticators.new_secret())


@pages.post("/app")
@access.any_role
@access.confirmed
def add_app() -> AnyResponse | str | tuple[str, int]:
    """Set up the app, once it has shown a right code."""
    plain = authenticators.offered(settings().secret_key, access.who().staff_id, request.form.get("offered", ""))
    if plain is None:
        raise Conflict("This page was open for too long. Please begin again.")
    try:
        authenticators.add(session(), settings().secret_key, access.who(), plain, request.form.get("code", ""), now())
    except SignInRefused as error:
        session().rollback()
        return _app_page(plain, error_text(error)), 422
    return _added("app")


@pages.post("/app/remove")
@access.any_role
@access.confirmed
def remove_app() -> AnyResponse:
    """Take the app away."""
    if not authenticators.remove(session(), access.who().staff_id):
        raise NotFound("This account has no app for codes.")
    return _removed("app")


@pages.post("/passkeys")
@access.any_role
@access.confirmed
def add_passkey() -> AnyResponse | str | tuple[str, int]:
    """Keep a new passkey."""
    name = nfc(request.form.get("name", ""))[: passkeys.NAME] or evidence.device() or gettext("Passkey")
    signed = evidence.signed(NEW_PASSKEY)
    try:
        passkeys.add(this_survey().database, settings().secret_key, access.who(), signed, name, now())
    except (SignInRefused, Conflict) as error:
        return _page(refused=error_text(error)), 422
    return _added("passkey")


@pages.post("/passkeys/<int:number>/remove")
@access.any_role
@access.confirmed
def remove_passkey(number: int) -> AnyResponse:
    """Take one passkey away."""
    passkeys.remove(session(), access.who().staff_id, number)
    return _removed("passkey")


@pages.post("/recovery-codes")
@access.any_role
@access.confirmed
def new_codes() -> str:
    """Make new recovery codes and show them, once.

    Raises:
        Conflict: there is no second factor that they could stand for.
    """
    if not second_factor.has_factor(session(), access.who().staff_id):
        raise Conflict("Please set up a second factor first; recovery codes come with it.")
    change_notices.tell(access.who().staff_id, Act.RECOVERY_CODES_MADE)
    return _codes_page()


NEW_PASSKEY = "new_passkey"  # the field apart from that by which somebody proves who they are


def _added(kind: str) -> AnyResponse | str:
    """Show recovery codes to whoever has none, else what is set up now."""
    change_notices.tell(access.who().staff_id, Act.FACTOR_ADDED)
    if not recovery_codes.left(session(), access.who().staff_id):
        return _codes_page()
    session().commit()
    return redirect(url_for("second_factor.show", done=f"{kind}-added"), 303)


def _removed(kind: str) -> AnyResponse:
    second_factor.removed(session(), access.who(), now(), kind)
    change_notices.tell(access.who().staff_id, Act.FACTOR_REMOVED)
    session().commit()
    return redirect(url_for("second_factor.show", done=f"{kind}-removed"), 303)


def _codes_page() -> str:
    codes = recovery_codes.make(session(), access.who().staff_id, now())
    session().commit()
    return render_template("staff/recovery_codes.html", codes=codes, when=now())


def _app_page(plain: str, refused: str = "") -> str:
    who = access.who()
    address = authenticators.address(plain, who.login)
    return render_template(
        "staff/authenticator.html",
        drawing=Markup(qr_code.svg(address, gettext("QR code for the app"))),  # noqa: S704 - drawn here
        typed=" ".join(plain[start : start + 4] for start in range(0, len(plain), 4)),
        offered=authenticators.offer(settings().secret_key, who.staff_id, plain),
        refused=refused,
    )


def _page(refused: str = "") -> str:
    who, here = access.who(), evidence.site()
    held = passkeys.of_account(session(), who.staff_id)
    return render_template(
        "staff/second_factor.html",
        refused=refused,
        done=_DONE[request.args["done"]]() if request.args.get("done") in _DONE else "",
        app=authenticators.of_account(session(), who.staff_id),
        held=held,
        left=recovery_codes.left(session(), who.staff_id),
        few=recovery_codes.FEW,
        asked_of_role=who.role in second_factor.ASKED_OF,
        asks=factor_check.asks_for_factors(),
        overdue=factor_check.asks_for_factors() and second_factor.is_overdue(who, now()),
        new_passkey=passkeys.to_add(settings().secret_key, here, who, held, now()) if here else "",
        field_name=NEW_PASSKEY,
    )


_DONE = {
    "app-added": lambda: gettext("The app is set up. Your other sessions have ended."),
    "app-removed": lambda: gettext("The app has been removed. Your other sessions have ended."),
    "passkey-added": lambda: gettext("The passkey is set up. Your other sessions have ended."),
    "passkey-removed": lambda: gettext("The passkey has been removed. Your other sessions have ended."),
}
