"""Units whose judged answers look unlike those of all others: signs for the province to look into, never a proof.

They come from what every answer has: when it was sent, how long its page was open, its ratings, and what came later by
the same link. No sign leaves anything out or enters a figure. They are told while a period is open: once the links of
its answers are cut, nobody can tell any more when each was sent. Their honest and their dishonest rates of alarm are
measured by `python -m bench cheating`; docs/trust.en.md has the table.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from analysis.integrity import FullestDay, UnlikeTheRest, fullest_day, unlike_the_rest
from survey.db.instants import epoch_seconds
from survey.db.types import EPOCH
from survey.models import NO_OPINION, SLOTS, Case, Channel, Invitation, Response
from survey.results import counts
from survey.results.disclosure import disclosure
from survey.results.scope import Reader, Scope, Standard
from survey.results.suspects import FASTEST_SECONDS

HONEST_ALARMS = 0.01  # the share of honest units with any sign in a period that is borne
FEWEST_UNITS = 10  # with answers enough, below which units cannot be compared
MOST_RATED = 4  # ratings of a sheet beside the overall one, from which equal ones are looked at
READING_SECONDS = 2  # for each rating: some seven words at the 300 ms a word of Zhang & Conrad 2014
AT_ONCE_SECONDS = 600
DAY_SECONDS, LOCAL_SECONDS = 86400, 7 * 3600
LONGEST_WAIT = 31  # days from an invitation to its answer that are told apart


class Sign(enum.StrEnum):
    """What may stand out about the answers of a unit."""

    AT_ONCE = "at_once"
    FAST = "fast"
    STRAIGHT = "straight"
    MANY_ANSWER = "many_answer"
    LOWERED = "lowered"
    FULL_DAY = "full_day"


LEVEL = HONEST_ALARMS / len(Sign)
COUNTED = {Sign.AT_ONCE: "answers", Sign.FAST: "timed", Sign.STRAIGHT: "rated", Sign.LOWERED: "answers"}


@dataclass(frozen=True)
class UnitSign:
    """One sign at one unit: `k` of `n`, and the share that is usual at the others.

    Of a full day `k` are the answers of the `day`, `n` those of the period, and `usual` how many were to be expected.
    """

    unit: int
    sign: Sign
    k: int
    n: int
    usual: float
    day: dt.date | None = None


@dataclass(frozen=True)
class UnitSigns:
    """The signs of a period, unit by unit, and how many units were compared: none with fewer than `FEWEST_UNITS`."""

    compared: int
    signs: tuple[UnitSign, ...]

    @property
    def enough(self) -> bool:
        """Return whether there were units enough to compare."""
        return self.compared >= FEWEST_UNITS


def unit_signs(session: Session, scope: Scope, standard: Standard) -> UnitSigns | None:
    """Return what stands out among the judged answers of an open period; None of a closed one, or for other readers.

    Only units of which it may be shown what people said are compared (`disclosure`), so no sign rests on fewer answers.
    """
    if scope.closing is not None or scope.reader is not Reader.PROVINCE:
        return None
    days = _answers(session, scope)
    units = _units(session, scope, days)
    shown = disclosure(session, scope, standard.fewest)
    withheld = shown.rows("unit", Channel.INVITATION, units.index.to_list(), units["answers"].to_list())
    units = units[[not why and number > 0 for why, number in zip(withheld, units["answers"], strict=True)]]
    if len(units) < FEWEST_UNITS:
        return UnitSigns(len(units), ())
    signs = [one for sign, whole in COUNTED.items() for one in _shares(units, sign, whole, standard.fewest)]
    signs += _shares(units, Sign.MANY_ANSWER, "invited", standard.fewest)
    signs += _full_days(session, scope, days[days["unit"].isin(units.index)], units.index)
    order = list(Sign)
    return UnitSigns(len(units), tuple(sorted(signs, key=lambda one: (one.unit, order.index(one.sign)))))


def _answers(session: Session, scope: Scope) -> pd.DataFrame:
    """Return the counts of answers per agency, day of the invitation and day of the answer, as days since 1970."""
    slots = [getattr(Response, slot) for slot in SLOTS]
    rated = sum((sa.case((slot.between(1, 5), 1), else_=0) for slot in slots), sa.literal(0))
    equal = [sa.or_(slot.is_(None), slot.in_((Response.overall, NO_OPINION))) for slot in slots]
    read = sa.case((rated == 0, FASTEST_SECONDS), else_=(rated + 1) * READING_SECONDS)
    waited = epoch_seconds(session, Response.submitted_at) - epoch_seconds(session, Invitation.issued_at)
    invited_on = _local_day(session).label("invited_on")
    measures = {
        "answers": sa.func.count(),
        "at_once": sa.func.count().filter(waited <= AT_ONCE_SECONDS),
        "timed": sa.func.count(Response.seconds),
        "fast": sa.func.count().filter(Response.seconds < read),
        "rated": sa.func.count().filter(rated >= MOST_RATED),
        "straight": sa.func.count().filter(rated >= MOST_RATED, *equal),
    }
    day = sa.type_coerce(Response.day, sa.Integer)
    query = (
        sa.select(Response.agency_id, invited_on, day, *measures.values())
        .join(Invitation, Invitation.id == Response.invitation_id)
        .where(Response.channel == Channel.INVITATION)
        .group_by(Response.agency_id, invited_on, Response.day)
    )
    rows = [tuple(row) for those in counts.standing(scope) for row in session.execute(query.where(*those))]
    frame = pd.DataFrame(rows, columns=["agency", "invited_on", "day", *measures]).astype("int64")
    return frame.assign(unit=frame["agency"].map(scope.unit_of))


def _units(session: Session, scope: Scope, days: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of the signs per unit."""
    measures = ["answers", "at_once", "timed", "fast", "rated", "straight"]
    units = days.groupby("unit")[measures].sum()
    cohort = counts.cohort(session, scope).set_index("unit")
    asked = cohort[["invited", "rated"]].rename(columns={"rated": "many_answer"})
    lowered = _lowered(session, scope).groupby("unit")["lowered"].sum()
    units = units.join(asked).join(lowered).fillna(0).astype("int64")
    return units.assign(
        lowered=units[["lowered", "answers"]].min(axis=1), many_answer=units[["many_answer", "invited"]].min(axis=1)
    )


