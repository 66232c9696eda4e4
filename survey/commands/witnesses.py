"""`hailong witnesses`: who outside the house signs each checkpoint of the ledger."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from survey.commands.writing import writing
from survey.i18n import date, gettext
from survey.i18n import number as spelt
from survey.ledger import cosignatures
from survey.operations import witness_words
from survey.operations import witnesses as asked
from survey.periods import local_day, now

witnesses = AppGroup("witnesses", help="Outside bodies that sign each checkpoint of the ledger: add, list, remove.")


@witnesses.command("add")
@click.argument("url")
@click.argument("key")
def add_witness(url: str, key: str) -> None:
    """Ask a witness from now on: its address, and its public key as it gave it to you."""
    with writing() as session:
        name = asked.add(session, url, key, now()).name
    click.echo(gettext("%(name)s is asked to sign from now on; `hailong work` does it.", name=name))


@witnesses.command("list")
def list_witnesses() -> None:
    """List the witnesses, how far each has signed, and why one has not."""
    with writing() as session:
        for one in cosignatures.in_use(session):
            state = gettext("has signed %(number)s entries", number=spelt(one.size))
            if one.fault and one.failed_at is not None:
                state += ", " + gettext("not since %(day)s", day=date(local_day(one.failed_at)))
                state += f": {gettext(witness_words.FAULTS[one.fault])}"
            click.echo(f"{one.name}: {one.url}, {state}")


@witnesses.command("remove")
@click.argument("name")
def remove_witness(name: str) -> None:
    """Ask a witness no more; what it has signed stays."""
    with writing() as session:
        asked.remove(session, name, now())
    click.echo(gettext("%(name)s is asked no more.", name=name))
