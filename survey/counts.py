"""Answered and satisfied per cell: the one SELECT from which every page, chart and report takes its figures.

A closed period is read from its frozen cells, an open one from the responses themselves; both through `cells`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.agencies import Tree, tree_for
from survey.database import EPOCH
from survey.models import (
    Case,
    Channel,
    ClosedPeriod,
    FrozenCell,
    FrozenCohort,
    Invitation,
    Questionnaire,
    Response,
)
from survey.periods import Period

LEVELS = tuple(f"level_{rating}" for rating in range(1, 6))
MEASURES = ("answered", "satisfied", *LEVELS, "no_opinion")
COHORT = ("finished", "invited", "rated", "rated_satisfied")
_COLUMNS: dict[str, Any] = {
    "agency": Response.agency_id,
    "unit": Response.agency_id,
    "procedure": Response.procedure_id,
    "channel": Response.channel,
    "day": Response.day,
    "respondent": Response.respondent,
    "placement": Response.placement_id,
}
_FROZEN: dict[str, Any] = {
    "agency": FrozenCell.agency_id,
    "unit": FrozenCell.agency_id,
    "procedure": FrozenCell.procedure_id,
    "channel": FrozenCell.channel,
    "respondent": FrozenCell.respondent,
    "question": FrozenCell.question,
}
_CASES: dict[str, Any] = {
    "agency": Case.resolving_agency_id,
    "unit": Case.resolving_agency_id,
    "procedure": Case.procedure_id,
    "respondent": Case.respondent,
}


def cells(
    session: Session,
    period: Period,
    agency_id: int,
    by: Sequence[str] = ("unit", "channel"),
    questions: Sequence[str] = (),
    as_of: dt.date | None = None,
) -> pd.DataFrame:
    """Return the counts of one period in an agency's subtree, one row per cell that has an answer.

    `by` names the keys: "agency" (the one that served), "unit" (the direct child of `agency_id` it belongs to),
    "procedure", "channel", "respondent"; "day" and "placement", which are always counted live; and "question",
    with which the counts are those of `questions` (ids of rated questions, over all versions) and not of the
    overall rating. The tree is that of the day `as_of`, or of the period's last day (`agencies.tree_for`): agencies
    that had ended by then count within their successors, under "unit" but not under "agency". Columns: the keys, then
    `answered`, `satisfied`, `level_1` … `level_5`, `no_opinion`.
    """
    known = tree_for(session, agency_id, as_of or period.last)
    asked = ["question", *[name for name in by if name != "question"]] if questions else list(by)
    agencies = list(known.subtree(agency_id))
    frozen = closed(session, period) if set(asked) <= set(_FROZEN) else None
    query: sa.Executable
    if frozen is not None:
        query = _frozen(frozen.id, asked, questions, agencies)
    else:
        ratings = _ratings(session, questions) if questions else {"": Response.overall}
        selects = [_live(rating, asked, question, period, agencies) for question, rating in ratings.items()]
        query = sa.union_all(*selects) if selects else sa.select(sa.null()).where(sa.false())
    frame = pd.DataFrame([tuple(row) for row in session.execute(query)], columns=[*asked, *MEASURES])
    return _summed(frame, known, agency_id, by, MEASURES)


def cohort(
    session: Session,
    period: Period,
    agency_id: int,
    by: Sequence[str] = ("unit",),
    as_of: dt.date | None = None,
) -> pd.DataFrame:
    """Return, of the cases finished in a period, how many were invited and rated: what a response rate is made of.

    Columns: the keys (of "agency", "unit", "procedure", "respondent"), `finished`, `invited`, `rated` and
    `rated_satisfied`. A rating counts for the period in which its case was finished, whenever it came.
    `as_of` as for `cells`.
    """
    known = tree_for(session, agency_id, as_of or period.last)
    agencies = list(known.subtree(agency_id))
    frozen = closed(session, period)
    if frozen is not None:
        keys = [_number(getattr(FrozenCohort, _CASES[name].key.removeprefix("resolving_"))) for name in by]
        sums = [sa.func.sum(getattr(FrozenCohort, measure)) for measure in COHORT]
        query = sa.select(*keys, *sums).where(FrozenCohort.period_id == frozen.id)
        query = query.where(FrozenCohort.agency_id.in_(agencies)).group_by(*keys)
    else:
        query = _live_cohort(period, agencies, [_CASES[name] for name in by])
    frame = pd.DataFrame([tuple(row) for row in session.execute(query)], columns=[*by, *COHORT])
    return _summed(frame, known, agency_id, by, COHORT)


def sheets(
    session: Session, period: Period, agency_id: int, questions: Sequence[str], days: Sequence[int] | None = None
) -> pd.DataFrame:
    """Return the judged answers that rate all of `questions`, as distinct combinations and how many people gave each.

    Columns: the questions, `overall`, `people`. `days` limits the reading to some days, as how many after the first.
    Of a closed period it is the answers as they stood when it was closed.
    """
    known = tree_for(session, agency_id, period.last)
    rated = _ratings(session, questions)
    keys = [*[rated[name] for name in questions if name in rated], Response.overall]
    query = (
        sa.select(*keys, sa.func.count())
        .where(Response.channel == Channel.INVITATION, Response.agency_id.in_(list(known.subtree(agency_id))))
        .where(*[key.between(1, 5) for key in keys])
        .group_by(*keys)
    )
    if days is None:
        query = query.where(Response.day.between(period.first, period.last))
    else:
        query = query.where(Response.day.in_([period.first + dt.timedelta(days=ahead) for ahead in days]))
    closing = closed(session, period)
    query = query.where(Response.counted if closing is None else stood(closing.closed_at))
    found = [tuple(row) for row in session.execute(query)] if len(keys) == len(questions) + 1 else []
    return pd.DataFrame(found, columns=[*questions, "overall", "people"]).astype("int64")


def stood(at: dt.datetime) -> Any:
    """Return the condition that an answer was there at a moment, and the last one of its sender."""
    withdrawn = sa.select(Response.supersedes_id).where(Response.submitted_at > at, Response.supersedes_id.is_not(None))
    return sa.and_(Response.submitted_at <= at, sa.or_(Response.counted, Response.id.in_(withdrawn)))


def closed(session: Session, period: Period) -> ClosedPeriod | None:
    """Return the closing of a period, or None while it is open."""
    return session.scalar(
        sa.select(ClosedPeriod).where(ClosedPeriod.code == period.code, ClosedPeriod.basis == str(period.basis))
    )


def judged(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the cells that the verdict is about: answers bound to a finished case."""
    return frame[frame["channel"] == int(Channel.INVITATION)]


