"""What the demonstration's province has handed in: the reports of months before the newest stand in the register."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from survey import reports
from survey.accounts import accounts
from survey.demo.addresses import LOGINS
from survey.models import Edition
from survey.organisation import agencies
from survey.organisation.working_days import working_days
from survey.periods import Period, local_day
from survey.reports import duties, frozen_beside, register
from survey.reports.duties import DutyRow, DutyState
from survey.reports.figures_digest import figures_digest
from survey.reports.register import Issuance, MadeReport
from survey.results.scope import Standard, reader_of, scope_for

SYMBOL = "BC-UBND"
FORMAT, LANGUAGE = "pdf", "vi"
WORKING_DAYS = 2  # after the end of its period a report is signed


def hand_in(session: Session, now: dt.datetime, standard: Standard, public_url: str, newest: Period) -> None:
    """Close, write and register what was due before the report of the newest month, so that this one is next."""
    rows = duties.rows(session, local_day(now))
    limit = min((row.due for row in rows if row.period == newest), default=dt.date.min)
    for row in rows:
        if row.due < limit and row.state == DutyState.OVERDUE:
            frozen_beside.close(session, row.period, now, standard)
            _register(session, row, now, standard, public_url)


def _register(session: Session, row: DutyRow, now: dt.datetime, standard: Standard, public_url: str) -> None:
    """Enter the report of a duty's period; its number is that of the day in the year, so that numbers rise."""
    province = agencies.root(session).id
    scope = scope_for(session, row.period, province, reader=reader_of(session, province))
    report = reports.build(session, scope, standard, local_day(now), language=LANGUAGE, public_url=public_url)
    with TemporaryDirectory() as folder:
        [path] = reports.write(report, Path(folder), (FORMAT,))
        content = path.read_bytes()
    file = MadeReport(province, row.period, FORMAT, LANGUAGE, path.name, content, figures_digest(report))
    signed_on = min(working_days(session).after(row.period.last, WORKING_DAYS), row.due)
    issuance = Issuance(f"{signed_on.timetuple().tm_yday}/{SYMBOL}", signed_on, Edition.INTERNAL)
    register.issue(session, file, issuance, accounts.named(session, LOGINS["staff"][0]).id, now)
