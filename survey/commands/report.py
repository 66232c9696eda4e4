"""`hailong report`: write the report of a period as documents, for one agency or for many."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from survey import periods, reports
from survey.audit import trail
from survey.audit.acts import Act
from survey.commands.writing import writing
from survey.errors import NotFound
from survey.organisation import agencies
from survey.periods import Basis, Period, local_day, now
from survey.results.scope import Reader, reader_of, scope_asked, scope_for, standard_of
from survey.web.survey import this_survey


@click.command("report")
@click.option(
    "--period", required=True, help="2026-10, 2026-Q3, 2026-H1, 2026-11M, 2026, 2026-Y1114 or 20251215-20261031."
)
@click.option("--calendar/--administrative", default=True, help="Calendar months, or from the 15th to the 14th.")
@click.option("--agency", "codes", multiple=True, help="Code of an agency; may be repeated. Without it: the province.")
@click.option("--units", is_flag=True, help="Also a report for each unit directly below these agencies.")
@click.option("--lang", default="vi", show_default=True, help="Language of the report.")
@click.option("--format", "formats", multiple=True, type=click.Choice(list(reports.FORMATS)), help="Without it: all.")
@click.option(
    "--edition",
    type=click.Choice(["internal", "public"]),
    default="internal",
    show_default=True,
    help="Public: what everybody may read; as .docx, .pdf and paragraph.",
)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the files.")
@with_appcontext
def report(
    period: str,
    calendar: bool,
    codes: tuple[str, ...],
    units: bool,
    lang: str,
    formats: tuple[str, ...],
    edition: str,
    out: Path,
) -> None:
    """Write the report of a period: .docx, .pdf, .xlsx, .csv (for programs, and for Excel), .json, one paragraph."""
    settings, database = this_survey().settings, this_survey().database
    standard = standard_of(settings)
    if lang not in this_survey().languages:
        raise NotFound("There is no language “%(code)s” here.", code=lang)
    public = edition == "public"
    chosen = formats or (reports.PRINTED if public else reports.FORMATS)
    if public and not set(chosen) <= set(reports.PRINTED):
        raise NotFound("The public edition is made as .docx, as .pdf and as one paragraph only.")
    named = periods.parse(period, Basis.CALENDAR if calendar else Basis.ADMINISTRATIVE)
    paths: list[Path] = []
    with database.session(writes=False) as session:
        asked = _asked(session, named, codes, units)
    with writing() as session:
        _record(session, named, asked, chosen)
    with click.progressbar(asked, label=str(out), hidden=len(asked) == 1) as bar:
        for agency_id in bar:
            with database.session(writes=False) as session:  # of one moment, and ended before the files are written
                reader = Reader.PUBLIC if public else reader_of(session, agency_id)
                scope = scope_for(session, named, agency_id, reader=reader)
                way = {"language": lang, "public_url": settings.public_url}
                document = reports.build(session, scope, standard, local_day(now()), **way)
            paths += reports.write(document, out, chosen)
    for path in paths:
        click.echo(path)


def _record(session: Session, period: Period, asked: Sequence[int], formats: Sequence[str]) -> None:
    """Put on record that reports were asked for, as where an official asks for one."""
    for agency_id in asked:
        agency = scope_for(session, period, agency_id, reader=reader_of(session, agency_id)).agency
        about = {"agency": agency.code, "period": period.code, "basis": str(period.basis)}
        trail.append(session, None, Act.REPORT_REQUESTED, now(), **about, format=", ".join(formats))


def _asked(session: Session, period: Period, codes: tuple[str, ...], units: bool) -> list[int]:
    province = agencies.root(session).id
    if "" in codes:
        raise NotFound("There is no agency with the code %(code)s.", code="")
    named = [scope_asked(session, period, code, province, Reader.PROVINCE) for code in codes or (None,)]
    asked = dict.fromkeys(scope.agency_id for scope in named)
    if units:
        for scope in named:
            asked |= dict.fromkeys(scope.tree.children.get(scope.agency_id, ()))
    return list(asked)
