"""`hailong staff`: the accounts of officials, from the machine itself; no account exists unless somebody adds it."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from survey.accounts import accounts, factor_resets, identities, oversight
from survey.accounts import sessions as held_sessions
from survey.accounts.oversight import Overseer
from survey.alerts import sign_in_changes
from survey.alerts.post import Post
from survey.audit.acts import Act
from survey.commands.writing import writing
from survey.i18n import gettext, instant, ngettext, number, text
from survey.models import Role
from survey.organisation import agencies
from survey.periods import now
from survey.security.passwords import new_password
from survey.web.survey import this_survey

staff_group = AppGroup(
    "staff", help="Accounts of officials: add, change, disable, resume, untie; their password, factors, sessions."
)
ROLES = [role.name.lower() for role in Role]
FROM_PROMPT = click.option("--prompt", is_flag=True, help="Type the password instead of having one made.")


@staff_group.command()
@click.argument("login")
@click.option("--agency", help="Code of the agency whose subtree the account may see; the province if not given.")
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True)
@click.option("--name", default="", help="Name that the pages show.")
@FROM_PROMPT
def add(login: str, agency: str | None, role: str, name: str, prompt: bool) -> None:
    """Add an account; a one-off password is made and printed once."""
    password = _password(login, prompt)
    with writing() as session:
        scope = agencies.by_code(session, agency) if agency else agencies.root(session)
        accounts.add(session, login, name or login, Role[role.upper()], scope.id, password, now(), one_off=True)
        shown = text(scope.name)
    click.echo(gettext("%(login)s (%(role)s) was added for %(agency)s.", login=login, role=role, agency=shown))
    _show(password, prompt)


@staff_group.command()
@click.argument("login")
def disable(login: str) -> None:
    """Close an account and end all its sessions; what it did stays on record."""
    with writing() as session:
        accounts.disable(session, login, now())
    click.echo(gettext("%(login)s can no longer sign in, and its sessions have ended.", login=login))


@staff_group.command()
@click.argument("login")
def resume(login: str) -> None:
    """Let a suspended account be used again."""
    with writing() as session:
        oversight.resume(session, _machine(session), accounts.named(session, login), now())
    click.echo(gettext("%(login)s can sign in again.", login=login))


@staff_group.command()
@click.argument("login")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--agency", help="Code of the agency whose subtree the account may see; without it: as it is.")
def change(login: str, role: str, agency: str | None) -> None:
    """Give an account another role or unit and end its sessions; for an administrator, where nobody else can agree."""
    with writing() as session:
        account = accounts.named(session, login)
        scope = agencies.by_code(session, agency) if agency else agencies.tree(session).bearer(account.agency_id)
        oversight.change(session, _machine(session), account, Role[role.upper()], scope.id, now())
        shown = text(scope.name)
    click.echo(gettext("%(login)s is %(role)s for %(agency)s now.", login=login, role=role, agency=shown))


@staff_group.command()
@click.argument("login")
@FROM_PROMPT
def password(login: str, prompt: bool) -> None:
    """Give an account a new password, unlock it and end its sessions."""
    chosen = _password(login, prompt)
    with writing() as session:
        settings = this_survey().settings
        accounts.reset_password(session, settings.secret_key, login, chosen, now(), one_off=True)
        post = Post(settings.secret_key, settings.public_url, this_survey().languages)
        account = accounts.named(session, login)
        sign_in_changes.tell(session, post, account, Act.STAFF_PASSWORD_RESET, now())
    click.echo(gettext("%(login)s has a new password; its sessions have ended.", login=login))
    _show(chosen, prompt)


@staff_group.command(name="forget-factor")
@click.argument("login")
def forget_factor(login: str) -> None:
    """Remove every second factor of an account and end its sessions, where no two administrators can."""
    with writing() as session:
        factor_resets.forget(session, accounts.named(session, login), now())
    click.echo(gettext("%(login)s has no second factor any more; its sessions have ended.", login=login))


@staff_group.command()
@click.argument("login")
def untie(login: str) -> None:
    """Let no provider of single sign-on sign in to an account any more, and end its sessions."""
    with writing() as session:
        identities.untie(session, accounts.named(session, login), now())
    click.echo(gettext("%(login)s is tied to no provider any more; its sessions have ended.", login=login))


@staff_group.command()
@click.argument("login")
@click.option("--end", is_flag=True, help="End them all.")
def sessions(login: str, end: bool) -> None:
    """List an account's sessions, or end them."""
    with writing() as session:
        account = accounts.named(session, login)
        if end:
            ended = held_sessions.end_sessions(session, account, now())
            click.echo(
                ngettext("%(count)s session has ended.", "%(count)s sessions have ended.", ended, count=number(ended))
            )
            return
        held = held_sessions.sessions(session, account.id)
    for one in held:
        click.echo(gettext("since %(when)s", when=instant(one.created_at)))
    click.echo(gettext("Sessions in all: %(count)s.", count=number(len(held))))


def _machine(session: Session) -> Overseer:
    """Return whoever runs the machine as one who may act on every account, the last administrator among them."""
    return Overseer(None, Role.ADMINISTRATOR, frozenset(agencies.by_id(session)), frozenset())


def _password(login: str, prompt: bool) -> str:
    if prompt:
        return str(click.prompt(gettext("Password"), hide_input=True, confirmation_prompt=True))
    return new_password(login)


def _show(password: str, prompt: bool) -> None:
    if not prompt:
        click.echo(gettext("Password, shown only now: %(password)s", password=password))
    click.echo(gettext("Hand it over in person: it is changed at the first sign-in, and ends within a week."))
