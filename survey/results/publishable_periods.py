"""What closed periods may tell guarded readers: each only what nothing that was told before turns into few answers.

Counted are the answers as they stood at the first closing that counts their day, which nothing changes any more: so
what was once told, or hidden, stays so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from analysis.publication import TimeSpan, suppress_over_time
from survey.models import Agency, Channel, ClosedPeriod, ExcludedAnswer, ExclusionDecision, Response
from survey.results.groupings import own_tables, told_alike
from survey.results.scope import Reader, Scope
from survey.results.standing import latest, stood

NO_KEY = 0  # of answers that belong to no row, such as to no one procedure
# Into what the answers to one procedure fall at the finest: what whoever handled the cases knows of each.
FINEST: Mapping[Channel, tuple[Any, ...]] = {
    Channel.INVITATION: (Response.respondent, Response.outcome, Response.timeliness),
    Channel.OPEN: (Response.placement_id,),
    Channel.KIOSK: (Response.placement_id,),
    Channel.PAPER: (Response.placement_id,),
    Channel.TELEPHONE: (Response.placement_id,),
}
RowCounts = dict[Any, np.ndarray]  # of each row: how many answers in each slice of time


@dataclass(frozen=True)
class Publishable:
    """What a closed period may tell of one channel: its total, and the rows of its agency by their id."""

    total: bool
    rows: frozenset[int]


def by_unit(scope: Scope) -> bool:
    """Return whether the rows of an agency are its units; those of one without units are its procedures."""
    return bool(scope.tree.children.get(scope.agency_id))


def publishable(session: Session, scope: Scope, fewest: int) -> dict[tuple[int, int], Publishable]:
    """Return what each closed period may tell of an agency, by its id and channel.

    Of one whose table grouped the same agencies otherwise it is the total that this table tells, and no row.
    """
    closings = _closings(session)
    outcome = _publishable(session, scope, fewest, closings)
    for own, ids in own_tables(scope, closings):
        table = _publishable(session, own, fewest, closings)
        outcome |= {key: Publishable(True, frozenset()) for key, one in table.items() if key[0] in ids and one.total}
    return outcome


def _publishable(
    session: Session, scope: Scope, fewest: int, closings: Sequence[ClosedPeriod]
) -> dict[tuple[int, int], Publishable]:
    if not closings:
        return {}
    above = _tables_above(scope)
    parent = _publishable(session, replace(scope, agency_id=above[-1].id), fewest, closings) if above else None
    column, row_of = (Response.agency_id, scope.unit_of) if by_unit(scope) else (Response.procedure_id, None)
    spans, slices = _slices(closings)
    numbers: dict[int, RowCounts] = {channel: {} for channel in Channel}
    for channel, day, value, number in _by_day(session, scope, closings, [column]):
        _add(numbers[channel], row_of[value] if row_of else value or NO_KEY, slices, day, number)

    alike = told_alike(scope, closings)

    def allowed(closing_id: int, channel: int) -> bool:
        return closing_id in alike and (parent is None or scope.agency_id in parent[closing_id, channel].rows)

    nothing = Publishable(False, frozenset())
    outcome = {(closing.id, int(channel)): nothing for closing in closings for channel in Channel}
    for channel, rows in numbers.items():
        keys = sorted(rows)
        places = [place for place, one in enumerate(closings) if allowed(one.id, channel)]
        if not keys:
            continue
        table, seen = np.array([rows[key] for key in keys]), [spans[one] for one in places]
        hidden = suppress_over_time(table, seen, fewest, insiders=_read_by_insiders(scope))
        for place, one in enumerate(places):
            shown = frozenset(key for key, mark in zip(keys, hidden.rows[place], strict=True) if not mark)
            outcome[closings[one].id, channel] = Publishable(not hidden.total[place], shown)
    return outcome


def _tables_above(scope: Scope) -> list[Agency]:
    """Return the agencies above one whose tables its reader sees too: the province's are read by everybody alone."""
    return scope.tree.path(scope.agency_id)[0 if scope.reader is Reader.PUBLIC else 1 : -1]


def _read_by_insiders(scope: Scope) -> bool:
    """Return whether the people of one row, who are told what it says, read this table of everybody beside it."""
    return scope.reader is Reader.PUBLIC and by_unit(scope)


def publishable_parts(
    session: Session, scope: Scope, fewest: int, channel: Channel, column: sa.SQLColumnExpression[int | None]
) -> frozenset[int]:
    """Return of the parts into which a column divides the answers of a closed period those that it may tell.

    A part is told only if each of its finest cells is, in a table of its procedure that is told itself: then it is a
    sum of what may be told, whatever else is added up or subtracted beside it.
    """
    whole = publishable(session, scope, fewest)
    if scope.closing is None or by_unit(scope):
        return frozenset()
    if column is Response.procedure_id:
        return whole[scope.closing.id, channel].rows
    closings = _closings(session)
    spans, slices = _slices(closings)
    tables: dict[int, RowCounts] = {}
    keys = [column, Response.procedure_id, *FINEST[channel]]
    for way, day, value, procedure, *finest, number in _by_day(session, scope, closings, keys):
        if way == channel:
            _add(tables.setdefault(procedure or NO_KEY, {}), (value or NO_KEY, *finest), slices, day, number)
    shown, hidden = set[int](), set[int]()
    for procedure, rows in tables.items():
        cells = list(rows)
        table = np.array([rows[cell] for cell in cells])
        places = [place for place, one in enumerate(closings) if procedure in whole[one.id, channel].rows]
        marks = suppress_over_time(table, [spans[place] for place in places], fewest).rows
        own = next(place for place, one in enumerate(closings) if one.id == scope.closing.id)
        first, last = spans[own]
        answered = table[:, first:last].sum(axis=1)
        withheld = marks[places.index(own)] if own in places else answered > 0
        for (value, *_finest), mark, number in zip(cells, withheld, answered, strict=True):
            (hidden if mark else shown if number else set()).add(value)
    return frozenset(shown - hidden)


