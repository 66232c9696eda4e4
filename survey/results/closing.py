"""Close a period: freeze its counts, so that what is published and what is shown later are the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.errors import Conflict
from survey.models import ClosedPeriod, FrozenCell, FrozenCohort, QuestionnaireVersion, Response
from survey.organisation.agencies import root
from survey.periods import Period, local_day
from survey.results import counts

EVERY = dt.date.max  # whoever has ended by then is counted within a successor, so that no predecessor is left out
KEYS = ("agency", "procedure", "channel", "respondent")
_NEWEST = sa.select(sa.func.max(Response.id))


def at_one_moment(session: Session) -> None:
    """Begin a transaction in which a period can be closed while people answer: all that it reads is of one moment.

    It waits for whoever is closing and, a few milliseconds, for the answers that are being written: numbers are given
    out before their rows can be seen, and no answer up to the newest may appear after the moment. On SQLite a
    transaction that writes is alone anyhow.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    session.execute(sa.text("LOCK TABLE closed_period IN SHARE ROW EXCLUSIVE MODE"))
    writers = session.begin_nested()
    session.execute(sa.text("LOCK TABLE response IN SHARE MODE"))
    session.scalar(_NEWEST)  # the first reading sets the moment, and going back lets people answer again
    writers.rollback()


def close(session: Session, period: Period, when: dt.datetime) -> ClosedPeriod:
    """Freeze a period's counts; closing it again changes nothing.

    Raises:
        Conflict: the period has not ended yet in Viet Nam.
    """
    if (known := counts.closed(session, period)) is not None:
        return known
    if not period.ended(local_day(when)):
        raise Conflict("The period %(code)s has not ended yet; it can be closed from the day after.", code=period.code)
    province = root(session).id
    overall = counts.cells(session, period, province, KEYS, as_of=EVERY)
    asked = questions(session)
    rated = counts.cells(session, period, province, (*KEYS, "question"), asked, EVERY) if asked else overall.iloc[:0]
    finished = counts.cohort(session, period, province, ("agency", "procedure", "respondent"), EVERY)
    made = ClosedPeriod(
        code=period.code,
        basis=str(period.basis),
        first=period.first,
        last=period.last,
        closed_at=when,
        newest_response_id=session.scalar(_NEWEST) or 0,
    )
    session.add(made)
    session.flush()
    _freeze(session, FrozenCell, made.id, overall.assign(question=""), KEYS)
    _freeze(session, FrozenCell, made.id, rated, KEYS)
    _freeze(session, FrozenCohort, made.id, finished, ("agency", "procedure", "respondent"))
    return made


def questions(session: Session) -> list[str]:
    """Return the ids of all rated questions but the overall one, of every version."""
    versions = session.scalars(sa.select(QuestionnaireVersion.slots))
    return sorted({question for slots in versions for question, slot in slots.items() if slot != "overall"})


def differences(session: Session, period: Period) -> pd.DataFrame:
    """Return the cells in which a closed period's frozen counts differ from a recount of the responses.

    A row says how the store has changed since: an answer superseded after the closing, or something worse.
    """
    province = root(session).id
    keys = ("agency", "procedure", "channel")
    frozen = counts.cells(session, period, province, keys, as_of=EVERY)
    live = counts.cells(session, period, province, (*keys, "day"), as_of=EVERY).groupby(list(keys), dropna=False)
    recount = live[list(counts.MEASURES)].sum().reset_index()
    both = frozen.merge(recount, on=list(keys), how="outer", suffixes=("_frozen", "_recount")).fillna(0)
    return both[
        both["answered_frozen"].ne(both["answered_recount"]) | both["satisfied_frozen"].ne(both["satisfied_recount"])
    ]


def _freeze(session: Session, table: type[Any], period_id: int, frame: pd.DataFrame, keys: Sequence[str]) -> None:
    names = {name: f"{name}_id" for name in keys if name in ("agency", "procedure")}
    frame = frame.rename(columns=names).assign(period_id=period_id)
    rows = [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in frame.astype(object).to_dict("records")
    ]
    if rows:
        session.execute(sa.insert(table), rows)
