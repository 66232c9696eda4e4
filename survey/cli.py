"""The `hailong` commands: exit code 0 done, 1 refused with one clear line, 2 wrong usage."""

from __future__ import annotations

import os
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup, ScriptInfo, with_appcontext

from survey.commands.api import hooks, keys
from survey.commands.audit_bundle import export_audit
from survey.commands.backup import backup, restore
from survey.commands.bounces import bounces
from survey.commands.callback import callbacks
from survey.commands.closing import close
from survey.commands.daily_counts import daily_counts
from survey.commands.delivery import remind, send
from survey.commands.figures_export import export_figures
from survey.commands.gateway_headers import gateway_headers
from survey.commands.imports import imports, invite
from survey.commands.indicators import indicators
from survey.commands.ledger import ledger_key, seal, verify
from survey.commands.nation import nation
from survey.commands.on_record import put_on_record
from survey.commands.poster import poster
from survey.commands.proxy_pages import proxy_pages
from survey.commands.questionnaire import exports
from survey.commands.report import report
from survey.commands.retention import retention
from survey.commands.roles import roles
from survey.commands.rotate import rotate
from survey.commands.staff import staff_group
from survey.commands.start import migrate_database, serve_app, start
from survey.commands.witness import witness
from survey.commands.witnesses import witnesses
from survey.commands.work import ATTACHED, job, work
from survey.environment import ensure_secret, load, replace_secret
from survey.i18n import gettext
from survey.operations import child_processes
from survey.periods import now
from survey.version import version
from survey.web.survey import survey_of

cli = AppGroup("hailong", help="Hài Lòng: survey, figures and reports of satisfaction with public services.")
click.version_option(version(), message="hailong %(version)s")(cli)
cli.add_command(staff_group)
cli.add_command(backup)
cli.add_command(restore)
cli.add_command(bounces)
cli.add_command(callbacks)
cli.add_command(gateway_headers)
cli.add_command(close)
cli.add_command(daily_counts)
cli.add_command(hooks)
cli.add_command(keys)
cli.add_command(imports)
exports.add_command(export_audit)
exports.add_command(export_figures)
cli.add_command(exports)
cli.add_command(invite)
cli.add_command(indicators)
cli.add_command(job)
cli.add_command(ledger_key)
cli.add_command(nation)
cli.add_command(poster)
cli.add_command(proxy_pages)
cli.add_command(report)
cli.add_command(retention)
cli.add_command(roles)
cli.add_command(rotate)
cli.add_command(seal)
cli.add_command(send)
cli.add_command(start)
cli.add_command(remind)
cli.add_command(verify)
cli.add_command(witness)
cli.add_command(witnesses)
cli.add_command(work)


def register_commands(app: Flask) -> None:
    """Let the commands know their application."""
    app.cli.add_command(cli)


@cli.command()
@with_appcontext
def migrate() -> None:
    """Bring the database to the newest schema, or leave it as it was."""
    migrate_database(current_app)
    click.echo(gettext("The database is up to date."))


@cli.command(with_appcontext=False)
@click.option("--renew", is_flag=True, help="Make a new one; what was made with the one before stays good.")
def secret(renew: bool) -> None:
    """Make the secret key of this installation in its instance folder; keep one that is there."""
    if not renew:
        ensure_secret()
        click.echo(gettext("The secret key is in place."))
        return
    former = replace_secret(now())
    click.echo(gettext("The new secret key is in place. The one before stays good as %(file)s.", file=former.name))
    click.echo(gettext("Start the services again, then run `hailong rotate`."))


@cli.command("demo-data", with_appcontext=False)
@ATTACHED
@click.pass_obj
def demo_data(script: ScriptInfo, is_attached: bool) -> None:
    """Load the demonstration province and leave its addresses in instance/demo.json; repeating does no harm."""
    if is_attached:
        child_processes.watch_parent(lambda: os._exit(1))
    _demonstrate(script)


@cli.command(with_appcontext=False)
@click.option("--demo", is_flag=True, help="Load the demonstration province first and print its addresses.")
@click.option("--work/--no-work", default=True, help="Also run `hailong work` beside them (the default), or not.")
@click.pass_obj
def serve(script: ScriptInfo, demo: bool, work: bool) -> None:
    """Serve on HAILONG_HOST and PORT with several processes, once the database is migrated."""
    from survey.operations import serving

    if demo:
        ensure_secret()
    serving.check_port(load())
    if demo and (code := child_processes.run("demo-data", "--attached")):
        raise click.exceptions.Exit(code)  # it has said why
    serve_app(script.load_app(), work)


@cli.command(with_appcontext=False)
def doctor() -> None:
    """Check this installation line by line: ok, warning or fault, with the cure; exit code 1 if there is a fault."""
    from survey.commands.doctor import examine

    if not examine():
        raise click.exceptions.Exit(1)


@cli.command(with_appcontext=False)
def translations() -> None:
    """Collect every text of the product into the catalogues; exit code 1 while one is not translated."""
    from survey.i18n import extraction
    from survey.settings import ROOT

    missing = extraction.update(ROOT / "translations")
    for language, texts in missing.items():
        for untranslated in texts:
            click.echo(f"{language}: {untranslated}")
    if any(missing.values()):
        raise click.exceptions.Exit(1)


put_on_record(cli)


def _demonstrate(script: ScriptInfo) -> None:
    from survey.commands import demo

    def written(period: str, language: str, folder: Path) -> None:
        arguments = ["--period", period, "--calendar", "--lang", language, "--out", str(folder)]
        report.main(arguments, standalone_mode=False, obj=script)

    ensure_secret()
    app = script.load_app()
    with app.app_context():
        demo.show(demo.prepare(app, written), survey_of(app).settings.instance)
