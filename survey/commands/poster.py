"""`hailong poster`: the posters of one agency, or of the whole province, in one file."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from survey.collection import placements
from survey.collection.posters import typesetting
from survey.collection.posters.typesetting import Size
from survey.db.engine import Database
from survey.errors import NotFound
from survey.i18n import gettext, ngettext, number
from survey.models import Channel
from survey.organisation import agencies
from survey.organisation.dated_tree import valid
from survey.periods import local_day, now
from survey.settings import Settings
from survey.web.survey import this_survey


@click.command("poster")
@click.option("--agency", "code", help="Code of the agency whose posters are wanted, with those of its units.")
@click.option("--all", "everything", is_flag=True, help="The posters of the whole province.")
@click.option("--size", type=click.Choice([size.value for size in Size]), default=Size.A4.value, show_default=True)
@click.option("--make", is_flag=True, help="First give a QR code to every unit that has none in use.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The PDF to write.")
@with_appcontext
def poster(code: str | None, everything: bool, size: str, make: bool, out: Path) -> None:
    """Write the posters of every open QR code in use as one PDF, a page each."""
    if (code is None) != everything:
        raise click.UsageError("Say either --agency CODE or --all.")
    settings: Settings = this_survey().settings
    database: Database = this_survey().database
    moment = now()
    today = local_day(moment)
    with database.session(writes=make) as session:
        top = agencies.by_code(session, code, today) if code else agencies.root(session, today)
        tree = agencies.tree(session, today)
        below = list(tree.subtree(top.id))
        if make:
            units = [one for one in below if valid(tree.agencies[one], today)]
            for agency_id in placements.lacking(session, tree, units):
                placements.make(session, agency_id, Channel.OPEN, moment)
            session.commit()
        hanging = placements.in_use(session, Channel.OPEN, below)
        if not hanging:
            raise NotFound("There is no QR code in use here. Add one on the staff page, or repeat with --make.")
        wanted = typesetting.posters_of(session, hanging, settings.secret_key, settings.public_url, today)
        demo = agencies.installation(session).demo
    with click.progressbar(length=len(wanted), label=gettext("Posters")) as bar:
        document = typesetting.pdf(wanted, Size(size), today, demo, bar.update)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(document)
    count = ngettext("%(number)s poster", "%(number)s posters", len(wanted), number=number(len(wanted)))
    click.echo(f"{out}: {count}")
