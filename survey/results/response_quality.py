"""How freely sheets were filled in: what people say about who filed, who answered and who suggested a rating.

Only the full form asks this, so every share stands beside the number who answered that very question. The questions
are found by their quality flag, over all versions; channels are never mixed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session

from analysis.integrity import against_the_rest
from analysis.interval import wilson
from survey.collection.answers import ENDS
from survey.models import Channel, QuestionnaireVersion, Response, Texts, VersionStatus
from survey.questionnaires import Question, compile_version
from survey.results import counts
from survey.results.disclosure import Withheld, beside, by_itself
from survey.results.open_cohort import WITHDRAWN
from survey.results.rows import rows_of
from survey.results.scope import Scope, Standard

SIGNS: Mapping[str, str] = {"filed_by": "officer", "filled_by": "officer", "coerced": "1", "coerced_by": "officer"}
FOLLOWING = {"coerced_by": "coerced"}  # asked only of those who gave the sign there, so that its number tells these
KEYS = ["unit", "channel"]


@dataclass(frozen=True)
class UnitShare:
    """How many of one unit's people, by one channel, gave the sign: `k` of those who `answered`, with Wilson's limits.

    `flag`: it is more frequent than among all other units of that channel together. `withheld`: why only `answered` is
    shown (`disclosure`); all else is then None.
    """

    unit: int
    channel: int
    answered: int
    k: int | None
    share: float | None
    lower: float | None
    upper: float | None
    flag: bool | None
    withheld: Withheld


@dataclass(frozen=True)
class QualityShares:
    """The answers to one quality question: how often each value was given, and how often the `sign` in each unit.

    The values are those of the units of which they are shown.
    """

    question: Question
    sign: str
    answers: Mapping[str, int]
    units: tuple[UnitShare, ...]

    def named(self, value: str) -> Texts:
        """Return the words of an answer."""
        return next((option.text for option in self.question.options if option.value == value), {})


@dataclass(frozen=True)
class WithdrawnCases:
    """How many cases were withdrawn, and how many of them after they had been rated."""

    withdrawn: int
    withdrawn_rated: int


@dataclass(frozen=True)
class EndPointRate:
    """How satisfied people were who were asked at one point of the portal, by one channel, with Wilson's limits.

    `withheld`: why only `answered` is shown (`disclosure`); all else is then None.
    """

    end: str
    channel: int
    answered: int
    satisfied: int | None
    rate: float | None
    lower: float | None
    upper: float | None
    withheld: Withheld


def shares(session: Session, scope: Scope, standard: Standard) -> dict[str, QualityShares]:
    """Return what was answered in a period and an agency's subtree, by quality flag; flags nobody asks are left out."""
    standard = scope.held_to(standard)
    asked: dict[str, list[Question]] = {}
    published = sa.select(QuestionnaireVersion).where(QuestionnaireVersion.status != VersionStatus.DRAFT)
    if scope.closing is not None:
        published = published.where(QuestionnaireVersion.published_at <= scope.closing.closed_at)
    for row in session.scalars(published.order_by(QuestionnaireVersion.id)):
        for question in compile_version(row).questions:
            if question.quality in SIGNS:
                asked.setdefault(str(question.quality), []).append(question)
    by_flag: dict[str, QualityShares] = {}
    codes_of = {flag: {question.id for question in questions} for flag, questions in asked.items()}
    given = {flag: sa.or_(*map(_given, sorted(codes))) for flag, codes in codes_of.items()}
    may = by_itself(session, scope, standard.fewest, given)
    for flag in (name for name in SIGNS if name in asked):
        frames = [_answers(session, code, scope) for code in sorted(codes_of[flag])]
        frame = pd.concat(frames).assign(unit=lambda rows: rows["agency"].map(scope.unit_of))
        if flag in FOLLOWING:
            frame = _where_shown(frame, by_flag.get(FOLLOWING[flag]))
        counted = frame.groupby([*KEYS, "value"], as_index=False)[["count"]].sum()
        rows = _units(counted, SIGNS[flag], standard.confidence)
        free = [may[flag, Channel(channel)] for channel in rows["channel"]]
        why = beside(scope, standard.fewest, rows["answered"].to_list(), rows["channel"].to_list(), free)
        rows["withheld"] = pd.Series(why, index=rows.index, dtype=object)
        shown_answers = counted.merge(rows.loc[rows["withheld"] == "", KEYS], on=KEYS)
        values = {str(value): int(count) for value, count in shown_answers.groupby("value")["count"].sum().items()}
        units = rows_of(_without(rows, ("k", "share", "lower", "upper", "flag")), UnitShare)
        by_flag[flag] = QualityShares(asked[flag][-1], SIGNS[flag], values, units)
    return by_flag


def _where_shown(frame: pd.DataFrame, before: QualityShares | None) -> pd.DataFrame:
    """Return the answers of the units of which it is shown how many gave the sign of the question before."""
    shown = {(row.unit, row.channel) for row in (before.units if before else ()) if not row.withheld}
    kept = [pair in shown for pair in zip(frame["unit"], frame["channel"], strict=True)]
    return frame[np.array(kept, dtype=bool)]


def _given(code: str) -> sa.ColumnElement[bool]:
    given: sa.ColumnElement[bool] = Response.other[code].as_string().is_not(None)
    return given


def _without(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    hidden = rows["withheld"] != ""
    return rows.assign(**{name: rows[name].astype(object).mask(hidden) for name in names})


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
    frame = counted.assign(answered=counted["count"], k=signed).groupby(KEYS, as_index=False)[["answered", "k"]].sum()
    interval = wilson(frame["k"].to_numpy(), frame["answered"].to_numpy(), confidence)
    frame = frame.assign(share=frame["k"] / frame["answered"], lower=interval.lower, upper=interval.upper, flag=False)
    for channel in frame["channel"].unique():
        rows = frame["channel"] == channel
        compared = against_the_rest(frame.loc[rows, "k"].to_numpy(), frame.loc[rows, "answered"].to_numpy(), confidence)
        frame.loc[rows, "flag"] = compared.flag
    return frame


def withdrawn(session: Session, scope: Scope) -> WithdrawnCases:
    """Return how many of the cases finished in a period were withdrawn; of a closed one as it was published."""
    cohort = counts.cohort(session, scope)
    return WithdrawnCases(*(int(cohort[name].sum()) for name in WITHDRAWN))


def ends(session: Session, scope: Scope, standard: Standard) -> tuple[EndPointRate, ...]:
    """Return how satisfied people were, by the end point where they were asked (in the order of `ENDS`) and channel."""
    standard = scope.held_to(standard)
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
    interval = wilson(frame["satisfied"].to_numpy("int64"), frame["answered"].to_numpy("int64"), standard.confidence)
    rates = frame.assign(rate=frame["satisfied"] / frame["answered"], lower=interval.lower, upper=interval.upper)
    may = by_itself(session, scope, standard.fewest, {one: Response.other["end"].as_string() == one for one in ENDS})
    free = [may[one, Channel(way)] for one, way in zip(frame["end"], frame["channel"], strict=True)]
    why = beside(scope, standard.fewest, frame["answered"].to_list(), frame["channel"].to_list(), free)
    rates["withheld"] = pd.Series(why, index=rates.index, dtype=object)
    return rows_of(_without(rates, ("satisfied", "rate", "lower", "upper")), EndPointRate)
