"""Where a one-time link leads: an invited person sets up the own account, or somebody chooses a new password."""

from __future__ import annotations

from flask import Blueprint, render_template

from survey.accounts import account_links
from survey.accounts.accounts import names
from survey.audit.acts import Act
from survey.errors import Conflict, InvalidPassword, TooManyTries
from survey.i18n import error_text
from survey.models import AccountLink, LinkPurpose, Staff
from survey.periods import now
from survey.security import passwords
from survey.web.request import session, settings
from survey.web.staff import access, change_notices, labels
from survey.web.staff.account_forms import Join, NewPassword

pages = Blueprint("join", __name__, url_prefix="/staff/join")


@pages.get("/<token>")
@access.anyone
def ask(token: str) -> str:
    """Show who invites whom to what, and ask for a login and a password; looking uses nothing up."""
    link = account_links.opened(session(), token, now())
    return _page(link, _form(link))


@pages.post("/<token>")
@access.anyone
def enter(token: str) -> str | tuple[str, int]:
    """Set up the account or the new password, once."""
    link, moment, secret = account_links.opened(session(), token, now()), now(), settings().secret_key
    form = _form(link)
    if not form.validate():
        return _page(link, form), 422
    password = str(form.new.data)
    try:
        with passwords.turn(first=True):
            account = (
                account_links.set_up(
                    session(), secret, token, str(form.login.data), str(form.name.data), password, moment
                )
                if isinstance(form, Join)
                else account_links.choose_password(session(), secret, token, password, moment)
            )
    except InvalidPassword as error:
        session().rollback()
        form.new.errors = [error_text(error)]
        return _page(account_links.opened(session(), token, moment), form), error.status
    except (Conflict, TooManyTries) as error:
        session().rollback()
        return _page(account_links.opened(session(), token, moment), form, error_text(error)), error.status
    if link.purpose == LinkPurpose.PASSWORD:
        change_notices.tell(account.id, Act.STAFF_PASSWORD_CHANGED)
    renewed = link.purpose == LinkPurpose.PASSWORD
    page = render_template("staff/join_done.html", account=account, renewed=renewed, following="")
    session().commit()
    return page


def _form(link: AccountLink) -> NewPassword:
    return NewPassword() if link.purpose == LinkPurpose.PASSWORD else Join(data={"name": link.name})


def _page(link: AccountLink, form: NewPassword, problem: str = "") -> str:
    account = session().get(Staff, link.staff_id) if link.staff_id else None
    return render_template(
        "staff/join.html",
        link=link,
        form=form,
        problem=problem,
        joining=isinstance(form, Join),
        login=account.login if account else "",
        inviter=names(session()).get(link.invited_by_id, ""),
        unit=labels.unit_names().get(link.agency_id, ""),
    )
