"""Cut the links between answers and cases: of each half of a month at once, for good.

What would tell as much as the link goes with it. All answers of a half trade their numbers and days at random, and
their rows are written anew in a random order, so that neither numbers nor days nor the order in which a dump lists the
rows follow the order in which cases were finished. Times, counts of changes, and reminders that were or were not needed
go, too, and of what hangs on an answer the columns marked `until_cut`; and which privacy notice was shown, where that
would tell earlier from later answers. Numbers are traded only among answers on the
same side of every closing that counts them: what stood when a period was closed is found again by them.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.types import LocalDay, UTCDateTime
from survey.models import Base, Delivery, Invitation, MessageKind, PrivacyNotice, PrivacyPage, Response, Transition
from survey.models.base import RowNumber
from survey.periods import LOCAL_ZONE

RESPONSES = cast("sa.Table", Response.__table__)
BATCH = 5000
_CHANCE = random.SystemRandom()
_PLACES = sa.Table(
    "traded_place",
    sa.MetaData(),
    sa.Column("turn", RowNumber, primary_key=True),  # by which the rows are written again
    sa.Column("before", RowNumber, unique=True),
    sa.Column("number", RowNumber),
    sa.Column("day", LocalDay),
    sa.Column("noon", UTCDateTime),
    prefixes=["TEMPORARY"],
)


def linked(first: dt.date, last: dt.date) -> sa.ColumnElement[bool]:
    """Return the condition that an answer of these days names its invitation."""
    return sa.and_(Response.invitation_id.is_not(None), Response.day.between(first, last))


def unlink(session: Session, first: dt.date, last: dt.date, newest: Sequence[int]) -> int:
    """Cut the links of the answers of the days from `first` to `last`; return of how many.

    `newest` are the numbers of the newest answers at the closings that count these days.
    """
    connection = session.connection()
    invitations = _copied("cut_link", [sa.Column("invitation_id", RowNumber, primary_key=True)])
    rows = _copied("cut_response", [sa.Column(column.name, column.type) for column in RESPONSES.columns])
    hanging = {table: _copied(f"cut_{table.name}", _plain(table)) for table in _dependants()}
    temporary = [_PLACES, invitations, rows, *hanging.values()]
    for table in temporary:
        table.create(connection)
    places = list(_traded(session, first, last, newest))
    for start in range(0, len(places), BATCH):
        connection.execute(sa.insert(_PLACES), places[start : start + BATCH])
    own = sa.select(Response.invitation_id).where(linked(first, last)).distinct()
    connection.execute(sa.insert(invitations).from_select(["invitation_id"], own))
    _write_anew(connection, rows, hanging, _told_apart(session, rows, first, last))
    used = sa.select(invitations.c.invitation_id)
    reminders = sa.and_(Delivery.invitation_id.in_(used), Delivery.kind == MessageKind.REMINDER)
    of_reminders = Transition.delivery_id.in_(sa.select(Delivery.id).where(reminders))
    connection.execute(sa.delete(Transition).where(of_reminders))
    connection.execute(sa.delete(Delivery).where(reminders))
    connection.execute(sa.update(Invitation).where(Invitation.id.in_(used)).values(changes=0))
    for table in reversed(temporary):
        table.drop(connection)
    session.expire_all()
    return len(places)


def _traded(session: Session, first: dt.date, last: dt.date, newest: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Yield for each answer its number before and after, its new day, and its turn to be written."""
    counted = sa.select(Response.id, Response.day, Response.counted).where(linked(first, last)).with_for_update()
    pools: dict[tuple[object, ...], list[tuple[int, dt.date]]] = defaultdict(list)
    for row in session.execute(counted):
        side = tuple(row.id <= one for one in newest)
        pools[row.counted, side].append((row.id, row.day))
    turns = list(range(sum(map(len, pools.values()))))
    _CHANCE.shuffle(turns)
    turn = iter(turns)
    for pool in pools.values():
        for (before, _), (number, day) in zip(pool, _CHANCE.sample(pool, len(pool)), strict=True):
            noon = dt.datetime.combine(day, dt.time(12), LOCAL_ZONE)
            yield {"turn": next(turn), "before": before, "number": number, "day": day, "noon": noon}


