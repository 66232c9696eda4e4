"""What each reader may see: the one place that every page, chart, export, report and reply of the API asks.

How many answered is shown to everybody who may see an agency at all; what they said is not always. From fewer than
`Standard.fewest` answers nobody is shown it, nor where a total minus the other rows would tell it. Those who know
whom they served on which day are `guarded` beyond that: while a period runs they see its total move by batches and
no rows; of closed ones, what nothing that was ever told before turns into the words of a few. Whoever is not
guarded (province, auditor) sees every answer as it comes, and may subtract one day or table from another.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analysis.publication import suppress_small_cells
from survey.collection.exclusions import uncounted
from survey.models import Channel, ClosedPeriod, Response
from survey.periods import Period, halves_of
from survey.results.publishable_periods import (
    Publishable,
    by_unit,
    publishable,
    publishable_exclusions,
    publishable_parts,
    publishable_questions,
)
from survey.results.scope import Scope
from survey.results.standing import had_counted

Withheld: TypeAlias = Literal["", "few", "others", "open"]
NamedCell: TypeAlias = tuple[Hashable, ...]
FEWEST_PEOPLE = 5  # who made a choice, below which their number is not told
BATCH = 5  # new answers with which the figures of a period that runs move, for those who are guarded
_REPLACED = sa.select(Response.supersedes_id).where(Response.supersedes_id.is_not(None))


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
        elif (by == "unit") == by_unit(self.scope):
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

    def still_open(self, answered: int) -> Withheld:
        """Return the same of an earlier period that is open, or that was when this one was closed.

        As it stood at the closing it is told to nobody who is guarded: beside what they saw of it by batches, that
        would tell the last few answers.
        """
        if self.scope.reader.guarded and self.scope.closing is not None and answered:
            return "open"
        return self._reason(answered, shown=True)

    def _of(self, channel: Channel) -> Publishable:
        closing = self.scope.closing
        return self.closed_periods.get((closing.id if closing else 0, channel), Publishable(False, frozenset()))

    def _reason(self, answered: int, shown: bool) -> Withheld:
        if 0 < answered < self.fewest:
            return "few"
        return "" if shown or not answered else "others"


def disclosure(session: Session, scope: Scope, fewest: int) -> Disclosure:
    """Return what may be shown of a scope's figures."""
    return Disclosure(scope, fewest, publishable(session, scope, fewest) if scope.reader.guarded else {})


def parts_shown(
    session: Session, scope: Scope, fewest: int, channel: Channel, column: sa.SQLColumnExpression[int | None]
) -> frozenset[int] | None:
    """Return of the parts into which a column divides the answers those that may be shown, `NO_KEY` among them.

    None: every part may, as far as its table allows (`beside`).
    """
    return publishable_parts(session, scope, fewest, channel, column) if scope.reader.guarded else None


def by_itself(
    session: Session, scope: Scope, fewest: int, asked: Mapping[str, sa.ColumnElement[bool]]
) -> dict[tuple[str, int], bool]:
    """Return of several questions, by name and channel, whether what was answered to each may be shown if enough did.

    `asked` has the condition that an answer counts for it. Each stands for itself: no total is the sum of them.
    """
    if not scope.reader.guarded:
        return {(name, channel): True for name in asked for channel in Channel}
    return publishable_questions(session, scope, fewest, asked)


def exclusions_told(session: Session, scope: Scope, fewest: int) -> dict[int, bool]:
    """Return by channel whether the figures with and without what is left out may be told, if enough answers remain."""
    if not scope.reader.guarded:
        return {int(channel): True for channel in Channel}
    return publishable_exclusions(session, scope, fewest)


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


