"""How freely sheets were filled in: what people say about who filed, who answered and who suggested a rating.

Only the full form asks this, so every share stands beside the number who answered that very question. The questions
are found by their quality flag, over all versions; channels are never mixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session

from analysis.integrity import against_the_rest
from analysis.interval import wilson
from survey.collection.answers import ENDS
from survey.models import QuestionnaireVersion, Response, Texts, VersionStatus
from survey.questionnaires import Question, compile_version
from survey.results import counts
from survey.results.rows import rows_of
from survey.results.scope import Scope

SIGNS: Mapping[str, str] = {"filed_by": "officer", "filled_by": "officer", "coerced": "1", "coerced_by": "officer"}
KEYS = ["unit", "channel"]
FEWEST = 10  # below this a share says more about a person than about a unit


@dataclass(frozen=True)
class UnitShare:
    """How many of one unit's people, by one channel, gave the sign: `k` of the `n` who answered, with Wilson's limits.

    `flag`: it is more frequent than among all other units of that channel together.
    """

    unit: int
    channel: int
    n: int
    k: int
    share: float
    lower: float
    upper: float
    flag: bool


@dataclass(frozen=True)
class QualityShares:
    """The answers to one quality question: how often each value was given, and how often the `sign` in each unit."""

    question: Question
    sign: str
    answers: Mapping[str, int]
    units: tuple[UnitShare, ...]

    def named(self, value: str) -> Texts:
        """Return the words of an answer."""
        return next((option.text for option in self.question.options if option.value == value), {})


@dataclass(frozen=True)
class WithdrawnCases:
    """How many cases were withdrawn, how many of them after they had been rated, and how many of these satisfied."""

    withdrawn: int
    withdrawn_rated: int
    withdrawn_satisfied: int


@dataclass(frozen=True)
class EndPointRate:
    """How satisfied people were who were asked at one point of the portal, by one channel, with Wilson's limits."""

    end: str
    channel: int
    answered: int
    satisfied: int
    rate: float
    lower: float
    upper: float


def shares(session: Session, scope: Scope, confidence: float) -> dict[str, QualityShares]:
    """Return what was answered in a period and an agency's subtree, by quality flag; flags nobody asks are left out."""
    asked: dict[str, list[Question]] = {}
    published = sa.select(QuestionnaireVersion).where(QuestionnaireVersion.status != VersionStatus.DRAFT)
    if scope.closing is not None:
        published = published.where(QuestionnaireVersion.published_at <= scope.closing.closed_at)
    for row in session.scalars(published.order_by(QuestionnaireVersion.id)):
        for question in compile_version(row).questions:
            if question.quality in SIGNS:
                asked.setdefault(str(question.quality), []).append(question)
    by_flag = {}
    for flag in (name for name in SIGNS if name in asked):
        codes = {question.id for question in asked[flag]}
        frames = [_answers(session, code, scope) for code in sorted(codes)]
        frame = pd.concat(frames).assign(unit=lambda rows: rows["agency"].map(scope.unit_of))
        counted = frame.groupby([*KEYS, "value"], as_index=False)[["count"]].sum()
        values = {str(value): int(count) for value, count in counted.groupby("value")["count"].sum().items()}
        units = rows_of(_units(counted, SIGNS[flag], confidence), UnitShare)
        by_flag[flag] = QualityShares(asked[flag][-1], SIGNS[flag], values, units)
    return by_flag


def _answers(session: Session, code: str, scope: Scope) -> pd.DataFrame:
    given = Response.other[code].as_string().label("value")
    keys = (Response.agency_id, sa.type_coerce(Response.channel, sa.Integer), given)
    query = (
        sa.select(*keys, sa.func.count())
        .where(given.is_not(None))
        .group_by(Response.agency_id, Response.channel, given)
    )
    frame = pd.DataFrame(_read(session, query, scope), columns=["agency", "channel", "value", "count"])
    return frame.astype({"agency": "int64", "channel": "int64", "count": "int64", "value": "str"})


def _read(session: Session, query: sa.Select[*tuple[Any, ...]], scope: Scope) -> list[tuple[Any, ...]]:
    """Return what a query counts of the answers in a scope; of a closed period in two parts, which are to be added."""
    return [tuple(row) for conditions in counts.standing(scope) for row in session.execute(query.where(*conditions))]


def _units(counted: pd.DataFrame, sign: str, confidence: float) -> pd.DataFrame:
    signed = counted["count"].where(counted["value"] == sign, 0)
    frame = counted.assign(n=counted["count"], k=signed).groupby(KEYS, as_index=False)[["n", "k"]].sum()
    interval = wilson(frame["k"].to_numpy(), frame["n"].to_numpy(), confidence)
    frame = frame.assign(share=frame["k"] / frame["n"], lower=interval.lower, upper=interval.upper, flag=False)
    for channel in frame["channel"].unique():
        rows = frame["channel"] == channel
        compared = against_the_rest(frame.loc[rows, "k"].to_numpy(), frame.loc[rows, "n"].to_numpy(), confidence)
        frame.loc[rows, "flag"] = compared.flag
    return frame


def withdrawn(session: Session, scope: Scope) -> WithdrawnCases:
    """Return how many of the cases finished in a period were withdrawn; of a closed one as it was published."""
    cohort = counts.cohort(session, scope)
    return WithdrawnCases(*(int(cohort[name].sum()) for name in counts.WITHDRAWN))


def ends(session: Session, scope: Scope, confidence: float) -> tuple[EndPointRate, ...]:
    """Return how satisfied people were, by the end point where they were asked (in the order of `ENDS`) and channel."""
    end = Response.other["end"].as_string().label("end")
    channel = sa.type_coerce(Response.channel, sa.Integer)
    query = (
        sa.select(end, channel, sa.func.count(), sa.func.count().filter(Response.overall >= 4))
        .where(end.in_(ENDS))
        .group_by(end, Response.channel)
    )
    rows = sorted(_read(session, query, scope), key=lambda row: (ENDS.index(row[0]), row[1]))
    frame = pd.DataFrame(rows, columns=["end", "channel", "answered", "satisfied"])
    frame = frame.groupby(["end", "channel"], as_index=False, sort=False).sum()
    interval = wilson(frame["satisfied"].to_numpy("int64"), frame["answered"].to_numpy("int64"), confidence)
    rates = frame.assign(rate=frame["satisfied"] / frame["answered"], lower=interval.lower, upper=interval.upper)
    return rows_of(rates, EndPointRate)
