"""Was everyone asked? Cases finished, invited, delivered, rated and completed, unit by unit, and who falls short.

The portal's feed says how many cases were finished; an invitation is due for each within a day of the day on which
it was finished. What an agency could do to be asked about less (skip cases, withdraw them, wait, close the time to
answer, let messages lie) shows here as a red flag in words. That somebody opened a link is not counted: GET changes
nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from survey.collection.withdrawn_cases import answered_case, left_out, withdrawal_of
from survey.db.instants import epoch_seconds
from survey.models import (
    Agency,
    Case,
    Channel,
    ClosedPeriod,
    Delivery,
    Invitation,
    MessageKind,
    QuestionnaireVersion,
    Response,
    State,
    Withdrawal,
)
from survey.organisation.dated_tree import valid
from survey.periods import LOCAL_ZONE, Period, local_day, parse
from survey.results import counts, coverage_flags, frozen_coverage
from survey.results.coverage_flags import HOURS, CoverageFlag
from survey.results.frozen_coverage import COVERED
from survey.results.open_cohort import WITHDRAWN
from survey.results.scope import Reader, Scope

STEPS = ("finished", "due", "due_invited", "invited", "in_time", "short", "sent", "delivered", "rated")
MEASURES = (*STEPS, "completed", *WITHDRAWN)
PUBLISHED = ("finished", "invited", "rated", *WITHDRAWN)
UNSENT = (State.FAILED, State.EXPIRED, State.DROPPED)


@dataclass(frozen=True)
class UnitCoverage:
    """Whether everyone was asked in one unit.

    `due`: finished long enough ago to be invited by now; `due_invited`: invited, of those; `delivered`: known to have
    arrived, None while no message was sent at all; `completed`: complete answers that were given in the period;
    `coverage` is None without due cases; `delay` the median in hours, None without invitations; `flags` are msgids with
    values; `prompt` says that not one invitation was late, short or unsent.
    """

    agency_id: int
    code: str
    name: Mapping[str, str]
    finished: int
    invited: int
    delivered: int | None
    rated: int
    completed: int
    withdrawn: int
    withdrawn_rated: int
    due: int
    due_invited: int
    coverage: float | None
    delay: float | None
    flags: tuple[CoverageFlag, ...]
    prompt: bool

    @property
    def whole(self) -> bool:
        """Return whether everyone who was due was asked, and in time."""
        return self.prompt and self.coverage in (None, 1.0) and self.withdrawn == self.withdrawn_rated


@dataclass(frozen=True)
class InvitationCoverage:
    """The lines of an agency's units in Vietnamese order, and the line of all together."""

    period: Period
    lines: tuple[UnitCoverage, ...]
    total: UnitCoverage

    @property
    def flagged(self) -> tuple[UnitCoverage, ...]:
        """Return the units with a red flag."""
        return tuple(line for line in self.lines if line.flags)


def invitation_coverage(session: Session, scope: Scope, at: dt.datetime) -> InvitationCoverage:
    """Return what became of the cases that were finished in a period in an agency's subtree, as known at `at`.

    Of a closed period it is what was known when it was closed: what comes later moves nothing in it.
    """
    period, tree = scope.period, scope.tree
    closing = scope.closing
    if closing is None:
        cases = _counted(session, period, scope.subtree, at, Response.submitted_at <= at)
    else:
        cases = _then(session, closing, scope.subtree)
        if len(covered := frozen_coverage.covered(session, closing, scope.subtree)):
            cases = frozen_coverage.with_more(cases.assign(**dict.fromkeys(COVERED, 0)), covered, COVERED)
    cases = frozen_coverage.with_more(cases.assign(completed=0), _completed(session, scope), ["completed"])
    cases["unit"] = cases["agency"].map(scope.unit_of)
    present = set(cases["unit"])
    units = [
        key
        for key in tree.children.get(scope.agency_id, ())
        if key in present or valid(tree.agencies[key], period.first, period.last)
    ]
    if scope.agency_id in present or not units:
        units.append(scope.agency_id)
    messages = bool(cases["messages"].sum())
    lines = [_line(tree.agencies[key], cases[cases["unit"] == key], messages) for key in units]
    total = _line(scope.agency, cases, messages)
    if closing is not None:
        frozen = _frozen(session, scope)
        nothing = dict.fromkeys(PUBLISHED, 0)
        lines = [_published(line, frozen.get(line.agency_id, nothing)) for line in lines]
        total = _published(total, {name: sum(row[name] for row in frozen.values()) for name in PUBLISHED})
    return InvitationCoverage(period, tuple(lines), total)


