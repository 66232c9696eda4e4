"""Answered and satisfied per cell: the one SELECT from which every page, chart and report takes its figures.

A closed period is read from its frozen cells, an open one from the counts that are kept of days that are over
(`daily_counts`) and, for all other days, from the responses themselves; all through `cells`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.types import EPOCH
from survey.models import Channel, FrozenCell, FrozenCohort, Response
from survey.periods import Period
from survey.results import daily_counts
from survey.results.counted_spans import CountedDays, DayRange
from survey.results.disclosure import released
from survey.results.live_counts import MEASURES, layouts, live_rows, number
from survey.results.open_cohort import COHORT, COLUMNS, Counting, open_cohort
from survey.results.scope import Scope
from survey.results.standing import RowFilter, stood

_FROZEN: dict[str, Any] = {
    "agency": FrozenCell.agency_id,
    "unit": FrozenCell.agency_id,
    "procedure": FrozenCell.procedure_id,
    "channel": FrozenCell.channel,
    "respondent": FrozenCell.respondent,
    "question": FrozenCell.question,
}


def cells(
    session: Session, scope: Scope, by: Sequence[str] = ("unit", "channel"), questions: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the counts of one period in an agency's subtree, one row per cell that has an answer.

    `by` names the keys: "agency" (the one that served), "unit" (the direct child of the agency it belongs to),
    "procedure", "channel", "respondent"; "day", "placement", "questionnaire" (the version), "outcome" and "timeliness",
    which are counted from the answers; and "question", with which the counts are those of `questions` (ids of rated
    questions, over all versions) and not of the overall rating. Agencies that had ended by the day of the scope's tree
    count within their successors, under "unit" but not under "agency". Columns: the keys, then `answered`, `satisfied`,
    `level_1` … `level_5`, `no_opinion`.
    """
    asked = ["question", *[name for name in by if name != "question"]] if questions else list(by)
    if scope.closing is not None and set(asked) <= set(_FROZEN):
        rows = [tuple(row) for row in session.execute(_frozen(scope.closing.id, asked, questions, scope.subtree))]
        return _summed(pd.DataFrame(rows, columns=[*asked, *MEASURES]), scope, by, MEASURES)
    days = daily_counts.days_of(session, scope, asked)
    if not days.spans:
        return recount(session, scope, by, questions)
    rows = daily_counts.cell_rows(session, days.ids, asked, questions, scope.subtree)
    rows += [row for live in standing(scope, days) for row in live_rows(session, asked, questions, live)]
    return _summed(pd.DataFrame(rows, columns=[*asked, *MEASURES]), scope, by, MEASURES)


def recount(session: Session, scope: Scope, by: Sequence[str], questions: Sequence[str] = ()) -> pd.DataFrame:
    """Return the cells as `cells` has them, but always from the answers: of a closed period as they stood then."""
    asked = ["question", *[name for name in by if name != "question"]] if questions else list(by)
    rows = [row for conditions in standing(scope) for row in live_rows(session, asked, questions, conditions)]
    return _summed(pd.DataFrame(rows, columns=[*asked, *MEASURES]), scope, by, MEASURES)


def series(session: Session, line: Sequence[Period], scope: Scope) -> dict[str, dict[str, int]]:
    """Return what was judged in each of several open periods, by its code, counted in the scope's tree.

    The same figures as the judged `cells` of each, but read in the order of the index and added up there: a period
    costs a tenth of what it does where its days are told apart. Beside a closed period they are as they stood when it
    was closed.
    """
    rows = {period.code: {"answered": 0, "satisfied": 0} for period in line}
    if not line:
        return rows
    closing = scope.closing
    readings = stood(Response.id <= closing.newest_response_id) if closing else (_counted(scope, line),)
    every = replace(line[0], first=min(period.first for period in line), last=max(period.last for period in line))
    days = daily_counts.days_of(session, replace(scope, period=every), ("channel",))
    there = Response.agency_id.in_(scope.subtree)
    each = [
        sa.select(
            sa.literal(place),
            sa.func.count().filter(Response.overall.between(1, 5)),
            sa.func.count().filter(Response.overall.between(4, 5)),
        ).where(counted, there, Response.day.between(*live), Response.channel == Channel.INVITATION)
        for place, period in enumerate(line)
        for live in days.live_in(period.first, period.last)
        for counted in readings
    ]
    sums = [(place, *row) for place, *row in session.execute(sa.union_all(*each))] if each else []
    for first, *judged_then in daily_counts.judged_spans(session, days.ids, scope.subtree):
        sums += [(place, *judged_then) for place, period in enumerate(line) if period.first <= first <= period.last]
    for place, answered, satisfied in sums:
        row = rows[line[place].code]
        row["answered"], row["satisfied"] = row["answered"] + answered, row["satisfied"] + satisfied
    return rows


