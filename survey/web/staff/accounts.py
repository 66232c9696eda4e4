"""The accounts of one's own agencies: who they are, who looked at them, and what those above may do to each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey.accounts import account_links, accounts, oversight, paired_requests, roles
from survey.accounts.oversight import Overseer, Review
from survey.audit.acts import Act
from survey.i18n import gettext, msgid, nfc, ngettext, number
from survey.models import LinkPurpose, PairedAct, PairedRequest, Role, Staff
from survey.organisation.agencies import by_code, today, tree
from survey.periods import now
from survey.web.request import number_asked, page_asked, session, settings, whole_number
from survey.web.staff import access, change_notices, labels
from survey.web.staff.account_forms import AccountPlace
from survey.web.staff.account_invitations import link_page
from survey.web.staff.overseeing import overseer, roles_offered

pages = Blueprint("accounts", __name__, url_prefix="/staff/accounts")
A_PAGE = 50
MOST_REVIEWED = A_PAGE
STATES = {"": msgid("all"), "overdue": msgid("to be confirmed"), "suspended": msgid("suspended")}
DONE = {
    "changed": msgid("The account has another role or unit now. Its sessions have ended."),
    "same": msgid("Nothing was changed."),
    "asked": msgid("Asked for. Another administrator can agree to it within three days, on the list of accounts."),
    "suspended": msgid("The account is suspended. Its sessions have ended."),
    "resumed": msgid("The account can be used again."),
    "unlocked": msgid("Whoever had to wait after wrong passwords can try again."),
    "withdrawn": msgid("The link opens nothing any more."),
    "agreed": msgid("Agreed, and done."),
    "refused": msgid("The request is refused or taken back. Nothing was changed."),
}
PAIRED = {
    PairedAct.CHANGE: msgid("to give the role “%(role)s” at %(unit)s to %(login)s"),
    PairedAct.SUSPEND: msgid("to suspend %(login)s"),
    PairedAct.RESUME: msgid("to let %(login)s be used again"),
    PairedAct.PASSWORD: msgid("to give %(login)s a link to a new password"),
}


@dataclass(frozen=True)
class AccountRow:
    """An account as the list shows it."""

    account: Staff
    look: Review
    overdue: bool
    signed_in: dt.datetime | None
    may_act: bool


@pages.get("")
@access.requires(Role.MANAGER)
def show() -> str:
    """List the accounts of the own agencies with what waits: links, requests, the yearly look."""
    moment, who = now(), overseer()
    every = oversight.accounts_within(session(), who)
    looks = oversight.looks(session(), [one.id for one in every])
    typed, state = nfc(request.args.get("q", ""))[:100], request.args.get("state", "")
    late = [one for one in every if one.enabled and looks[one.id].overdue(moment)]
    mine = [one for one in late if not access.may_change() or oversight.may_act_on(who, one)]
    rows = [one for one in every if typed.casefold() in f"{one.name} {one.login}".casefold()]
    if state == "overdue":
        rows = [one for one in rows if one in late]
    elif state == "suspended":
        rows = [one for one in rows if not one.enabled]
    place = page_asked()
    here = rows[place * A_PAGE : (place + 1) * A_PAGE]
    signed_in = oversight.last_sign_ins(session(), [one.id for one in here])
    asked = {"q": typed, "state": state if state in STATES else ""}
    return render_template(
        "staff/accounts.html",
        rows=[
            AccountRow(
                one,
                looks[one.id],
                one in late,
                signed_in.get(one.id),
                access.may_change() and oversight.may_act_on(who, one),
            )
            for one in here
        ],
        place=place,
        more=len(rows) > (place + 1) * A_PAGE,
        asked=asked,
        states={name: gettext(one) for name, one in STATES.items()},
        late=len(mine),
        unused=account_links.waiting(session(), who, moment),
        to_password=LinkPurpose.PASSWORD,
        requests=[
            (one, _paired_words(one, account), _may_decide(who, one))
            for one, account in paired_requests.waiting(session(), who, moment)
        ],
        units=labels.unit_names(),
        names=accounts.names(session()),
        done=_done(),
        may_change=access.may_change(),
    )


@pages.post("/review")
@access.requires(Role.MANAGER)
def review() -> AnyResponse:
    """Confirm the accounts that were ticked: they are still needed, and rightly set."""
    ids = [key for typed in request.form.getlist("account")[:MOST_REVIEWED] if (key := whole_number(typed)) is not None]
    confirmed = oversight.review(session(), overseer(), ids, now())
    session().commit()
    state = request.form.get("state", "")
    return redirect(url_for(".show", confirmed=confirmed, state=state if state in STATES else ""), 303)


@pages.get("/<int:number>")
@access.requires(Role.MANAGER)
def look(number: int) -> str:
    """Show one account, and what may be done to it."""
    return _account(oversight.within(session(), overseer(), number))


@pages.post("/<int:number>")
@access.requires(Role.MANAGER)
@access.confirmed
def change(number: int) -> AnyResponse | tuple[str, int]:
    """Give an account another role or unit, or ask for it where that takes two."""
    who, moment = overseer(), now()
    account = oversight.below(session(), who, number)
    form = _place(who, account)
    if not form.validate():
        return _account(account, form), 422
    role, unit = form.chosen_role, by_code(session(), str(form.agency.data))
    if roles.takes_two(who.role, account.role, role):
        paired_requests.ask(session(), who, PairedAct.CHANGE, account, role, unit.id, moment)
        outcome = "asked"
    else:
        outcome = "changed" if oversight.change(session(), who, account, role, unit.id, moment) else "same"
    session().commit()
    return redirect(url_for(".look", number=number, done=outcome), 303)


@pages.post("/<int:number>/<any(suspend, resume, unlock, password):act>")
@access.requires(Role.MANAGER)
@access.confirmed
def act_on(number: int, act: str) -> AnyResponse | str:
    """Suspend, resume or unlock an account, or give its person a link to a new password; or ask for it."""
    who, moment = overseer(), now()
    account = oversight.below(session(), who, number)
    if act == "unlock":
        oversight.unlock(session(), who, settings().secret_key, account, moment)
        outcome = "unlocked"
    elif roles.takes_two(who.role, account.role):
        asked = PairedAct[act.upper()]
        paired_requests.ask(session(), who, asked, account, account.role, account.agency_id, moment)
        outcome = "asked"
    elif act == "password":
        page = _password_link(who, account, moment)
        session().commit()
        return page
    else:
        (oversight.suspend if act == "suspend" else oversight.resume)(session(), who, account, moment)
        outcome = "suspended" if act == "suspend" else "resumed"
    session().commit()
    return redirect(url_for(".look", number=number, done=outcome), 303)


@pages.post("/links/<int:number>/withdraw")
@access.requires(Role.MANAGER)
def withdraw(number: int) -> AnyResponse:
    """Make a link void that nobody has used."""
    account_links.withdraw(session(), overseer(), number, now())
    session().commit()
    return redirect(url_for(".show", done="withdrawn"), 303)


@pages.post("/requests/<int:number>")
@access.requires(Role.ADMINISTRATOR)
@access.confirmed
def decide(number: int) -> AnyResponse | str:
    """Agree to what another administrator asked for, or refuse it; who asked can only take it back."""
    agreed, who, moment = request.form.get("decision") == "agree", overseer(), now()
    decided = paired_requests.decide(session(), who, number, agreed, moment)
    if agreed and decided.act == PairedAct.PASSWORD:
        page = _password_link(who, session().get_one(Staff, decided.staff_id), moment)
        session().commit()
        return page
    session().commit()
    return redirect(url_for(".show", done="agreed" if agreed else "refused"), 303)


def _password_link(who: Overseer, account: Staff, moment: dt.datetime) -> str:
    """Show a link to a new password this once, and tell the holder of the account that there is one."""
    change_notices.tell(account.id, Act.STAFF_PASSWORD_LINK_ISSUED)
    return link_page(*account_links.for_password(session(), who, account, moment))


def _place(who: Overseer, account: Staff) -> AccountPlace:
    units = tree(session())
    form = AccountPlace(data={"role": account.role.name.lower(), "agency": units.bearer(account.agency_id).code})
    form.offer(roles_offered(who.role, alone=False), labels.unit_choices(units, access.who().agency_id, today()))
    return form


def _account(account: Staff, form: AccountPlace | None = None) -> str:
    who, moment = overseer(), now()
    may_act = access.may_change() and oversight.may_act_on(who, account)
    look = oversight.looks(session(), [account.id])[account.id]
    return render_template(
        "staff/account_of.html",
        account=account,
        form=(form or _place(who, account)) if may_act else None,
        own=account.id == who.staff_id,
        look=look,
        overdue=account.enabled and look.overdue(moment),
        signed_in=oversight.last_sign_ins(session(), [account.id]).get(account.id),
        takes_two=may_act and roles.takes_two(who.role, account.role),
        others=paired_requests.others(session(), who),
        units=labels.unit_names(),
        names=accounts.names(session()),
        done=_done(),
        giving=who.role == Role.ADMINISTRATOR,
    )


def _may_decide(who: Overseer, asked: PairedRequest) -> Sequence[str]:
    """Return which decisions somebody may take on a request: to agree as another one, to refuse or take back."""
    if not access.may_change(Role.ADMINISTRATOR) or asked.staff_id == who.staff_id:
        return ()
    return ("refuse",) if asked.asked_by_id == who.staff_id else ("agree", "refuse")


def _paired_words(asked: PairedRequest, account: Staff) -> str:
    unit = labels.unit_names().get(asked.agency_id, "")
    return gettext(PAIRED[asked.act], login=account.login, role=labels.role_name(asked.role), unit=unit)


def _done() -> str:
    if "confirmed" in request.args:
        count = number_asked("confirmed")
        return ngettext(
            "%(count)s account is confirmed.", "%(count)s accounts are confirmed.", count, count=number(count)
        )
    done = request.args.get("done", "")
    return gettext(DONE[done]) if done in DONE else ""
