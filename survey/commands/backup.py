"""`hailong backup` and `hailong restore`: an encrypted copy of the database, and back into an empty one."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import click
from flask.cli import with_appcontext

import migrations
from survey.commands.work import ATTACHED
from survey.i18n import decimal, gettext, instant
from survey.i18n import number as spelt
from survey.operations import backup_file, backup_process, backups, restoring
from survey.periods import now
from survey.web.survey import this_survey

MEGABYTE = 1_000_000


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Another folder than HAILONG_BACKUPS, which is there.")
@ATTACHED
@with_appcontext
def backup(out: Path | None, is_attached: bool) -> None:
    """Copy the database into one encrypted file while people go on answering, as `hailong work` does by itself."""
    survey = this_survey()
    if is_attached:
        backup_process.attach()
        backups.make_due(survey.database, survey.settings, now())
        return
    done = backups.make(survey.database, survey.settings, out, now())
    rows, size = sum(done.manifest.rows.values()), decimal(done.size / MEGABYTE, "#,##0.0")
    values = {"file": str(done.path), "size": size, "rows": spelt(rows)}
    click.echo(gettext("Backup made: %(file)s, %(size)s MB with %(rows)s rows.", **values))


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key",
    required=True,
    type=click.File("r", encoding="utf-8", errors="replace"),
    help="File of the private key; - is typed or piped.",
)
@click.option("--other-secret", is_flag=True, help="Also a backup made with another secret key, which was lost.")
@with_appcontext
def restore(file: Path, key: TextIO, other_secret: bool) -> None:
    """Restore a backup into the empty database that DATABASE_URL names, and prove that it is whole."""
    survey = this_survey()
    keys = backup_file.identities(key.name, key.read())
    held = restoring.restore(survey.database, survey.settings, file, keys, now(), other_secret)
    values = {"moment": instant(held.made_at), "rows": spelt(sum(held.rows.values())), "tables": spelt(len(held.rows))}
    click.echo(
        gettext(
            "Restored as of %(moment)s: %(rows)s rows of %(tables)s tables, counted and as in the backup.", **values
        )
    )
    if held.schema_revision != migrations.head():
        click.echo(gettext("It is of an older version of this program: run `hailong migrate`, then `hailong doctor`."))
        return
    click.echo(
        gettext("Digests as in the backup: %(number)s. Run `hailong doctor` now.", number=spelt(len(held.digests)))
    )