def _summed(
    frame: pd.DataFrame, known: Tree, agency_id: int, by: Sequence[str], measures: Sequence[str]
) -> pd.DataFrame:
    """Add up rows of one cell, with "unit" turned into the child of `agency_id` that the agency belongs to."""
    frame = frame.fillna(dict.fromkeys(measures, 0)).astype(dict.fromkeys(measures, "int64"))
    if "unit" in by:
        frame["unit"] = frame["unit"].map(known.unit_of(agency_id))
    if "day" in by:
        frame["day"] = [EPOCH + dt.timedelta(days=int(day)) for day in frame["day"]]
    if not by:
        return frame[list(measures)].sum().to_frame().T.astype("int64")
    return frame.groupby(list(by), as_index=False, dropna=False, sort=True)[list(measures)].sum()


def _live(rating: Any, by: Sequence[str], question: str, period: Period, agencies: list[int]) -> sa.Select[Any]:
    keys = [sa.literal(question) if name == "question" else _number(_COLUMNS[name]) for name in by]
    levels = [sa.func.count().filter(rating == level) for level in range(1, 6)]
    return (
        sa.select(
            *[column.label(name) for column, name in zip(keys, by, strict=True)],
            sa.func.count().filter(rating.between(1, 5)).label("answered"),
            sa.func.count().filter(rating.between(4, 5)).label("satisfied"),
            *[column.label(name) for column, name in zip(levels, LEVELS, strict=True)],
            sa.func.count().filter(rating == 9).label("no_opinion"),
        )
        .where(Response.counted)
        .where(Response.agency_id.in_(agencies))
        .where(Response.day.between(period.first, period.last))
        .group_by(*[_COLUMNS[name] for name in by if name != "question"])
    )


def _frozen(period_id: int, by: Sequence[str], questions: Sequence[str], agencies: list[int]) -> sa.Select[Any]:
    keys = [_FROZEN[name] if name == "question" else _number(_FROZEN[name]) for name in by]
    return (
        sa.select(*keys, *[sa.func.sum(getattr(FrozenCell, measure)) for measure in MEASURES])
        .where(FrozenCell.period_id == period_id, FrozenCell.agency_id.in_(agencies))
        .where(FrozenCell.question.in_(questions or [""]))
        .group_by(*keys)
    )


def _live_cohort(period: Period, agencies: list[int], keys: Sequence[Any]) -> sa.Select[Any]:
    rated = sa.and_(Response.invitation_id == Invitation.id, Response.counted)
    return (
        sa.select(
            *[_number(column) for column in keys],
            sa.func.count(),
            sa.func.count(Invitation.id),
            sa.func.count(Response.id),
            sa.func.count().filter(Response.overall >= 4),
        )
        .select_from(Case)
        .outerjoin(Invitation, Invitation.case_id == Case.id)
        .outerjoin(Response, rated)
        .where(Case.finished_day.between(period.first, period.last))
        .where(Case.resolving_agency_id.in_(agencies))
        .group_by(*keys)
    )


def _number(column: Any) -> Any:
    """Return the stored number of a key, so that the two databases and a frozen cell give the same value."""
    return sa.type_coerce(column, sa.Integer)


def _ratings(session: Session, questions: Sequence[str]) -> Mapping[str, Any]:
    """Return for each question the column that holds its rating, which may differ between versions."""
    versions = session.execute(sa.select(Questionnaire.id, Questionnaire.slots)).all()
    found: dict[str, Any] = {}
    for question in questions:
        slots = {version_id: slots[question] for version_id, slots in versions if question in slots}
        if len(slots) == len(versions) and len(set(slots.values())) == 1:
            found[question] = getattr(Response, next(iter(slots.values())))
        elif slots:
            whens = {version_id: getattr(Response, slot) for version_id, slot in slots.items()}
            found[question] = sa.case(whens, value=Response.questionnaire_id, else_=None)
    return found
