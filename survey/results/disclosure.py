"""What each reader may see: the one place that every page, chart, export, report and reply of the API asks.

How many answered is shown to everybody who may see an agency at all; what they said is not always. From fewer than
`Standard.fewest` answers nobody is shown it, nor where a total minus the other rows would tell it. Those who know
whom they served on which day are `guarded` beyond that: while a period runs they see its total move by batches and
no rows; of closed ones, what nothing that was ever told before turns into the words of a few. Whoever is not
guarded (province, auditor) sees every answer as it comes, and may subtract one day or table from another.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from analysis.publication import TimeSpan, suppress_over_time, suppress_small_cells
from survey.models import Channel, ClosedPeriod, Response
from survey.periods import Period, half_month
from survey.results.scope import Scope

Withheld: TypeAlias = Literal["", "few", "others", "open"]
RowFilter: TypeAlias = "sa.ColumnExpressionArgument[bool]"
FEWEST_PEOPLE = 5  # who made a choice, below which their number is not told
NO_KEY = 0  # of answers that belong to no row, such as to no one procedure
BATCH = 5  # new answers with which the figures of a period that runs move, for those who are guarded


@dataclass(frozen=True)
class Publishable:
    """What a closed period may tell of one channel: its total, and the rows of its agency by their id."""

    total: bool
    rows: frozenset[int]


@dataclass(frozen=True, eq=False)
class Disclosure:
    """What may be shown of a scope's figures, from `fewest` answers on.

    `closed_periods` has what each may tell, by its id and channel, for a guarded reader only.
    """

    scope: Scope
    fewest: int
    closed_periods: Mapping[tuple[int, int], Publishable]

    def rows(self, by: str, channel: Channel, ids: Sequence[int], answered: Sequence[int]) -> list[Withheld]:
        """Return for each row of a table with its total why what was said is not shown; empty where it is.

        "few": too few answers; "others": the answers of others would follow by subtraction; "open": it is shown when
        the period is closed.
        """
        if self.scope.running:
            return ["open" if number else "" for number in answered]
        if not self.scope.reader.guarded:
            hidden = suppress_small_cells(answered, [0] * len(answered), self.fewest, together=self.fewest).hidden
            return [self._reason(number, not mark) for number, mark in zip(answered, hidden, strict=True)]
        closed = self._of(channel)
        if by == "unit" and list(ids) == [self.scope.agency_id]:
            shown = [closed.total]
        elif (by == "unit") == _by_unit(self.scope):
            shown = [key in closed.rows for key in ids]
        else:  # procedures of an agency with units: the units' own pages have them
            shown = [False for _ in ids]
        return [self._reason(number, row) for number, row in zip(answered, shown, strict=True)]

    def total(self, channel: Channel, answered: int) -> Withheld:
        """Return why what was said in all is not shown; empty if it is."""
        guarded = self.scope.reader.guarded and self.scope.closing is not None
        return self._reason(answered, not guarded or self._of(channel).total)

    def closed(self, closing_id: int, answered: int) -> Withheld:
        """Return the same of what was judged in another closed period of this agency."""
        guarded = self.scope.reader.guarded
        nothing = Publishable(False, frozenset())
        return self._reason(
            answered, not guarded or self.closed_periods.get((closing_id, Channel.INVITATION), nothing).total
        )

    def _of(self, channel: Channel) -> Publishable:
        closing = self.scope.closing
        return self.closed_periods.get((closing.id if closing else 0, channel), Publishable(False, frozenset()))

    def _reason(self, answered: int, shown: bool) -> Withheld:
        if 0 < answered < self.fewest:
            return "few"
        return "" if shown or not answered else "others"


def disclosure(session: Session, scope: Scope, fewest: int) -> Disclosure:
    """Return what may be shown of a scope's figures."""
    return Disclosure(scope, fewest, _publishable(session, scope, fewest) if scope.reader.guarded else {})


