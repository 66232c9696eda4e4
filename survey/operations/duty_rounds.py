"""One round of the calendar of duties: close what the province lets be closed by itself, and have drafts made."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from survey.accounts import accounts
from survey.db.engine import Database, Lock, exclusively
from survey.errors import Conflict
from survey.models import DutyDraft, JobKind, Role
from survey.operations import jobs
from survey.organisation import agencies
from survey.periods import Period, local_day
from survey.reports import duties, frozen_beside
from survey.results import closing
from survey.results.scope import Reader, Standard

FORMAT = "docx"


def run(database: Database, standard: Standard, language: str, at: dt.datetime) -> int:
    """Do what is due; return how many periods were closed and drafts asked for. Done again, nothing is done twice.

    Drafts are in `language`, in the hands of the first administrator of the province; without one none are made.
    """
    today = local_day(at)
    with database.session(writes=False) as reading:
        rows = duties.rows(reading, today)
        to_close = dict.fromkeys(row.period for row in rows if duties.wants_closing(row, today))
    for period in to_close:
        _close(database, period, standard, at)
    return len(to_close) + _ask_for_drafts(database, language, at)


def _close(database: Database, period: Period, standard: Standard, at: dt.datetime) -> None:
    with database.session(writes=True) as session:
        closing.begin_closing(session)
        frozen_beside.close(session, period, at, standard)
        session.commit()


def _ask_for_drafts(database: Database, language: str, at: dt.datetime) -> int:
    today = local_day(at)
    with database.session(writes=True) as session:
        exclusively(session, Lock.ALERTS)
        duties.note_made_drafts(session)
        session.flush()
        wanted = [row for row in duties.rows(session, today) if duties.wants_draft(session, row, today)]
        number = sum(_ask(session, row, language, at) for row in wanted)
        session.commit()
    return number


def _ask(session: Session, row: duties.DutyRow, language: str, at: dt.datetime) -> bool:
    province, tree = agencies.root(session), agencies.tree(session)
    administrators = accounts.enabled(session, [Role.ADMINISTRATOR])
    owner = next((one for one in administrators if tree.named_now(one.agency_id).id == province.id), None)
    if owner is None:
        return False
    period = row.period
    asked = {"period": period.code, "basis": str(period.basis), "format": FORMAT, "language": language}
    asked["reader"] = Reader.PROVINCE.value
    try:
        job_id = jobs.ask(session, JobKind.REPORT, asked, owner.id, province.id, at)
    except Conflict:  # the account waits for too many files already: the next round asks again
        return False
    session.merge(DutyDraft(duty_id=row.duty.id, period_code=period.code, asked_at=at, job_id=job_id, made_at=None))
    return True