def _told_apart(session: Session, rows: sa.Table, first: dt.date, last: dt.date) -> sa.ColumnElement[bool]:
    """Return the condition that the notice of an answer could tell when it was given.

    It cannot where the notice of forms did not change in these days, and all answers of these days to the same
    questionnaire name the same.
    """
    new = sa.select(PrivacyNotice.id).where(PrivacyNotice.page == PrivacyPage.FORM)
    if session.scalars(new.where(PrivacyNotice.since.between(first, last))).first() is not None:
        return sa.true()
    notice = rows.c.privacy_notice
    several = sa.or_(sa.func.count(notice.distinct()) > 1, sa.func.count(notice) < sa.func.count())
    mixed = sa.select(rows.c.questionnaire_id).group_by(rows.c.questionnaire_id).having(several)
    return rows.c.questionnaire_id.in_(mixed)


def _write_anew(
    connection: sa.Connection,
    rows: sa.Table,
    hanging: dict[sa.Table, sa.Table],
    told_apart: sa.ColumnElement[bool],
) -> None:
    """Take the answers and what hangs on them out, and write them at their new places, in the order of their turns."""
    own = sa.select(_PLACES.c.before)
    answers = sa.select(RESPONSES).where(RESPONSES.c.id.in_(own))  # held since their places were chosen
    connection.execute(sa.insert(rows).from_select(list(rows.columns.keys()), answers))
    for table, copy in hanging.items():
        theirs = sa.select(table).where(table.c[_dependants()[table]].in_(own)).with_for_update(of=table)
        connection.execute(sa.insert(copy).from_select(list(copy.columns.keys()), theirs))
    for table in reversed(hanging):
        connection.execute(sa.delete(table).where(table.c[_dependants()[table]].in_(own)))
    connection.execute(sa.delete(RESPONSES).where(RESPONSES.c.id.in_(own)))

    superseded = _PLACES.alias("superseded")
    place = rows.join(_PLACES, rows.c.id == _PLACES.c.before)
    place = place.outerjoin(superseded, rows.c.supersedes_id == superseded.c.before)
    changed = {
        "id": _PLACES.c.number,
        "day": _PLACES.c.day,
        "submitted_at": _PLACES.c.noon,
        "invitation_id": sa.null(),
        "supersedes_id": superseded.c.number,
        "entry": sa.null(),  # the order of entries would tell when each was given: it gets another one
        "salt": sa.null(),
        "comment_marks": sa.null(),
        "comments_erased": sa.false(),  # who erased is on record with the time; no page is sent once more any more
        "privacy_notice": sa.case((told_apart, sa.null()), else_=rows.c.privacy_notice),
    }
    values = [changed.get(name, column) for name, column in rows.columns.items()]
    anew = sa.select(*values).select_from(place).order_by(_PLACES.c.turn)
    connection.execute(sa.insert(RESPONSES).from_select(list(rows.columns.keys()), anew))
    for table, copy in hanging.items():
        changed = {name: sa.null() for name, one in table.columns.items() if one.info.get("until_cut")}
        changed[_dependants()[table]] = _PLACES.c.number
        values = [changed.get(name, one) for name, one in copy.columns.items()]
        place = copy.join(_PLACES, copy.c[_dependants()[table]] == _PLACES.c.before)
        anew = sa.select(*values).select_from(place).order_by(_PLACES.c.turn)
        connection.execute(sa.insert(table).from_select(list(copy.columns.keys()), anew))


def _dependants() -> dict[sa.Table, str]:
    """Return the tables whose rows hang on an answer, each after those it hangs on, with the column that names it."""
    naming = {RESPONSES: "id"}
    for table in Base.metadata.sorted_tables:
        if table is RESPONSES:
            continue
        for key in table.foreign_keys:
            if naming.get(key.column.table) == key.column.name:
                naming[table] = key.parent.name
    del naming[RESPONSES]
    return naming


def _plain(table: sa.Table) -> list[sa.Column[Any]]:
    return [sa.Column(column.name, column.type) for column in table.columns]


def _copied(name: str, columns: Sequence[sa.Column[Any]]) -> sa.Table:
    """Return a table that lives no longer than the transaction."""
    return sa.Table(name, sa.MetaData(), *columns, prefixes=["TEMPORARY"])
