"""How many of a block of questions each respondent rated, and how many with 4 or 5: what the index of a block is of.

Five answers of one person are not five persons: the interval of an index is by respondent, so the counts are, too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session

from analysis.scores import satisfaction_index
from survey.models import Channel, QuestionnaireVersion, Response, VersionStatus
from survey.results import counts
from survey.results.rows import Bounds
from survey.results.scope import Scope

COLUMNS = ("unit", "satisfied", "rated", "people")


def versions_of(session: Session, code: str) -> frozenset[int]:
    """Return the numbers of all versions of a questionnaire that were ever published."""
    row = QuestionnaireVersion
    return frozenset(session.scalars(sa.select(row.id).where(row.code == code, row.status != VersionStatus.DRAFT)))


def block_scores(
    session: Session, scope: Scope, channel: Channel, versions: Collection[int], questions: Sequence[str]
) -> pd.DataFrame:
    """Return how many people of each unit rated so many of the questions, so many of them with 4 or 5.

    Columns: `unit` (the child of the agency that it belongs to), `satisfied`, `rated` (at least 1), `people`. Of a
    closed period it is the answers as they stood when it was closed.
    """
    rows: list[tuple[Any, ...]] = []
    stored = sa.select(QuestionnaireVersion.id, QuestionnaireVersion.slots).where(QuestionnaireVersion.id.in_(versions))
    layouts: dict[tuple[str, ...], list[int]] = {}
    for version, slots in session.execute(stored):
        if kept := tuple(slots[question] for question in questions if question in slots):
            layouts.setdefault(kept, []).append(version)
    for kept, those in layouts.items():
        ratings = [getattr(Response, slot) for slot in kept]
        for conditions in counts.standing(scope):
            each = (
                sa.select(
                    sa.type_coerce(Response.agency_id, sa.Integer).label("agency"),
                    _number(ratings, 4).label("satisfied"),
                    _number(ratings, 1).label("rated"),
                )
                .where(*conditions, Response.channel == channel, Response.questionnaire_id.in_(those))
                .subquery()
            )
            keys = (each.c.agency, each.c.satisfied, each.c.rated)
            query = sa.select(*keys, sa.func.count()).where(each.c.rated > 0).group_by(*keys)
            rows += [tuple(row) for row in session.execute(query)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype("int64")
    frame["unit"] = frame["unit"].map(scope.unit_of)
    return frame.groupby(["unit", "satisfied", "rated"], as_index=False)[["people"]].sum()


def index_of(frame: pd.DataFrame, confidence: float) -> tuple[float | None, Bounds]:
    """Return the share of ratings 4 and 5 among all ratings of a block, with limits by respondent.

    >>> frame = pd.DataFrame({"satisfied": [5, 4, 0], "rated": [5, 5, 4], "people": [2, 1, 1]})
    >>> rate, limits = index_of(frame, 0.95)
    >>> round(rate, 4), round(limits.lower, 3), round(limits.upper, 3)
    (0.7368, 0.201, 0.99)
    """
    people = frame["people"].to_numpy()
    satisfied, rated = (np.repeat(frame[name].to_numpy(), people) for name in ("satisfied", "rated"))
    share = satisfaction_index(satisfied, rated, confidence)
    rate = None if share.rate is None else float(np.asarray(share.rate))
    return rate, Bounds(float(np.asarray(share.lower)), float(np.asarray(share.upper)))


def _number(ratings: Sequence[Any], least: int) -> sa.ColumnElement[int]:
    """Return how many of the ratings are at least so high; 9 is no rating."""
    first, *others = [sa.case((rating.between(least, 5), 1), else_=0) for rating in ratings]
    total: sa.ColumnElement[int] = first
    for other in others:
        total = total + other
    return total