def _lowered(session: Session, scope: Scope) -> pd.DataFrame:
    """Return per agency how many people gave a lower rating later, by the same link: they overrule who was there."""
    later, before = Response, aliased(Response)
    query = (
        sa.select(later.agency_id, sa.func.count(later.invitation_id.distinct()))
        .join(before, before.id == later.supersedes_id)
        .where(sa.not_(later.amends), before.overall > later.overall, later.channel == Channel.INVITATION)
        .where(later.agency_id.in_(scope.subtree), later.day.between(scope.period.first, scope.period.last))
        .group_by(later.agency_id)
    )
    frame = pd.DataFrame([tuple(row) for row in session.execute(query)], columns=["agency", "lowered"])
    frame = frame.astype("int64")
    return frame.assign(unit=frame["agency"].map(scope.unit_of))


def _shares(units: pd.DataFrame, sign: Sign, whole: str, fewest: int) -> Iterator[UnitSign]:
    enough = units[units[whole] >= fewest]
    result: UnlikeTheRest = unlike_the_rest(enough[sign.value].to_numpy(), enough[whole].to_numpy(), LEVEL)
    for unit, k, n, flag in zip(enough.index, result.k, result.n, result.flag, strict=True):
        if flag:
            yield UnitSign(int(unit), sign, int(k), int(n), result.usual)


def _full_days(session: Session, scope: Scope, days: pd.DataFrame, units: pd.Index[int]) -> Iterator[UnitSign]:
    """Yield the units with a day too full for the invitations that went out, and for how long people wait."""
    first = (scope.period.first - EPOCH).days
    number = int(days["day"].max()) - first + 1
    rows = {int(unit): row for row, unit in enumerate(units)}
    answered = np.zeros((len(units), number), dtype="int64")
    of_unit = days["unit"].map(rows).to_numpy()
    np.add.at(answered, (of_unit, days["day"].to_numpy() - first), days["answers"].to_numpy())
    wait = (days["day"] - days["invited_on"]).clip(0, LONGEST_WAIT).to_numpy()
    waits = np.bincount(wait, days["answers"].to_numpy(), minlength=LONGEST_WAIT + 1)
    invited = np.zeros((len(units), LONGEST_WAIT + number))
    for agency, day, count in _invited(session, scope, first - LONGEST_WAIT, first + number - 1):
        if (row := rows.get(scope.unit_of.get(agency, 0))) is not None:
            invited[row, day - first + LONGEST_WAIT] += count
    hoped = sum(
        waits[late] * invited[:, LONGEST_WAIT - late : LONGEST_WAIT - late + number] for late in range(LONGEST_WAIT + 1)
    )
    result: FullestDay = fullest_day(answered, hoped, LEVEL)
    for row in np.flatnonzero(result.flag).tolist():
        fullest = scope.period.first + dt.timedelta(days=int(result.day[row]))
        k, n = int(result.count[row]), int(answered[row].sum())
        yield UnitSign(int(units[row]), Sign.FULL_DAY, k, n, float(result.expected[row]), fullest)


def _invited(session: Session, scope: Scope, first: int, last: int) -> Iterator[tuple[int, int, int]]:
    """Yield how many invitations went out per agency and day."""
    day = _local_day(session)
    query = (
        sa.select(Case.resolving_agency_id, day, sa.func.count())
        .join_from(Invitation, Case, Case.id == Invitation.case_id)
        .where(Case.resolving_agency_id.in_(scope.subtree), day.between(first, last))
        .group_by(Case.resolving_agency_id, day)
    )
    yield from ((agency, when, number) for agency, when, number in session.execute(query))


def _local_day(session: Session) -> sa.ColumnElement[int]:
    """Return the local day of an invitation, as days since 1970."""
    day: sa.ColumnElement[int] = (epoch_seconds(session, Invitation.issued_at) + LOCAL_SECONDS) // DAY_SECONDS
    return day
