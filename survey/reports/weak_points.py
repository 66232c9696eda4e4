"""What is weakest in the rows that miss the target: where somebody who must act on a row should look first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from analysis.publication import LEAST_ANSWERS
from survey.models import Channel
from survey.results import caveats
from survey.results.cuts import AnswerPart
from survey.results.factors import FactorRow, factors
from survey.results.figures import Figures, figures
from survey.results.rows import JudgedRow
from survey.results.scope import scope_for

MOST = 6  # rows that are looked into; all others stand in the annex


@dataclass(frozen=True)
class WeakPoint:
    """A row that may be named as missing the target, with its weakest procedure and factor; None where few answered."""

    row: JudgedRow
    procedure: JudgedRow | None
    factor: FactorRow | None


def weak_points(session: Session, by_row: Figures, today: dt.date) -> tuple[WeakPoint, ...]:
    """Return the rows to act on, the lowest rate first: of each what its own page would show its reader."""
    named = sorted(
        (row for row in by_row.judged.rows if row.named and row.id > 0), key=lambda row: (row.rate or 0.0, row.id)
    )
    return tuple(_weakest(session, by_row, row, today) for row in named[:MOST])


def _weakest(session: Session, by_row: Figures, row: JudgedRow, today: dt.date) -> WeakPoint:
    scope, standard = by_row.scope, by_row.standard
    if by_row.by == "procedure":
        part = AnswerPart(Channel.INVITATION, "procedure", frozenset({row.id}))
        return WeakPoint(row, None, _lowest_factor(factors(session, scope, standard, part)))
    day = scope.tree.day if scope.closing is None else None  # of a closed period, the agencies that were frozen with it
    own = scope_for(session, scope.period, row.id, day, scope.reader)
    every = figures(session, own, standard, today, "procedure").judged.rows
    judged = [one for one in every if caveats.judged(one) and not one.pooled and one.id]
    lowest = min(judged, key=lambda one: (one.rate or 0.0, one.id), default=None)
    return WeakPoint(row, lowest, _lowest_factor(factors(session, own, standard)))


def _lowest_factor(rows: tuple[FactorRow, ...]) -> FactorRow | None:
    enough = [row for row in rows if row.shown and row.answered >= LEAST_ANSWERS]
    return min(enough, key=lambda row: (row.rate or 0.0, row.question), default=None)