def cohort(session: Session, scope: Scope, by: Sequence[str] = ("unit",)) -> pd.DataFrame:
    """Return, of the cases finished in a period, how many were invited and rated: what a response rate is made of.

    Columns: the keys (of "agency", "unit", "procedure", "respondent"), `finished`, `invited` and `rated`. A rating
    counts for the period in which its case was finished, whenever it came. A case that was withdrawn is among these
    only if it was rated; `withdrawn` and `withdrawn_rated` tell how many were withdrawn at all, and of them rated.
    `carried`: how many of the answers of the period are of other cases, at most. What the people of its own cases said
    is nowhere counted (docs/privacy.md).
    """
    period, agencies, frozen = scope.period, scope.subtree, scope.closing
    queries: list[Counting]
    if frozen is not None:
        keys = [number(getattr(FrozenCohort, COLUMNS[name])) for name in by]
        sums = [sa.func.sum(getattr(FrozenCohort, measure)) for measure in COHORT]
        query = sa.select(*keys, *sums).where(FrozenCohort.period_id == frozen.id)
        queries = [query.where(FrozenCohort.agency_id.in_(agencies)).group_by(*keys)]
    else:
        queries = list(open_cohort(session, period, agencies, by))
    rows = [tuple(row) for query in queries for row in session.execute(query)]
    frame = pd.DataFrame(rows, columns=[*by, *COHORT])
    return _summed(frame, scope, by, COHORT)


def sheets(session: Session, scope: Scope, questions: Sequence[str], days: Sequence[int] | None = None) -> pd.DataFrame:
    """Return the judged answers that rate all of `questions`, as distinct combinations and how many people gave each.

    Columns: the questions, `overall`, `people`. `days` limits the reading to some days, as how many after the first.
    Of a closed period it is the answers as they stood when it was closed.
    """
    columns = [*questions, "overall"]
    rows: list[tuple[Any, ...]] = []
    for asking, rated in layouts(session, questions) if questions else [(sa.true(), dict[str, Any]())]:
        if len(rated) == len(questions):
            keys = [*[rated[name] for name in questions], Response.overall]
            query = sa.select(*keys, sa.func.count()).where(Response.channel == Channel.INVITATION, asking)
            query = query.where(*[key.between(1, 5) for key in keys]).group_by(*keys)
            if days is not None:
                on = [scope.period.first + dt.timedelta(days=ahead) for ahead in days]
                query = query.where(Response.day.in_(on))
            rows += [tuple(row) for those in standing(scope) for row in session.execute(query.where(*those))]
    frame = pd.DataFrame(rows, columns=[*columns, "people"]).astype("int64")
    return frame.groupby(columns, as_index=False, sort=True)[["people"]].sum()


def by_questionnaire(session: Session) -> dict[int, int]:
    """Return how many answers count by the version of the questionnaire that they were given to."""
    query = sa.select(Response.questionnaire_id, sa.func.count()).where(Response.counted)
    return {version: number for version, number in session.execute(query.group_by(Response.questionnaire_id))}  # noqa: C416 - rows are no pairs to dict()


def standing(scope: Scope, days: CountedDays | None = None) -> list[tuple[RowFilter, ...]]:
    """Return the conditions of each reading that together gives the answers in a scope, each answer once.

    Those that count now or, of a closed period, that stood when it was closed: what comes later changes neither. With
    `days`, only those that are to be counted from the answers.
    """
    live = [(scope.period.first, scope.period.last)] if days is None else days.live
    if scope.closing is None:
        return [(_counted(scope, [scope.period]), *_there(scope, some)) for some in live]
    readings = stood(Response.id <= scope.closing.newest_response_id)
    return [(then, *_there(scope, some)) for then in readings for some in live]


def within(scope: Scope) -> tuple[RowFilter, ...]:
    """Return the conditions that an answer counts in a scope.

    Whoever must not see answers come one by one is shown those that are `disclosure.released`.
    """
    counted = Response.counted if scope.closing is not None else _counted(scope, [scope.period])
    return counted, *_there(scope, (scope.period.first, scope.period.last))


def _counted(scope: Scope, still_open: Sequence[Period]) -> sa.ColumnElement[bool]:
    return released(scope, still_open) if scope.reader.guarded else Response.counted.expression


def _there(scope: Scope, days: DayRange) -> tuple[RowFilter, ...]:
    return Response.agency_id.in_(scope.subtree), Response.day.between(*days)


def judged(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the cells that the verdict is about: answers bound to a finished case."""
    return frame[frame["channel"] == int(Channel.INVITATION)]


def _summed(frame: pd.DataFrame, scope: Scope, by: Sequence[str], measures: Sequence[str]) -> pd.DataFrame:
    """Add up rows of one cell, with "unit" turned into the child of the agency that it belongs to."""
    frame = frame.fillna(dict.fromkeys(measures, 0)).astype(dict.fromkeys(measures, "int64"))
    if "unit" in by:
        frame["unit"] = frame["unit"].map(scope.unit_of)
    if "day" in by:
        frame["day"] = [EPOCH + dt.timedelta(days=int(day)) for day in frame["day"]]
    if not by:
        return frame[list(measures)].sum().to_frame().T.astype("int64")
    return frame.groupby(list(by), as_index=False, dropna=False, sort=True)[list(measures)].sum()


def _frozen(period_id: int, by: Sequence[str], questions: Sequence[str], agencies: list[int]) -> sa.Select[Any]:
    keys = [_FROZEN[name] if name == "question" else number(_FROZEN[name]) for name in by]
    return (
        sa.select(*keys, *[sa.func.sum(getattr(FrozenCell, measure)) for measure in MEASURES])
        .where(FrozenCell.period_id == period_id, FrozenCell.agency_id.in_(agencies))
        .where(FrozenCell.question.in_(questions or [""]))
        .group_by(*keys)
    )
