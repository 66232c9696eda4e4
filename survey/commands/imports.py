"""`hailong import` and `hailong invite`: the province's tables in, an invitation out for every finished case."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup, with_appcontext

from survey.cases import former_keys
from survey.collection import invitations
from survey.commands.language import LANGUAGE, speak
from survey.db.engine import Database
from survey.errors import ImportRefused
from survey.i18n import gettext, msgid, ngettext, number
from survey.imports import agencies, faults, importing, reading, table
from survey.imports import cases as finished
from survey.imports.faults import Findings
from survey.imports.importing import ImportKind
from survey.periods import now
from survey.security.tokens import case_hash
from survey.settings import Settings
from survey.web.survey import this_survey

SHOWN = 20
PROFILES = sorted(profile.stem for profile in agencies.PROFILES.glob("*.csv"))
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DRY_RUN = click.option("--dry-run", is_flag=True, help="Check the file and say what would change; change nothing.")
_WHERE_TO = msgid(
    "Give the file of cases with --cases and a new file for their links with --links: a link that is not written down "
    "is lost."
)
imports = AppGroup("import", help="Import agencies, procedures or finished cases from CSV or XLSX.")


@imports.command("agencies")
@click.argument("file", type=FILE, required=False)
@click.option("--profile", metavar="|".join(PROFILES), help="Instead of a file, a profile that ships.")
@DRY_RUN
@LANGUAGE
def import_agencies(file: Path | None, profile: str | None, dry_run: bool, lang: str) -> None:
    """Import agencies with their names, levels, days and successors."""
    profiles = {path.stem: path for path in agencies.PROFILES.glob("*.csv")}
    if (file is None) == (profile is None) or (profile is not None and profile not in profiles):
        raise click.UsageError(f"Give a FILE, or --profile with one of: {', '.join(sorted(profiles))}.")
    _run(ImportKind.AGENCIES, file or profiles[str(profile)], dry_run, lang)


@imports.command("procedures")
@click.argument("file", type=FILE)
@DRY_RUN
@LANGUAGE
def import_procedures(file: Path, dry_run: bool, lang: str) -> None:
    """Import procedures by their national codes."""
    _run(ImportKind.PROCEDURES, file, dry_run, lang)


@imports.command("cases")
@click.argument("file", type=FILE)
@DRY_RUN
@LANGUAGE
def import_cases(file: Path, dry_run: bool, lang: str) -> None:
    """Import finished cases; their codes are kept only as keyed hashes.

    A file that says where to write to (an e-mail address or phone number for some cases) invites these at once: the
    addresses are kept in the delivery queue only, sealed, for days. Its other cases stay due, for `hailong invite`.

    Nothing is recorded unless every line is right. A large file is recorded some hundred cases at a time, so that
    people can go on answering; after an interruption, import the file again: no case is doubled.
    """
    _run(ImportKind.CASES, file, dry_run, lang)


@imports.command("portal-counts")
@click.argument("file", type=FILE)
@DRY_RUN
@LANGUAGE
def import_portal_counts(file: Path, dry_run: bool, lang: str) -> None:
    """Import what the national portal counted for its satisfaction indicator, a line for each agency and period."""
    _run(ImportKind.PORTAL_COUNTS, file, dry_run, lang)


@imports.command("earlier")
@click.argument("file", type=FILE)
@DRY_RUN
@LANGUAGE
def import_earlier(file: Path, dry_run: bool, lang: str) -> None:
    """Import figures of earlier systems; they are shown apart and never added to ours."""
    _run(ImportKind.EARLIER, file, dry_run, lang)


@imports.command("sheets")
@click.argument("file", type=FILE)
@DRY_RUN
@LANGUAGE
def import_sheets(file: Path, dry_run: bool, lang: str) -> None:
    """Import answers on paper and by telephone; they are for reference and never judged."""
    _run(ImportKind.SHEETS, file, dry_run, lang)


@click.command()
@click.option("--cases", "feed", type=FILE, help="The file of cases, to write a link for each of its cases.")
@click.option("--links", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the links of --cases.")
@with_appcontext
def invite(feed: Path | None, links: Path | None) -> None:
    """Issue an invitation for every finished case of a file that has none, and write their links.

    Cases that are in no such file stay due: a link is kept nowhere else, so one that is not written could never be
    sent.
    """
    if feed is None or links is None:
        raise click.UsageError(gettext(_WHERE_TO))
    settings = _settings()
    codes = dict(_codes(settings.secret_key, feed))
    with _database().session(writes=True) as session:
        former_keys.follow(session, former_keys.hashes(settings.secret_key, codes.values()))
        tokens = invitations.issue_due(session, codes, now(), settings.answer_days)
        issued = ((text, tokens[code]) for code, text in codes.items() if code in tokens)
        _write_links(links, issued, settings.public_url)
        session.commit()
    click.echo(importing.issued(len(tokens)))
    summary = ngettext(
        "%(number)s link is in %(file)s.",
        "%(number)s links are in %(file)s.",
        len(tokens),
        number=number(len(tokens)),
        file=links.name,
    )
    click.echo(summary + " " + gettext("Keep it secret, and delete it once they are sent."))


def _run(kind: ImportKind, path: Path, dry_run: bool, language: str) -> None:
    speak(language)
    findings = Findings()
    refusals = (Path.cwd() if path.parent == agencies.PROFILES else path.parent) / f"{path.name}.faults.csv"
    try:
        with click.progressbar(
            length=reading.estimate(path), label=gettext("Checking"), update_min_steps=1000
        ) as checking:
            plan = importing.check(_database(), _settings(), kind, path, findings, checking.update)
    except ImportRefused as error:
        _refuse(error, findings, refusals)
        raise
    _warn(findings)
    with click.progressbar(length=plan.rows, label=gettext("Recording"), hidden=len(plan.steps) < 2) as recording:
        outcome = importing.record(_database(), plan, None, recording.update, dry_run)
    with suppress(OSError):
        refusals.unlink(missing_ok=True)
    if dry_run:
        click.echo(gettext("Dry run, nothing was changed: %(what)s", what=outcome.summary))
        return
    click.echo(outcome.summary)
    if outcome.invitations:
        click.echo(outcome.invitations)


def _refuse(error: ImportRefused, findings: Findings, path: Path) -> None:
    _warn(findings)
    for fault in error.faults[:SHOWN]:
        click.echo(_line(fault), err=True)
    if error.faults:
        try:
            faults.write(path, error.faults)
            where = gettext("All %(number)s faults are in %(path)s.", number=number(len(error.faults)), path=path)
        except OSError:
            where = gettext(
                "%(path)s cannot be written; copy the file to a folder where it can, to see all faults.", path=path
            )
        click.echo(where, err=True)
    click.echo(
        gettext("Nothing was imported; lines refused: %(number)s.", number=number(len(findings.lines))), err=True
    )


def _warn(findings: Findings) -> None:
    for warning in findings.warnings[:SHOWN]:
        click.echo(gettext("Please note: %(what)s", what=_line(warning)), err=True)
    if findings.odd > SHOWN:
        click.echo(gettext("… %(number)s more of these.", number=number(findings.odd - SHOWN)), err=True)


def _line(fault: Any) -> str:
    where = (
        gettext("Line %(line)s, column “%(column)s”:", line=fault.line, column=fault.column)
        if fault.column
        else gettext("Line %(line)s:", line=fault.line)
    )
    return " ".join(part for part in (where, fault.value and f"“{fault.value}”.", fault.text(gettext)) if part)


def _codes(secret: str, path: Path) -> Iterable[tuple[bytes, str]]:
    for row in table.rows(path, finished.COLUMNS, findings := Findings()):
        if row.whole:
            yield case_hash(secret, row.values["case_code"]), row.values["case_code"]
    findings.check()


def _write_links(path: Path, links: Iterable[tuple[str, str]], public_url: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(("Mã hồ sơ", "Liên kết"))
        lines.writerows((code, invitations.address(public_url, token)) for code, token in links)


def _settings() -> Settings:
    return this_survey().settings


def _database() -> Database:
    return this_survey().database
