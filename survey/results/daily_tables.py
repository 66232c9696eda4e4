"""What is kept of some days, counted from their answers and cases: rows of each table of daily counts.

Everything is read once, by all keys together, and added up for each cut.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.collection.corrected_cases import left_behind
from survey.db.types import EPOCH
from survey.models import Base, Case, DailyCell, DailyChoice, DailyCohort, DailyRating, Invitation, Response
from survey.periods import half_month
from survey.results.counted_spans import DayRange
from survey.results.daily_cuts import ANSWER_CUTS, CASE_CUTS, NO_VALUE, UNCUT
from survey.results.live_counts import LEVELS, MEASURES, live_rows, number, rated_questions
from survey.results.open_cohort import linked_answers

DailyRows: TypeAlias = "dict[type[Base], list[dict[str, object]]]"
_KEYS = ("agency", "channel", *ANSWER_CUTS)
_COUNTED = (*LEVELS, "no_opinion")


def answers_of(session: Session, days: DayRange) -> DailyRows:
    """Return what is kept of the answers of some days."""
    return {
        DailyCell: _cells(session, days),
        DailyChoice: _choices(session, days),
        DailyRating: _ratings(session, days),
    }


def cases_of(session: Session, days: DayRange) -> DailyRows:
    """Return what is kept of the cases that were finished on some days."""
    keys: list[Any] = [number(column) for column in (Case.resolving_agency_id, Case.procedure_id, Case.respondent)]
    used = sa.func.count().filter(Invitation.used)
    query = (
        sa.select(*keys, sa.func.count(), sa.func.count(Invitation.id), used)
        .select_from(Case)
        .outerjoin(Invitation, Invitation.case_id == Case.id)
        .where(Case.finished_day.between(*days))
        .group_by(*keys)
    )
    measures = ("finished", "invited", "used")
    frame = pd.DataFrame([tuple(row) for row in session.execute(query)], columns=["agency_id", *CASE_CUTS, *measures])
    return {DailyCohort: _by_cut(frame, CASE_CUTS, ("agency_id",), measures, ("cut", "agency_id", "value"))}


def _cells(session: Session, days: DayRange) -> list[dict[str, object]]:
    counted = (Response.counted, Response.day.between(*days))
    rows: list[tuple[object, ...]] = [("", *row) for row in live_rows(session, _KEYS, (), counted)]
    if questions := rated_questions(session):
        rows += live_rows(session, ("question", *_KEYS), questions, counted)
    frame = pd.DataFrame(rows, columns=["question", "agency_id", "channel", *ANSWER_CUTS, *MEASURES])
    keys, order = ("question", "agency_id", "channel"), ("cut", "question", "agency_id", "channel", "value")
    return _by_cut(frame, ANSWER_CUTS, keys, _COUNTED, order)


def _choices(session: Session, days: DayRange) -> list[dict[str, object]]:
    written = sa.cast(Response.other, sa.Text)
    keys: list[Any] = [number(Response.channel), number(Response.agency_id), written]
    query = sa.select(*keys, sa.func.count()).where(Response.counted, Response.day.between(*days))
    query = query.where(Response.other.is_not(None)).group_by(Response.channel, Response.agency_id, written)
    names = ("channel", "agency_id", "other", "people")
    return [dict(zip(names, row, strict=True)) for row in session.execute(query)]


def _ratings(session: Session, days: DayRange) -> list[dict[str, object]]:
    stayed = left_behind().label("stayed")
    own: list[Any] = [Response.agency_id, Response.procedure_id, Response.respondent]
    of_answer = [number(column) for column in own]
    of_case = [
        number(column).label(f"of_case_{place}")
        for place, column in enumerate((Case.resolving_agency_id, Case.procedure_id, Case.respondent))
    ]
    keys = [Case.finished_day, stayed, Invitation.used, *of_answer, *of_case]
    query = linked_answers(sa.select(*keys, sa.func.count()), days).group_by(*keys)
    rows = []
    every: Iterable[Any] = session.execute(query)
    for finished, left, used, *cells, people in every:
        half = half_month(finished)[0]
        rows.append((EPOCH if left else half, *cells[:3], 0, people))
        rows.append((half, *cells[3:], 0 if used else people, 0))
    measures = ("rated", "answers")
    frame = pd.DataFrame(rows, columns=["half", "agency_id", *CASE_CUTS, *measures])
    return _by_cut(frame, CASE_CUTS, ("half", "agency_id"), measures, ("cut", "half", "agency_id", "value"))


def _by_cut(
    frame: pd.DataFrame, cuts: Sequence[str], keys: Sequence[str], measures: Sequence[str], order: Sequence[str]
) -> list[dict[str, object]]:
    """Add up rows for each cut, as rows of a table whose key is in this order."""
    if frame.empty:
        return []
    parts = []
    for cut in (UNCUT, *cuts):
        value = frame[cut].fillna(NO_VALUE).astype("int64") if cut else NO_VALUE
        summed = frame.assign(value=value).groupby([*keys, "value"], sort=True)[list(measures)].sum().reset_index()
        parts.append(summed.assign(cut=cut)[[*order, *measures]])
    rows = pd.concat(parts, ignore_index=True)
    return [dict(zip(rows.columns, row, strict=True)) for row in rows.astype(object).itertuples(index=False, name=None)]


def plain(value: object) -> object:
    """Return a value as the database holds it.

    >>> plain(dt.date(1970, 1, 3)), plain("S2")
    (2, 'S2')
    """
    return (value - EPOCH).days if isinstance(value, dt.date) else value
