"""`hailong indicators`: the daily indicators as a file, where the operations centre takes files."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import click
from flask.cli import with_appcontext

from survey.delivery.indicator_events import document
from survey.errors import Conflict
from survey.i18n import gettext
from survey.organisation import agencies
from survey.periods import local_day, now
from survey.results.daily_indicators import DailyIndicator, daily_indicators
from survey.results.scope import standard_of
from survey.web.survey import this_survey


@click.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="A .json or .csv file.")
@click.option("--agency", help="Code of the agency at whose subtree it ends; the province if not given.")
@with_appcontext
def indicators(out: Path, agency: str | None) -> None:
    """Write the indicators of this morning, whole or not at all; a file that is there is replaced."""
    if out.suffix not in (".json", ".csv"):
        raise click.UsageError(gettext("The file must end with .json or .csv."))
    survey, today = this_survey(), local_day(now())
    with survey.database.session(writes=False) as session:
        row = agencies.by_code(session, agency) if agency else agencies.root(session)
        counted, code = daily_indicators(session, row.id, standard_of(survey.settings), today), row.code
    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            if out.suffix == ".json":
                json.dump(document(code, today, counted), file, ensure_ascii=False, indent=1)
            else:
                writer = csv.DictWriter(file, ["agency", "as_of", *DailyIndicator.__dataclass_fields__])
                writer.writeheader()
                writer.writerows({"agency": code, "as_of": today, **vars(one)} for one in counted)
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Conflict("%(path)s cannot be written: %(why)s", path=str(out), why=str(error.strerror)) from error
    click.echo(gettext("%(number)s indicators are in %(file)s.", number=len(counted), file=out.name))