def parts_shown(
    session: Session, scope: Scope, fewest: int, channel: Channel, column: sa.ColumnElement[int]
) -> frozenset[int] | None:
    """Return of the parts into which a column divides the answers those that may be shown, `NO_KEY` among them.

    None: every part may, as far as its table allows (`beside`).
    """
    if not scope.reader.guarded:
        return None
    if scope.closing is None or _by_unit(scope):
        return frozenset()
    whole = _publishable(session, scope, fewest)

    def allowed(closing_id: int, way: int) -> bool:
        return whole[closing_id, way].total

    number = sa.type_coerce(column, sa.Integer)
    return _outcomes(session, scope, fewest, _closings(session), number, None, allowed)[scope.closing.id, channel].rows


def by_itself(
    session: Session, scope: Scope, fewest: int, asked: Mapping[str, sa.ColumnElement[bool]]
) -> dict[tuple[str, int], bool]:
    """Return of several questions, by name and channel, whether what was answered to each may be shown if enough did.

    `asked` has the condition that an answer counts for it. Each stands for itself: no total is the sum of them.
    """
    if not scope.reader.guarded:
        return {(name, channel): True for name in asked for channel in Channel}
    if scope.closing is None or len(scope.tree.path(scope.agency_id)) > 2:
        return {(name, channel): False for name in asked for channel in Channel}
    closings = _closings(session)
    place = [one.id for one in closings].index(scope.closing.id)
    spans, slices = _slices(closings)
    numbers = np.zeros((len(Channel) + 1, len(asked), slices.size - 1), dtype=np.int64)
    counted = [sa.func.count().filter(condition) for condition in asked.values()]
    for channel, day, *row in session.execute(_by_day(scope, closings, *counted)).all():
        numbers[channel, :, np.searchsorted(slices, day.toordinal(), "right") - 1] += row
    return {
        (name, channel): not suppress_over_time(numbers[channel, [line]], spans, fewest).total[place]
        for line, name in enumerate(asked)
        for channel in Channel
    }


def beside(
    scope: Scope, fewest: int, answered: Sequence[int], groups: Sequence[int], may: Sequence[bool]
) -> list[Withheld]:
    """Return why what was said is not shown of rows that stand in groups, each with its total, and that `may` be."""
    hidden = suppress_small_cells(answered, groups, fewest, together=fewest).hidden
    otherwise: Withheld = "open" if scope.running else "others"
    return [
        "few" if 0 < number < fewest else otherwise if number and (mark or not free) else ""
        for number, mark, free in zip(answered, hidden, may, strict=True)
    ]


def hidden_choices(people: Sequence[int], *, several: bool) -> list[bool]:
    """Return of the choices of one question which were made by too few to be told, and what would give those away.

    Where one choice was to be made the numbers add up, so that a single hidden one could be told.
    """
    if several:
        return [0 < number < FEWEST_PEOPLE for number in people]
    marks = suppress_small_cells(people, [0] * len(people), FEWEST_PEOPLE, together=FEWEST_PEOPLE).hidden
    return [bool(mark) for mark in marks]


def released(scope: Scope) -> sa.ColumnElement[bool]:
    """Return the condition that an answer of an open period is shown to a guarded reader.

    Answers of one agency, channel and half month, in the order in which they came, are shown by batches of `BATCH`,
    the last batch and what is less than one only when a period with those days is closed: so whatever a page adds up
    or subtracts, and also the closing, moves by that many at least. An answer that replaces another is one that came.
    """
    period = scope.period
    replaced = sa.select(Response.supersedes_id).where(Response.supersedes_id.is_not(None))
    half = sa.case(*[(Response.day < first, place) for place, first in enumerate(_halves(period))], else_=-1)
    kind = (Response.agency_id, Response.channel, half)
    settled = sa.exists().where(ClosedPeriod.first <= Response.day, ClosedPeriod.last >= Response.day)
    came = (
        sa.select(
            Response.id,
            Response.supersedes_id,
            sa.func.row_number().over(partition_by=kind, order_by=Response.id).label("place"),
            sa.func.count().over(partition_by=kind).label("number"),
            settled.label("settled"),
        )
        .where(Response.agency_id.in_(scope.subtree), Response.day.between(period.first, period.last))
        .where(sa.or_(Response.counted, Response.id.in_(replaced)))
        .subquery()
    )
    whole = came.c.number - came.c.number % BATCH - BATCH
    shown = sa.and_(came.c.number >= 2 * BATCH, sa.or_(came.c.settled, came.c.place <= whole))
    ids = sa.select(came.c.id).where(shown)
    later = sa.select(came.c.supersedes_id).where(shown, came.c.supersedes_id.is_not(None))
    return sa.and_(Response.id.in_(ids), Response.id.not_in(later))


