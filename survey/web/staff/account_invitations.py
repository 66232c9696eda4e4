"""Invite a person to an account: the link goes by e-mail, or is shown once to be printed or handed over."""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.wrappers import Response as AnyResponse

from survey.accounts import account_links, oversight
from survey.alerts import account_mail
from survey.alerts.post import Post
from survey.errors import Conflict
from survey.i18n import error_text
from survey.models import AccountLink, Role
from survey.organisation.agencies import by_code, today, tree
from survey.periods import now
from survey.web.request import session, settings
from survey.web.staff import access, labels
from survey.web.staff.account_forms import Invite
from survey.web.staff.overseeing import overseer, roles_offered
from survey.web.survey import this_survey

pages = Blueprint("account_invitations", __name__, url_prefix="/staff/accounts/new")


@pages.get("")
@access.requires(Role.MANAGER)
def new() -> str:
    """Show the form for a person."""
    return _page(_form())


@pages.post("")
@access.requires(Role.MANAGER)
@access.confirmed
def invite() -> AnyResponse | str | tuple[str, int]:
    """Make the link and send it, or show it this once."""
    form, moment, who = _form(), now(), overseer()
    if not form.validate():
        return _page(form), 422
    unit = by_code(session(), str(form.agency.data))
    secret, address = settings().secret_key, form.address
    try:
        link, token = account_links.invite(
            session(), who, secret, str(form.name.data), form.chosen_role, unit.id, address, moment
        )
    except Conflict as conflict:
        session().rollback()
        return _page(form, error_text(conflict)), 409
    if address:
        post = Post(secret, settings().public_url, this_survey().languages)
        inviter = access.who().name or access.who().login
        account_mail.send(session(), post, link, token, address, inviter, moment)
    page = link_page(link, "" if address else token)
    session().commit()
    return page


def link_page(link: AccountLink, token: str) -> str:
    """Return the page that shows a link this once, to be printed; without a token, that it is on its way by e-mail."""
    post = Post(settings().secret_key, settings().public_url, this_survey().languages)
    return render_template(
        "staff/account_link.html",
        link=link,
        address=account_mail.address_of(post, token) if token else "",
        unit=labels.unit_names().get(link.agency_id, ""),
    )


def _form() -> Invite:
    form, who = Invite(), access.who()
    offered = roles_offered(who.role, alone=True)
    if oversight.may_invite_second(session(), overseer(), now()):
        offered.append(Role.ADMINISTRATOR)
    form.offer(offered, labels.unit_choices(tree(session()), who.agency_id, today()))
    return form


def _page(form: Invite, problem: str = "") -> str:
    return render_template(
        "staff/account_new.html",
        form=form,
        problem=problem,
        sends=bool(settings().smtp_host),
        second=Role.ADMINISTRATOR.name.lower() in form.roles,
        days=account_links.VALID.days,
    )