def publishable_questions(
    session: Session, scope: Scope, fewest: int, asked: Mapping[str, sa.ColumnElement[bool]]
) -> dict[tuple[str, int], bool]:
    """Return of several questions, by name and channel, whether a closed period may tell what was answered to each.

    `asked` has the condition that an answer counts for it. Each stands for itself: no total is the sum of them.
    """
    nothing = {(name, int(channel)): False for name in asked for channel in Channel}
    if scope.closing is None or _tables_above(scope):
        return nothing
    closings = _closings(session)
    place = [one.id for one in closings].index(scope.closing.id)
    spans, slices = _slices(closings)
    numbers = np.zeros((len(Channel) + 1, len(asked), slices.size - 1), dtype=np.int64)
    counted = [sa.func.count().filter(condition) for condition in asked.values()]
    for channel, day, *row in _by_day(session, scope, closings, [], *counted):
        numbers[channel, :, np.searchsorted(slices, day.toordinal(), "right") - 1] += row
    return {
        (name, channel): not suppress_over_time(numbers[channel, [line]], spans, fewest).total[place]
        for line, name in enumerate(asked)
        for channel in Channel
    }


def publishable_exclusions(session: Session, scope: Scope, fewest: int) -> dict[int, bool]:
    """Return by channel whether a closed period may tell the figures with and without what is left out of it.

    Each proposal agreed to is a row of its own, and all must be told: what is told before and after one differs by
    that many answers at least.
    """
    publishable = {int(channel): False for channel in Channel}
    if scope.closing is None or _tables_above(scope):
        return publishable
    closings = _closings(session)
    place = [one.id for one in closings].index(scope.closing.id)
    spans, slices = _slices(closings)
    agreed = sa.and_(ExclusionDecision.exclusion_id == ExcludedAnswer.exclusion_id, ExclusionDecision.agreed)
    keys = (Response.channel, Response.day, ExcludedAnswer.exclusion_id)
    query = (
        sa.select(*keys, sa.func.count())
        .join(ExcludedAnswer, ExcludedAnswer.response_id == Response.id)
        .join(ExclusionDecision, agreed)
        .where(Response.agency_id.in_(scope.subtree), latest(scope.closing.newest_response_id))
        .where(Response.day >= dt.date.fromordinal(int(slices[0])), Response.day < dt.date.fromordinal(int(slices[-1])))
        .group_by(*keys)
    )
    numbers: dict[int, RowCounts] = {channel: {} for channel in Channel}
    for channel, day, exclusion, number in session.execute(query):
        _add(numbers[channel], exclusion, slices, day, number)
    for asked, rows in numbers.items():
        if rows:
            hidden = suppress_over_time(np.array(list(rows.values())), spans, fewest)
            publishable[int(asked)] = not hidden.total[place] and not hidden.rows[place].any()
    return publishable


def _add(rows: RowCounts, key: Any, slices: np.ndarray, day: Any, number: int) -> None:
    row = rows.setdefault(key, np.zeros(slices.size - 1, dtype=np.int64))
    row[np.searchsorted(slices, day.toordinal(), "right") - 1] += number


def _closings(session: Session) -> list[ClosedPeriod]:
    return list(session.scalars(sa.select(ClosedPeriod).order_by(ClosedPeriod.id)))


def _slices(closings: Sequence[ClosedPeriod]) -> tuple[list[TimeSpan], np.ndarray]:
    """Return the closed periods as spans of slices of days, and the first day of each slice, as numbers of days."""
    days = sorted({day for one in closings for day in (one.first.toordinal(), one.last.toordinal() + 1)})
    place = {day: number for number, day in enumerate(days)}
    spans = [(place[one.first.toordinal()], place[one.last.toordinal() + 1]) for one in closings]
    return spans, np.array(days)


def _by_day(
    session: Session, scope: Scope, closings: Sequence[ClosedPeriod], keys: Sequence[Any], *counted: Any
) -> Iterator[Any]:
    """Yield how many answers each day and key has by channel, in parts that are to be added up.

    They are those that stood when a period with their day was closed first.
    """
    spans, slices = _slices(closings)
    days = [dt.date.fromordinal(int(day)) for day in slices]
    newest = [
        min((one.newest_response_id for one, (i, j) in zip(closings, spans, strict=True) if i <= place < j), default=0)
        for place in range(len(days) - 1)
    ]
    then = sa.case(*[(Response.day < end, number) for end, number in zip(days[1:], newest, strict=True)], else_=0)
    typed = [sa.type_coerce(key, sa.Integer).label(f"key_{place}") for place, key in enumerate(keys)]
    query = sa.select(Response.channel, Response.day, *typed, *(counted or [sa.func.count()]))
    query = query.where(Response.agency_id.in_(scope.subtree), Response.day >= days[0], Response.day < days[-1])
    query = query.group_by(Response.channel, Response.day, *typed)
    for condition in stood(Response.id <= then):
        yield from session.execute(query.where(condition))
