"""Close a period: freeze its counts, so that what is published and what is shown later are the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import Conflict
from survey.models import ClosedPeriod, FrozenCell, FrozenCohort, QuestionnaireVersion, Response
from survey.organisation.agencies import root
from survey.periods import Period, local_day, parse
from survey.results import counts
from survey.results.scope import scope_for

EVERY = dt.date.max  # by then every ended agency counts within its successor, so that no predecessor is left out
KEYS = ("agency", "procedure", "channel", "respondent")
_NEWEST = sa.select(sa.func.max(Response.id))


def begin_closing(session: Session) -> None:
    """Begin a transaction in which a period can be closed while people answer: all that it reads is of one moment.

    It waits for any other closing and, for a few milliseconds, for the answers being written: ids are allotted before
    their rows become visible, and no answer with an id up to the newest may appear after the snapshot. On SQLite a
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
    """Freeze a period's counts, on record; closing it again changes nothing.

    Raises:
        Conflict: the period has not ended yet in Viet Nam.
    """
    if (earlier := counts.closed_period(session, period)) is not None:
        return earlier
    if not period.ended(local_day(when)):
        raise Conflict("The period %(code)s has not ended yet; it can be closed from the day after.", code=period.code)
    province = scope_for(session, period, root(session, EVERY).id, EVERY)
    overall = counts.cells(session, province, KEYS)
    asked = questions(session)
    rated = counts.cells(session, province, (*KEYS, "question"), asked) if asked else overall.iloc[:0]
    finished = counts.cohort(session, province, ("agency", "procedure", "respondent"))
    closing = ClosedPeriod(
        code=period.code,
        basis=str(period.basis),
        first=period.first,
        last=period.last,
        closed_at=when,
        newest_response_id=session.scalar(_NEWEST) or 0,
    )
    session.add(closing)
    session.flush()
    _freeze(session, FrozenCell, closing.id, overall.assign(question=""), KEYS)
    _freeze(session, FrozenCell, closing.id, rated, KEYS)
    _freeze(session, FrozenCohort, closing.id, finished, ("agency", "procedure", "respondent"))
    trail.append(session, None, Act.PERIOD_CLOSED, when, period=closing.code, basis=closing.basis)
    return closing


def questions(session: Session) -> list[str]:
    """Return the ids of all rated questions but the overall one, of every version."""
    versions = session.scalars(sa.select(QuestionnaireVersion.slots))
    return sorted({question for slots in versions for question, slot in slots.items() if slot != "overall"})


def differences(session: Session, closing: ClosedPeriod) -> pd.DataFrame:
    """Return the cells in which a closed period's frozen counts differ from a recount of the answers.

    Recounted are the answers as they stood at the closing, so that a row says that the frozen counts or the answers
    have been tampered with; answers that came or were replaced later are none. Columns: the keys, the question (empty:
    the overall one) and every count twice, with the endings "_frozen" and "_recount".
    """
    province = scope_for(session, parse(closing.code, closing.basis), root(session, EVERY).id, EVERY)
    rated = questions(session)
    readings: list[tuple[Sequence[str], Sequence[str]]] = [(KEYS, ())]
    readings += [((*KEYS, "question"), rated)] if rated else []
    compared = []
    for by, asked in readings:
        frozen = counts.cells(session, province, by, asked)
        recount = counts.recount(session, province, by, asked, closing)
        both = frozen.merge(recount, on=list(by), how="outer", suffixes=("_frozen", "_recount"))
        compared.append(both.fillna({name: 0 for name in both.columns if name not in by}))
    cells = pd.concat(compared, ignore_index=True).fillna({"question": ""})
    differs = pd.Series(False, index=cells.index)
    for measure in counts.MEASURES:
        differs |= cells[f"{measure}_frozen"].ne(cells[f"{measure}_recount"])
    return cells[differs]


def _freeze(session: Session, table: type[Any], period_id: int, frame: pd.DataFrame, keys: Sequence[str]) -> None:
    names = {name: f"{name}_id" for name in keys if name in ("agency", "procedure")}
    frame = frame.rename(columns=names).assign(period_id=period_id)
    rows = [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in frame.astype(object).to_dict("records")
    ]
    if rows:
        session.execute(sa.insert(table), rows)