def nameable(cells: Iterable[tuple[NamedCell, int]], fewest: int) -> frozenset[NamedCell]:
    """Return which of the cells, each with how many answered, may be named beside what one of these people said.

    A cell names more and more of the answer, such as agency, field and procedure; those that begin alike are divided by
    what comes last. An answer says only as much as is nameable: so those that say less are `fewest`, too, and not all
    of one cell.
    """
    answered: dict[NamedCell, int] = {}
    for cell, number in cells:
        for length in range(1, len(cell) + 1):
            answered[cell[:length]] = answered.get(cell[:length], 0) + number
    every = sorted(answered, key=len)
    group = {cell: place for place, cell in enumerate(every)}
    groups = [group[cell[:-1]] if len(cell) > 1 else len(every) + group[cell] for cell in every]  # the first: no total
    hidden = suppress_small_cells([answered[cell] for cell in every], groups, fewest, together=fewest).hidden
    free = {cell for cell, mark in zip(every, hidden, strict=True) if not mark}
    return frozenset(cell for cell in free if all(cell[:length] in free for length in range(1, len(cell))))


def hidden_choices(people: Sequence[int], *, several: bool) -> list[bool]:
    """Return of the choices of one question which were made by too few to be told, and what would give those away.

    Where one choice was to be made the numbers add up, so that a single hidden one could be told.
    """
    if several:
        return [0 < number < FEWEST_PEOPLE for number in people]
    marks = suppress_small_cells(people, [0] * len(people), FEWEST_PEOPLE, together=FEWEST_PEOPLE).hidden
    return [bool(mark) for mark in marks]


def released(scope: Scope, periods: Sequence[Period]) -> sa.ColumnElement[bool]:
    """Return the condition that an answer of one of several open periods is shown to a guarded reader.

    It is worked out once for all of them, however often a statement has it.

    New answers of one agency, channel and half month, in the order in which they came, are shown by batches of `BATCH`;
    the last batch and what is less than one only in periods with those days that are closed, and what comes after the
    first closing of them only with the next. So whatever a page adds up or subtracts moves by that many at least; where
    a closed period counts a half, too, its total less what is shown here leaves of each agency a batch or nothing.
    What replaces or adds to an answer is no new one: it is shown with the batch after which it came. What is left out
    goes only when the period is closed, together with what comes then: alone it would tell what it said.
    """
    halves = [half for period in periods for half in halves_of(period)]
    days = sa.or_(*[Response.day.between(period.first, period.last) for period in periods])
    half = sa.case(*[(Response.day <= last, place) for place, (_first, last) in enumerate(halves)], else_=-1)
    # While a half is open, numbers tell in which order its answers came. Once its links are cut they have been traded,
    # but only among those on the same side of each closing.
    newest = sa.case(*[(Response.day <= last, _newest_at_first_closing(first, last)) for first, last in halves])
    columns = (Response.id, Response.supersedes_id, Response.agency_id, Response.channel)
    counting = sa.or_(Response.counted, had_counted(_REPLACED))
    kinds = (half.label("half"), newest.label("newest"), counting.label("counting"))
    # A reading of its own, so that what tells a half is written out once.
    read = sa.select(*columns, *kinds).where(Response.agency_id.in_(scope.subtree), days).subquery()
    kind = (read.c.agency_id, read.c.channel, read.c.half)
    new = sa.case((read.c.supersedes_id.is_(None), 1), else_=0)
    came = (
        sa.select(
            read.c.id,
            read.c.supersedes_id,
            sa.func.sum(new).over(partition_by=kind, order_by=read.c.id).label("place"),
            sa.func.sum(new).over(partition_by=kind).label("number"),
        )
        .where(sa.or_(read.c.counting, sa.and_(read.c.newest.is_(None), read.c.id.in_(uncounted()))))
        .where(read.c.id <= sa.func.coalesce(read.c.newest, read.c.id))
        .cte()
    )
    whole = came.c.number - came.c.number % BATCH - BATCH
    shown = sa.and_(came.c.number >= 2 * BATCH, came.c.place <= whole)
    ids = sa.select(came.c.id).where(shown)
    later = sa.select(came.c.supersedes_id).where(shown, came.c.supersedes_id.is_not(None))
    return sa.and_(Response.id.in_(ids), Response.id.not_in(later))


def _newest_at_first_closing(first: dt.date, last: dt.date) -> sa.ScalarSelect[int]:
    """Return the number of the newest answer when a period with these days was first closed; null if none is."""
    newest = sa.select(sa.func.min(ClosedPeriod.newest_response_id))
    return newest.where(ClosedPeriod.first <= first, ClosedPeriod.last >= last).scalar_subquery()