def _halves(period: Period) -> list[dt.date]:
    """Return the days before which the first, second, … half month of a period ends."""
    days, day = list[dt.date](), period.first
    while day <= period.last:
        day = half_month(day)[1] + dt.timedelta(days=1)
        days.append(day)
    return days


def _publishable(session: Session, scope: Scope, fewest: int) -> dict[tuple[int, int], Publishable]:
    """Return what each closed period may tell of an agency, each beside those that were closed before it."""
    closings = _closings(session)
    if not closings:
        return {}
    above = scope.tree.path(scope.agency_id)[1:-1]
    parent = _publishable(session, replace(scope, agency_id=above[-1].id), fewest) if above else None
    by_unit = _by_unit(scope)
    column = sa.type_coerce(Response.agency_id if by_unit else Response.procedure_id, sa.Integer)
    row_of = scope.unit_of if by_unit else None

    def allowed(closing_id: int, channel: int) -> bool:
        return parent is None or scope.agency_id in parent[closing_id, channel].rows

    return _outcomes(session, scope, fewest, closings, column, row_of, allowed)


def _outcomes(
    session: Session,
    scope: Scope,
    fewest: int,
    closings: Sequence[ClosedPeriod],
    column: Any,
    row_of: Mapping[int, int] | None,
    allowed: Callable[[int, int], bool],
) -> dict[tuple[int, int], Publishable]:
    """Return the same of the rows into which a column divides the answers, where the total itself is `allowed`."""
    spans, slices = _slices(closings)
    numbers: dict[int, dict[int, np.ndarray]] = {channel: {} for channel in Channel}
    query = _by_day(scope, closings, column, sa.func.count()).group_by(column)
    for channel, day, value, number in session.execute(query):
        key = row_of[value] if row_of else NO_KEY if value is None else value
        row = numbers[channel].setdefault(key, np.zeros(slices.size - 1, dtype=np.int64))
        row[np.searchsorted(slices, day.toordinal(), "right") - 1] += number
    outcome = {}
    for channel, rows in numbers.items():
        keys = sorted(rows)
        places = [place for place, one in enumerate(closings) if allowed(one.id, channel)]
        if not keys:
            continue
        hidden = suppress_over_time(np.array([rows[key] for key in keys]), [spans[one] for one in places], fewest)
        for place, one in enumerate(places):
            shown = frozenset(key for key, mark in zip(keys, hidden.rows[place], strict=True) if not mark)
            outcome[closings[one].id, channel] = Publishable(not hidden.total[place], shown)
    nothing = Publishable(False, frozenset())
    return {(one.id, channel): outcome.get((one.id, channel), nothing) for one in closings for channel in Channel}


def _by_unit(scope: Scope) -> bool:
    return bool(scope.tree.children.get(scope.agency_id))


def _closings(session: Session) -> list[ClosedPeriod]:
    return list(session.scalars(sa.select(ClosedPeriod).order_by(ClosedPeriod.id)))


def _slices(closings: Sequence[ClosedPeriod]) -> tuple[list[TimeSpan], np.ndarray]:
    """Return the closed periods as spans of slices of days, and the first day of each slice, as numbers of days."""
    days = sorted({day for one in closings for day in (one.first.toordinal(), one.last.toordinal() + 1)})
    place = {day: number for number, day in enumerate(days)}
    spans = [(place[one.first.toordinal()], place[one.last.toordinal() + 1]) for one in closings]
    return spans, np.array(days)


def _by_day(scope: Scope, closings: Sequence[ClosedPeriod], *counted: Any) -> sa.Select[*tuple[Any, ...]]:
    first, last = min(one.first for one in closings), max(one.last for one in closings)
    return (
        sa.select(Response.channel, Response.day, *counted)
        .where(Response.counted, Response.agency_id.in_(scope.subtree), Response.day.between(first, last))
        .group_by(Response.channel, Response.day)
    )
