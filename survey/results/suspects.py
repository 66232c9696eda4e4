"""Answers by open codes that need a look: shown with what stands out, never left out by themselves.

Everybody may answer by an open code, as often as wanted, so these answers are only for reference; who floods them is
to be seen all the same. Nothing about a device is kept or read: what counts is the form, its time and its answers.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.collection.exclusions import in_force, undecided
from survey.models import SLOTS, Channel, Placement, Response
from survey.results import counts
from survey.results.scope import Scope

FASTEST_SECONDS = 3  # from opening the page to sending it: who reads the question takes longer
ALIKE, ALIKE_SECONDS = 5, 600  # so many equal sheets at one place within so long
MANY, MANY_SECONDS = 10, 60  # so many sheets of whatever kind


class Suspicion(enum.StrEnum):
    """What stands out about an answer."""

    TRAPPED = "trapped"
    FAST = "fast"
    ALIKE = "alike"
    MANY = "many"


@dataclass(frozen=True)
class SuspectGroup:
    """The answers of one place in which the same stands out, with the days of the first and the last one."""

    suspicion: Suspicion
    place: str  # the code of the placement
    agency_id: int
    answers: tuple[int, ...]
    satisfied: int
    first: dt.date
    last: dt.date


def suspects(session: Session, scope: Scope) -> list[SuspectGroup]:
    """Return what stands out among the open answers that count in a scope; one answer may be in several groups.

    Answers about which a proposal waits are no longer among them.
    """
    groups: dict[tuple[Suspicion, str], list[sa.Row[tuple[int, str, int, int, dt.date, bool, int, int, int]]]] = {}
    for row in session.execute(_striking(session, scope)):
        for suspicion in _suspicions(row):
            groups.setdefault((suspicion, row.code), []).append(row)
    order = list(Suspicion)
    return [
        SuspectGroup(
            suspicion,
            place,
            rows[0].agency_id,
            tuple(row.id for row in rows),
            sum(row.overall >= 4 for row in rows),
            min(row.day for row in rows),
            max(row.day for row in rows),
        )
        for (suspicion, place), rows in sorted(
            groups.items(), key=lambda item: (order.index(item[0][0]), -len(item[1]))
        )
    ]


def _suspicions(row: sa.Row[tuple[int, str, int, int, dt.date, bool, int, int, int]]) -> Iterator[Suspicion]:
    if row.trapped:
        yield Suspicion.TRAPPED
    if row.seconds is not None and row.seconds < FASTEST_SECONDS:
        yield Suspicion.FAST
    if row.alike >= ALIKE:
        yield Suspicion.ALIKE
    if row.many >= MANY:
        yield Suspicion.MANY


def _striking(session: Session, scope: Scope) -> sa.Select[tuple[int, str, int, int, dt.date, bool, int, int, int]]:
    if session.get_bind().dialect.name == "postgresql":
        at: sa.ColumnElement[int] = sa.cast(sa.func.extract("epoch", Response.submitted_at), sa.BigInteger)
    else:
        at = sa.cast(sa.func.strftime("%s", Response.submitted_at), sa.BigInteger)
    sheet = [Response.questionnaire_id, Response.overall, *(getattr(Response, slot) for slot in SLOTS)]
    sheet_of_place = [Response.placement_id, *sheet, sa.cast(Response.other, sa.Text)]

    def around(keys: Sequence[Any], seconds: int) -> sa.ColumnElement[int]:
        half = seconds // 2
        return sa.func.count().over(partition_by=keys, order_by=at, range_=(-half, half))

    open_answers = (
        sa.select(
            *(Response.id, Response.placement_id, Response.agency_id, Response.overall, Response.day),
            *(Response.trapped, Response.seconds),
            around(sheet_of_place, ALIKE_SECONDS).label("alike"),
            around([Response.placement_id], MANY_SECONDS).label("many"),
        )
        .where(*counts.within(scope), Response.channel == Channel.OPEN, Response.counted)
        .where(Response.id.not_in(undecided()), Response.id.not_in(in_force()))
        .subquery()
    )
    one = open_answers.c
    striking = sa.or_(one.trapped, one.seconds < FASTEST_SECONDS, one.alike >= ALIKE, one.many >= MANY)
    return (
        sa.select(
            *(one.id, Placement.code, one.agency_id, one.overall, one.day),
            *(one.trapped, one.seconds, one.alike, one.many),
        )
        .join(Placement, Placement.id == one.placement_id)
        .where(striking)
        .order_by(one.id)
    )