def covered_now(session: Session, closing: ClosedPeriod, agencies: list[int]) -> pd.DataFrame:
    """Return what is frozen with a closing while the answers still name their cases: `COVERED`, per agency."""
    return _then(session, closing, agencies).groupby("agency", as_index=False)[list(COVERED)].sum()


def _then(session: Session, closing: ClosedPeriod, subtree: list[int]) -> pd.DataFrame:
    """Return the counts of a closed period as they were known when it was closed."""
    period = parse(closing.code, closing.basis)
    there = Response.id <= closing.newest_response_id
    return _counted(session, period, subtree, closing.closed_at, there)


def _counted(
    session: Session, period: Period, subtree: list[int], at: dt.datetime, there: sa.ColumnElement[bool]
) -> pd.DataFrame:
    """Return the counts per agency and whole hours of delay, -1 where nobody was invited, of the answers `there`."""
    first, reminder = aliased(Delivery), aliased(Delivery)
    end_of_day = (sa.type_coerce(Case.finished_day, sa.BigInteger) + 1) * 86400 - _offset()
    late = epoch_seconds(session, Invitation.issued_at) - end_of_day
    delay = sa.case((Invitation.id.is_(None), -1), (late <= 0, 0), else_=(late + 3599) // 3600).label("delay")
    window = epoch_seconds(session, Invitation.expires_at) - epoch_seconds(session, Invitation.issued_at)
    last_due = local_day(at - dt.timedelta(hours=HOURS)) - dt.timedelta(days=1)
    rated = answered_case()
    arrived = sa.or_(rated, first.delivered_at <= at, reminder.delivered_at <= at)
    lost = sa.and_(first.state.in_(UNSENT), first.changed_at <= at)
    replaced = sa.select(Response.supersedes_id).where(sa.not_(there), Response.supersedes_id.is_not(None))
    # The invitation stands in both branches, so that the index of counted answers serves the first.
    own = Response.invitation_id == Invitation.id
    stood = sa.or_(sa.and_(Response.counted, own), sa.and_(Response.id.in_(replaced), own))
    due = Case.finished_day <= last_due
    withdrawn, left = Withdrawal.id.is_not(None), sa.case((left_out(), 1), else_=0).label("left_out")
    query = (
        sa.select(
            Case.resolving_agency_id.label("agency"),
            delay,
            left,
            sa.func.count().label("finished"),
            sa.func.count().filter(due).label("due"),
            sa.func.count().filter(due, Invitation.id.is_not(None)).label("due_invited"),
            sa.func.count(Invitation.id).label("invited"),
            sa.func.count().filter(window < HOURS * 3600).label("short"),
            sa.func.count().filter(sa.or_(rated, sa.and_(first.id.is_not(None), ~lost))).label("sent"),
            sa.func.count(first.id).label("messages"),
            sa.func.count().filter(arrived).label("delivered"),
            sa.func.count().filter(rated).label("rated"),
            sa.func.count().filter(withdrawn).label("withdrawn"),
            sa.func.count().filter(withdrawn, rated).label("withdrawn_rated"),
        )
        .select_from(Case)
        .outerjoin(Withdrawal, withdrawal_of(Case.id, at))
        .outerjoin(Invitation, sa.and_(Invitation.case_id == Case.id, Invitation.issued_at <= at))
        .outerjoin(Response, sa.and_(stood, there))
        .outerjoin(first, sa.and_(first.invitation_id == Invitation.id, first.kind == MessageKind.INVITATION))
        .outerjoin(reminder, sa.and_(reminder.invitation_id == Invitation.id, reminder.kind == MessageKind.REMINDER))
        .where(Case.finished_day.between(period.first, period.last), Case.resolving_agency_id.in_(subtree))
        .group_by("agency", "delay", "left_out")
    )
    result = session.execute(query)
    frame = pd.DataFrame([tuple(row) for row in result], columns=list(result.keys())).astype("int64")
    frame = frame.assign(in_time=np.where((frame["delay"] >= 0) & (frame["delay"] <= HOURS), frame["invited"], 0))
    frame.loc[frame["left_out"] == 1, [*STEPS, "messages"]] = 0  # of these nothing counts but that they were withdrawn
    return frame


def _offset() -> int:
    """Return how many seconds Viet Nam is ahead of UTC."""
    ahead = dt.datetime(2026, 1, 1, tzinfo=LOCAL_ZONE).utcoffset()
    return int(ahead.total_seconds()) if ahead else 0


def _completed(session: Session, scope: Scope) -> pd.DataFrame:
    """Return how many complete answers were given in the period, per agency: what answers tell without their cases."""
    every = replace(scope, reader=Reader.PROVINCE)  # how many answered is shown to everybody
    number = sa.select(Response.agency_id, sa.func.count()).where(Response.channel == Channel.INVITATION)
    number = number.where(_whole(session)).group_by(Response.agency_id)
    rows = [tuple(row) for those in counts.standing(every) for row in session.execute(number.where(*those))]
    return pd.DataFrame(rows, columns=["agency", "completed"]).astype("int64")


def _whole(session: Session) -> sa.ColumnElement[bool]:
    """Return the condition that every rated question was answered which its version asks of everybody."""
    whole = []
    for key, document, slots in session.execute(
        sa.select(QuestionnaireVersion.id, QuestionnaireVersion.document, QuestionnaireVersion.slots)
    ):
        sometimes = set(_conditional(document, False))
        asked = [slot for question, slot in slots.items() if question not in sometimes]
        whole.append(sa.and_(Response.questionnaire_id == key, *(getattr(Response, s).is_not(None) for s in asked)))
    return sa.or_(*whole) if whole else sa.false()


def _conditional(part: Any, below: bool) -> Iterator[str]:
    """Yield the ids of the questions that are asked under a condition, their own or that of a part above them."""
    if isinstance(part, Mapping):
        below = below or bool(part.get("show_if"))
        if below and "id" in part:
            yield str(part["id"])
        for inner in part.values():
            yield from _conditional(inner, below)
    elif isinstance(part, list):
        for inner in part:
            yield from _conditional(inner, below)


def _line(agency: Agency, cases: pd.DataFrame, messages: bool) -> UnitCoverage:
    sums = {name: int(cases[name].sum()) for name in MEASURES}
    invited = cases[cases["delay"] >= 0]
    delay = float(np.median(np.repeat(invited["delay"], invited["invited"]))) if sums["invited"] else None
    return UnitCoverage(
        agency.id,
        agency.code,
        agency.name,
        sums["finished"],
        sums["invited"],
        sums["delivered"] if messages else None,
        sums["rated"],
        sums["completed"],
        sums["withdrawn"],
        sums["withdrawn_rated"],
        sums["due"],
        sums["due_invited"],
        sums["due_invited"] / sums["due"] if sums["due"] else None,
        delay,
        tuple(coverage_flags.flags(sums, delay, messages)),
        sums["in_time"] == sums["invited"] and not sums["short"] and (not messages or sums["sent"] == sums["invited"]),
    )


def _frozen(session: Session, scope: Scope) -> dict[int, dict[str, int]]:
    """Return the cases, invitations and ratings with which a closed period was published, by unit."""
    cohort = counts.cohort(session, scope)
    return {int(row["unit"]): {name: int(row[name]) for name in PUBLISHED} for row in cohort.to_dict("records")}


def _published(line: UnitCoverage, values: Mapping[str, int]) -> UnitCoverage:
    """Return a line with the figures that were published; a case that was reported later is not missed in it."""
    late = line.finished - values["finished"]
    due = max(line.due - late, 0) if late > 0 else line.due
    asked = min(line.due_invited, due)  # not everybody invited: a case of the last day makes up for no other
    share = asked / due if due else None
    flags = coverage_flags.published(line.flags, {**values, "due": due, "due_invited": asked})
    return replace(
        line,
        finished=values["finished"],
        invited=values["invited"],
        rated=values["rated"],
        withdrawn=values["withdrawn"],
        withdrawn_rated=values["withdrawn_rated"],
        due=due,
        due_invited=asked,
        coverage=share,
        flags=tuple(flags),
        delivered=None if line.delivered is None else min(line.delivered, values["invited"]),
    )
