"""Two administrators of the province give an account back to whoever has lost every second factor."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey.accounts import accounts, factor_resets
from survey.audit.acts import Act
from survey.errors import Conflict, NotFound
from survey.i18n import error_text, gettext, msgid
from survey.models import Role
from survey.periods import now
from survey.web.request import session
from survey.web.staff import access, change_notices
from survey.web.staff.forms import FactorResetEntry

pages = Blueprint("factor_resets", __name__, url_prefix="/staff/factor-resets")


@pages.before_request
def check_province() -> None:
    """Let only the province's own people in: accounts of every agency are shown.

    Raises:
        Forbidden: the account is of one agency below the province.
    """
    access.require_province(
        msgid("Second factors are removed by the province. Please ask an administrator of the province.")
    )


@pages.get("")
@access.requires(Role.ADMINISTRATOR)
def show() -> str:
    """Show what was asked for, and the form by which it is asked."""
    return _page(FactorResetEntry())


@pages.post("")
@access.requires(Role.ADMINISTRATOR)
@access.confirmed
def ask() -> AnyResponse | tuple[str, int]:
    """Ask that an account's second factors be removed, for a reason."""
    form = FactorResetEntry()
    if not form.validate():
        return _page(form), 422
    try:
        account = accounts.named(session(), str(form.login.data))
        factor_resets.ask(session(), account, access.who().staff_id, str(form.reason.data), now())
    except (Conflict, NotFound) as error:
        form.login.errors = [error_text(error)]
        return _page(form), 422
    session().commit()
    return redirect(url_for("factor_resets.show", done="asked"), 303)


@pages.post("/<int:number>")
@access.requires(Role.ADMINISTRATOR)
@access.confirmed
def decide(number: int) -> AnyResponse:
    """Agree to a request, or decline it."""
    agreed = request.form.get("decision") == "agree"
    if agreed:
        factor_resets.agree(session(), number, access.who().staff_id, now())
        change_notices.tell(number, Act.FACTOR_RESET_AGREED)
    else:
        factor_resets.decline(session(), number, access.who().staff_id, now())
    session().commit()
    return redirect(url_for("factor_resets.show", done="agreed" if agreed else "declined"), 303)


@pages.app_template_global()
def may_reset_factors() -> bool:
    """Return whether to show the way to this page: to administrators of the province."""
    return access.may_change_for_the_province(Role.ADMINISTRATOR)


def _page(form: FactorResetEntry) -> str:
    done = {
        "asked": gettext("It is asked for. Another administrator of the province has a day to agree."),
        "agreed": gettext("The second factors are removed, and all sessions of the account have ended."),
        "declined": gettext("The request is dropped; nothing was changed."),
    }
    return render_template(
        "staff/factor_resets.html",
        form=form,
        waiting=factor_resets.waiting(session(), now()),
        me=access.who().staff_id,
        may_change=may_reset_factors(),
        done=done.get(request.args.get("done", ""), ""),
    )
