"""`hailong ledger-key`, `hailong seal` and `hailong verify`: sign the ledger, and hold everything against it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Literal

import click
from flask.cli import ScriptInfo, with_appcontext
from sqlalchemy.exc import OperationalError

from survey.i18n import gettext
from survey.i18n import number as spelt
from survey.ledger import sealing, signing_key
from survey.ledger.notes import Checkpoint, Verifier, checkpoint, opened
from survey.logs import log
from survey.operations import audit_check, cosigning
from survey.operations.verification import verify as verified
from survey.periods import now
from survey.web.survey import Survey, survey_of, this_survey

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("ledger-key")
@click.option(
    "--keep", is_flag=True, help="Print the public half of a key that is there, and make one only if none is."
)
@with_appcontext
def ledger_key(keep: bool) -> Literal[False] | None:
    """Make the key that signs the ledger, in the file of HAILONG_LEDGER_KEY, and print its public half."""
    settings = this_survey().settings
    path = signing_key.file_of(settings)
    there = keep and path.exists()
    signer = signing_key.load(path) if there else signing_key.make(path, signing_key.origin_of(settings.public_url))
    click.echo(gettext("The key that signs the ledger is in %(path)s. Its public half:", path=path))
    click.echo(str(signer.verifier))
    return False if there else None  # which is not on record


@click.command()
@click.option("--every", type=click.FloatRange(1, 3600), help="Go on, and seal again after so many seconds.")
@with_appcontext
def seal(every: float | None) -> None:
    """Give what has happened its number in the ledger, sign how far it goes, and ask the witnesses to sign, too."""
    survey = this_survey()
    if every is None:
        _seal(survey)
        if number := cosigning.ask_all(survey.database, now):
            click.echo(gettext("Witnesses that have signed it: %(number)s.", number=spelt(number)))
        return
    threading.Thread(target=_ask_witnesses, args=(survey, every), daemon=True).start()
    while True:
        try:
            _seal(survey)
        except OperationalError as error:  # it comes back, or another server takes its place
            log.error("database_unavailable", kind=type(error.orig).__name__)
        threading.Event().wait(every)


def _seal(survey: Survey) -> None:
    done = sealing.seal(survey.database, signing_key.file_of(survey.settings), now())
    if done is None:
        click.echo(gettext("Everything was sealed before."))
    else:
        click.echo(gettext("The ledger is sealed: %(number)s entries.", number=spelt(done.size)))


def _ask_witnesses(survey: Survey, every: float) -> None:
    """Ask beside the sealing, which waits for nobody."""
    while True:
        try:
            cosigning.ask_all(survey.database, now)
        except Exception as error:
            log.error("work_fault", kind=type(error).__name__, exc_info=error)
        threading.Event().wait(min(every, 10.0))


@click.command()
@click.option("--since", type=FILE, help="A file with an old checkpoint: nothing of before may have changed.")
@click.option("--key", help="The public key of the ledger; else the one that the database, or the bundle, names.")
@click.option("--audit", type=FILE, help="Check a bundle for auditors instead; this needs no database.")
@click.pass_obj
def verify(script: ScriptInfo, since: Path | None, key: str | None, audit: Path | None) -> None:
    """Hold every answer and all that figures rest on against the ledger; exit code 1 if anything is not as it says."""
    trusted = None if key is None else Verifier.parse(key)
    old = None
    if since is not None:
        note = since.read_text(encoding="utf-8")
        old = checkpoint(note if trusted is None else opened(note, [trusted]))
    if audit is not None:
        _audit(audit, trusted, old)
        return
    with survey_of(script.load_app()).database.session(writes=False) as session:
        result = verified(session, trusted, old)
    for discrepancy in result.discrepancies:
        click.echo(str(discrepancy))
    if result.waiting:
        click.echo(gettext("Not sealed yet: %(number)s.", number=spelt(result.waiting)))
    values = {"entries": spelt(result.entries), "number": spelt(len(result.discrepancies))}
    if result.discrepancies:
        click.echo(gettext("%(number)s things are not as the ledger says (%(entries)s entries).", **values))
        raise click.exceptions.Exit(1)
    click.echo(gettext("All is as the ledger says: %(entries)s entries.", **values))


def _audit(path: Path, trusted: Verifier | None, old: Checkpoint | None) -> None:
    """Check a bundle and say what is in it, and what is not as the ledger says."""
    audit = audit_check.check(path, trusted, old)
    if trusted is None:
        click.echo(gettext("Signed by the key that came with the bundle; compare it: %(key)s", key=audit.verifier))
    for key in audit.witnesses:
        click.echo(gettext("Signed by a witness whose key came with the bundle; compare it: %(key)s", key=key))
    for kind, number in sorted(audit.happened.items()):
        click.echo(f"{kind}: {spelt(number)}")
    for discrepancy in audit.discrepancies:
        click.echo(str(discrepancy))
    values = {"entries": spelt(audit.checkpoint.size), "answers": spelt(audit.answers), "periods": audit.periods}
    if audit.discrepancies:
        wrong = {"number": spelt(len(audit.discrepancies)), "entries": values["entries"]}
        click.echo(gettext("%(number)s things are not as the ledger says (%(entries)s entries).", **wrong))
        raise click.exceptions.Exit(1)
    click.echo(
        gettext(
            "All is as the ledger says: %(entries)s entries, %(answers)s answers opened, %(periods)s closed periods "
            "counted anew.",
            **values,
        )
    )
