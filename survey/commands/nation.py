"""`hailong nation`: the report of a nation from what its provinces export; it needs no database and no settings."""

from __future__ import annotations

from pathlib import Path

import click

from analysis.validation import exact_target, tail
from survey import i18n, periods
from survey.environment import of_commands
from survey.errors import Conflict, NotFound
from survey.i18n import gettext
from survey.periods import Basis, now
from survey.results.scope import Standard


@click.command()
@click.argument("pattern")
@click.option("--period", required=True, help="2026-10, 2026-Q3, 2026-H1, 2026-11M or 2026: whole months.")
@click.option("--calendar/--administrative", default=True, help="Calendar months, or from the 15th to the 14th.")
@click.option("--provinces", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A CSV of provinces.")
@click.option("--target", default="0.90", show_default=True, help="The share to reach.")
@click.option("--confidence", default=0.95, show_default=True, help="Two-sided confidence of the limits.")
@click.option("--issuer", default="", help="Who issues the report; without it dots to be filled in.")
@click.option("--lang", default="vi", show_default=True, help="Language of the report.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the files.")
def nation(
    pattern: str,
    period: str,
    calendar: bool,
    provinces: Path | None,
    target: str,
    confidence: float,
    issuer: str,
    lang: str,
    out: Path,
) -> None:
    """Add up what provinces have exported (`hailong export figures`): a report as .docx, .pdf, .xlsx and .csv."""
    # What reads and draws is loaded by this command alone, not by each process that serves.
    from survey.reports import lake
    from survey.reports.nation_files import write_nation
    from survey.results.nation import ProvinceRegister, nation_figures

    basis = Basis.CALENDAR if calendar else Basis.ADMINISTRATIVE
    asked, standard = periods.parse(period, basis), _standard(target, confidence)
    _language, folder = of_commands()
    if lang not in i18n.languages(folder):
        raise NotFound("There is no language “%(code)s” here.", code=lang)
    register = lake.read_register(provinces) if provinces else ProvinceRegister()
    figures = nation_figures(lake.lake_months(pattern, basis), asked, standard, register)
    try:
        with i18n.speaking(lang, folder):
            paths = write_nation(figures, out, i18n.nfc(issuer), now())
    except OSError as error:
        raise Conflict("%(path)s cannot be written: %(why)s", path=str(out), why=str(error.strerror)) from error
    for path in paths:
        click.echo(path)


def _standard(target: str, confidence: float) -> Standard:
    try:
        exact_target(target)
        tail(confidence)
    except ValueError as error:
        raise click.UsageError(gettext("The target and the confidence are shares such as 0.90 and 0.95.")) from error
    return Standard(target, confidence)
