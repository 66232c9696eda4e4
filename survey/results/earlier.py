"""What an earlier system counted, beside the trend of ours: for reference, without limits or verdict, never added.

How that system asked, and whom, is only known from its own words, so its rates are told as its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import EarlierCount, EarlierSystem
from survey.periods import Period, previous
from survey.results.scope import Scope, Standard
from survey.results.trends import PERIODS

MOST_SYSTEMS = 200


@dataclass(frozen=True, kw_only=True)
class EarlierRate:
    """What one earlier system counted in one period; the rate is None of fewer answers than are shown."""

    code: str
    first: dt.date
    last: dt.date
    answered: int
    rate: float | None
    source: str
    method: str


@dataclass(frozen=True)
class EarlierListing:
    """An earlier system in the list: with how many figures, and of which days, it was imported."""

    system: EarlierSystem
    counts: int
    first: dt.date
    last: dt.date


def earlier_rates(session: Session, scope: Scope, standard: Standard) -> tuple[EarlierRate, ...]:
    """Return what earlier systems counted in the very agency, in periods of the same kind up to this one, in order.

    Only figures of the agency itself: what a file tells of its units is not summed up. Of one period the file that was
    imported last holds.
    """
    line: list[Period] = [scope.period]
    while len(line) < 2 * PERIODS:
        line.append(previous(line[-1]))
    codes = {(one.first, one.last): one.code for one in line}
    query = (
        sa.select(EarlierCount, EarlierSystem.source, EarlierSystem.method)
        .join(EarlierSystem, EarlierSystem.id == EarlierCount.system_id)
        .where(EarlierCount.agency_id == scope.agency_id, EarlierSystem.withdrawn_at.is_(None))
        .where(EarlierCount.first >= line[-1].first, EarlierCount.last <= line[0].last)
        .order_by(EarlierCount.first, EarlierSystem.id)
    )
    rates: dict[str, EarlierRate] = {}
    for count, source, method in session.execute(query):
        code = codes.get((count.first, count.last))
        if code is None or not count.answered:
            continue
        rate = count.satisfied / count.answered if count.answered >= standard.fewest else None
        rates[code] = EarlierRate(
            code=code,
            first=count.first,
            last=count.last,
            answered=count.answered,
            rate=rate,
            source=source,
            method=method,
        )
    return tuple(rates.values())


def systems(session: Session) -> Sequence[EarlierListing]:
    """Return the earlier systems that were imported, the newest first, withdrawn ones too."""
    query = (
        sa.select(EarlierSystem, sa.func.count(), sa.func.min(EarlierCount.first), sa.func.max(EarlierCount.last))
        .join(EarlierCount, EarlierCount.system_id == EarlierSystem.id)
        .group_by(EarlierSystem.id)
        .order_by(EarlierSystem.id.desc())
        .limit(MOST_SYSTEMS)
    )
    return [EarlierListing(system, number, first, last) for system, number, first, last in session.execute(query)]
