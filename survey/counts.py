"""Answered and satisfied per cell: the one SELECT from which every page, chart and report takes its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.agencies import Tree, tree
from survey.database import EPOCH
from survey.models import Case, Channel, Invitation, Questionnaire, Response
from survey.periods import Period

LEVELS = tuple(f"level_{rating}" for rating in range(1, 6))
MEASURES = ("answered", "satisfied", *LEVELS, "no_opinion")
BY = ("agency", "unit", "procedure", "channel", "day", "respondent", "question", "placement")
_COLUMNS: dict[str, Any] = {
    "agency": Response.agency_id,
    "unit": Response.agency_id,
    "procedure": Response.procedure_id,
    "channel": Response.channel,
    "day": Response.day,
    "respondent": Response.respondent,
    "placement": Response.placement_id,
}


def cells(
    session: Session,
    period: Period,
    agency_id: int,
    by: Sequence[str] = ("unit", "channel"),
    questions: Sequence[str] = (),
) -> pd.DataFrame:
    """Return the counts of one period in an agency's subtree, one row per cell that has an answer.

    `by` names the keys: "agency" (the one that served), "unit" (the direct child of `agency_id` it belongs to),
    "procedure", "channel", "day", "respondent", "placement"; and "question", with which the counts are those of
    `questions` (ids of rated questions, over all versions) and not of the overall rating.
    Columns: the keys, then `answered`, `satisfied`, `level_1` … `level_5`, `no_opinion`.
    """
    known = tree(session)
    asked = ["question", *[name for name in by if name != "question"]] if questions else list(by)
    selects = [
        _select(rating, asked, question, period, list(known.subtree(agency_id)))
        for question, rating in (_ratings(session, questions) if questions else {"": Response.overall}).items()
    ]
    rows = session.execute(sa.union_all(*selects) if len(selects) > 1 else selects[0]).all() if selects else []
    frame = pd.DataFrame([tuple(row) for row in rows], columns=[*asked, *MEASURES])
    return rolled_up(frame, known, agency_id, by)


def rolled_up(frame: pd.DataFrame, known: Tree, agency_id: int, by: Sequence[str]) -> pd.DataFrame:
    """Return cells with "unit" turned from the agency that served into the child of `agency_id` it belongs to."""
    if "unit" in by:
        frame["unit"] = frame["unit"].map(known.unit_of(agency_id))
    if "day" in by:
        frame["day"] = [EPOCH + pd.Timedelta(days=int(day)).to_pytimedelta() for day in frame["day"]]
    if not by:
        return frame[list(MEASURES)].sum().to_frame().T.astype("int64")
    summed = frame.groupby(list(by), as_index=False, dropna=False, sort=True)[list(MEASURES)].sum()
    return summed.astype(dict.fromkeys(MEASURES, "int64"))


def cohort(session: Session, period: Period, agency_id: int, by: Sequence[str] = ("unit",)) -> pd.DataFrame:
    """Return, of the cases finished in a period, how many were invited and rated: what a response rate is made of.

    Columns: the keys (of "agency", "unit", "procedure", "respondent"), `finished`, `invited`, `rated` and
    `rated_satisfied`. A rating counts for the period in which its case was finished, whenever it came.
    """
    columns = {
        "agency": Case.resolving_agency_id,
        "unit": Case.resolving_agency_id,
        "procedure": Case.procedure_id,
        "respondent": Case.respondent,
    }
    known = tree(session)
    keys = [columns[name] for name in by]
    rated = sa.and_(Response.invitation_id == Invitation.id, Response.counted)
    query = (
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
        .where(Case.resolving_agency_id.in_(list(known.subtree(agency_id))))
        .group_by(*keys)
    )
    measures = ["finished", "invited", "rated", "rated_satisfied"]
    frame = pd.DataFrame([tuple(row) for row in session.execute(query)], columns=[*by, *measures])
    if "unit" in by:
        frame["unit"] = frame["unit"].map(known.unit_of(agency_id))
    if not by:
        return frame[measures].sum().to_frame().T.astype("int64")
    return (
        frame.groupby(list(by), as_index=False, dropna=False)[measures].sum().astype(dict.fromkeys(measures, "int64"))
    )


def judged(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the cells that the verdict is about: answers bound to a finished case."""
    return frame[frame["channel"] == int(Channel.INVITATION)]


def _select(rating: Any, by: Sequence[str], question: str, period: Period, agencies: list[int]) -> sa.Select[Any]:
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
