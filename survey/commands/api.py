"""`hailong key` and `hailong webhook`: who may use the API, and who is told of events."""

from __future__ import annotations

import datetime as dt

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from survey.accounts import api_keys
from survey.accounts.api_keys import KeyScope
from survey.commands.delivery import in_words
from survey.commands.writing import writing
from survey.delivery import webhooks
from survey.i18n import date, gettext
from survey.models import Agency
from survey.organisation import agencies
from survey.periods import local_day, now
from survey.web.survey import this_survey

keys = AppGroup("key", help="Keys of programs that use the API: add, list, renew, revoke.")
hooks = AppGroup("webhook", help="Addresses that are told when there is something to read: add, list, remove.")
OVERLAP = dt.timedelta(days=30)
AGENCY = click.option("--agency", help="Code of the agency at whose subtree it ends; the province if not given.")


def _scope(session: Session, code: str | None) -> Agency:
    return agencies.by_code(session, code) if code else agencies.root(session)


@keys.command("add")
@click.argument("name")
@click.option("--scope", "scopes", type=click.Choice([scope.value for scope in KeyScope]), multiple=True, required=True)
@AGENCY
def add_key(name: str, scopes: tuple[str, ...], agency: str | None) -> None:
    """Add a key; it is made and printed once."""
    with writing() as session:
        scope = _scope(session, agency)
        key = api_keys.add(session, name, map(KeyScope, scopes), scope.id, now())
    about = {"name": name, "agency": scope.code, "scopes": " ".join(sorted(scopes))}
    click.echo(gettext("%(name)s was added for %(agency)s: %(scopes)s.", **about))
    click.echo(gettext("Key, shown only now: %(key)s", key=key))


@keys.command()
@click.argument("name")
@click.option("--until", type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]), help="Last day of the key before it.")
def renew(name: str, until: dt.datetime | None) -> None:
    """Make a new key for a program, printed once; the one before is good beside it, for 30 days if no day is given."""
    last = until.date() if until else local_day(now()) + OVERLAP
    with writing() as session:
        key = api_keys.renew(session, name, last, now())
    click.echo(gettext("%(name)s has a new key; the one before is good until %(day)s.", name=name, day=date(last)))
    click.echo(gettext("Key, shown only now: %(key)s", key=key))


@keys.command("list")
def list_keys() -> None:
    """List keys with what they may do and the day on which each was last used."""
    with writing() as session:
        for one in api_keys.listed(session):
            agency = session.get_one(Agency, one.agency_id).code
            day = one.last_used_day
            used = gettext("last used on %(day)s", day=date(day)) if day else gettext("never used")
            state = gettext("revoked") if one.revoked_at else gettext("valid")
            line = f"{one.name}: {state}, {agency}, {' '.join(one.scopes)}, {used}"
            if not one.revoked_at and one.former_until and one.former_until >= local_day(now()):
                line += ", " + gettext("the key before is good until %(day)s", day=date(one.former_until))
            click.echo(line)


@keys.command()
@click.argument("name")
def revoke(name: str) -> None:
    """End a key at once; what it did stays on record."""
    with writing() as session:
        api_keys.revoke(session, name, now())
    click.echo(gettext("%(name)s can no longer be used.", name=name))


@hooks.command("add")
@click.argument("name")
@click.argument("url")
@click.option(
    "--event",
    "events",
    type=click.Choice((*webhooks.EVENTS, webhooks.DAILY)),
    multiple=True,
    help="Without it: all but indicators.daily, which carries figures.",
)
@AGENCY
def add_webhook(name: str, url: str, events: tuple[str, ...], agency: str | None) -> None:
    """Add an address that is told; the secret of its signatures is made and printed once."""
    secret = this_survey().settings.secret_key
    with writing() as session:
        signing = webhooks.add(session, secret, name, url, events or webhooks.EVENTS, _scope(session, agency).id, now())
    click.echo(gettext("%(name)s was added; `hailong work` tells it of events from now on.", name=name))
    click.echo(gettext("Secret, shown only now: %(secret)s", secret=signing))


@hooks.command("list")
def list_webhooks() -> None:
    """List the addresses in use, and how many deliveries are in which state."""
    with writing() as session:
        for one, states in webhooks.listed(session):
            deliveries = in_words(states) or gettext("nothing yet")
            click.echo(f"{one.name}: {one.url}, {' '.join(one.events)}: {deliveries}")


@hooks.command()
@click.argument("name")
def remove(name: str) -> None:
    """Stop telling an address anything."""
    with writing() as session:
        webhooks.remove(session, name, now())
    click.echo(gettext("%(name)s is told nothing any more.", name=name))
