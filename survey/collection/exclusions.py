"""Leave answers out of what is counted, and count them again: one account proposes, another one decides.

Nothing is erased and nothing is changed but whether an answer counts, and not even that once a period with its day is
closed: what was told of it stays, in every later period as well, and what it would be without the answer stands beside.
An answer by invitation can be left out only once nothing joins it to its case: until then the time of a proposal would
tell when it was given. So no judged figure moves by what is left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from survey.audit import trail
from survey.audit.acts import Act
from survey.db.engine import Lock, exclusively
from survey.db.slices import rows_in
from survey.errors import Conflict, Forbidden, NotFound
from survey.i18n import msgid
from survey.ledger.entries import EntryKind
from survey.ledger.events import tell_of_answers
from survey.models import (
    ClosedPeriod,
    ExcludedAnswer,
    Exclusion,
    ExclusionDecision,
    ExclusionKind,
    ExclusionReason,
    Response,
)
from survey.organisation.agencies import revise
from survey.periods import local_day
from survey.redaction import redact

NONE_LEFT = msgid(
    "None of these answers can be proposed: they are left out already, somebody has proposed it before, they do not "
    "count, or they came by invitation and are still joined to their case."
)
NONE_EXCLUDED = msgid("None of these answers is left out, or somebody has proposed before to count them again.")
_EFFECT = sa.case((Exclusion.kind == ExclusionKind.EXCLUDE, 1), else_=-1)
_ANSWERS = cast("sa.Table", ExcludedAnswer.__table__)
_CARRY = sa.insert(_ANSWERS).from_select(
    ["exclusion_id", "response_id"],
    sa.select(_ANSWERS.c.exclusion_id, sa.bindparam("later")).where(_ANSWERS.c.response_id == sa.bindparam("earlier")),
)


@dataclass(frozen=True)
class Grounds:
    """Why something is proposed: one of a few reasons, and what it is about in words."""

    reason: ExclusionReason
    words: str


def in_force(newest: int | None = None) -> sa.Select[int]:
    """Return the SELECT of the answers that two accounts have agreed to leave out, and not yet to count again.

    With `newest`, by the decisions up to that number.
    """
    decided = sa.and_(ExclusionDecision.exclusion_id == Exclusion.id, ExclusionDecision.agreed)
    if newest is not None:
        decided = sa.and_(decided, ExclusionDecision.id <= newest)
    return (
        sa.select(ExcludedAnswer.response_id)
        .join(Exclusion, Exclusion.id == ExcludedAnswer.exclusion_id)
        .join(ExclusionDecision, decided)
        .group_by(ExcludedAnswer.response_id)
        .having(sa.func.sum(_EFFECT) > 0)
    )


@cache
def uncounted() -> sa.Select[int]:
    """Return the SELECT of the answers that do not count: by decisions taken before a period with their day was closed.

    What is decided later changes it no more. Worked out once: a guarded reader's page asks for it sixty times.
    """
    answer = aliased(Response)
    closed = sa.select(ClosedPeriod.id).where(
        ClosedPeriod.first <= answer.day,
        ClosedPeriod.last >= answer.day,
        ClosedPeriod.newest_decision_id < ExclusionDecision.id,
    )
    before = sa.not_(closed.correlate(answer, ExclusionDecision).exists())
    return in_force().join(answer, answer.id == ExcludedAnswer.response_id).where(before)


def undecided() -> sa.Select[int]:
    """Return the SELECT of the answers about which a proposal waits for a second account."""
    return (
        sa.select(ExcludedAnswer.response_id)
        .outerjoin(ExclusionDecision, ExclusionDecision.exclusion_id == ExcludedAnswer.exclusion_id)
        .where(ExclusionDecision.id.is_(None))
    )


def propose(
    session: Session, kind: ExclusionKind, answers: Collection[int], grounds: Grounds, staff_id: int, when: dt.datetime
) -> Exclusion:
    """Propose to leave answers out or to count them again, on record; those of which that cannot be said are passed by.

    Raises:
        Conflict: it can be said of none of them.
    """
    exclusively(session, Lock.EXCLUSIONS)
    subject = _proposable(session, kind, answers)
    if not subject:
        raise Conflict(NONE_LEFT if kind == ExclusionKind.EXCLUDE else NONE_EXCLUDED)
    words = redact(grounds.words).text
    exclusion = Exclusion(kind=kind, reason=grounds.reason, words=words, staff_id=staff_id, proposed_at=when)
    session.add(exclusion)
    session.flush()
    rows = [{"exclusion_id": exclusion.id, "response_id": answer} for answer in subject]
    session.execute(sa.insert(ExcludedAnswer), rows)
    act = Act.EXCLUSION_PROPOSED if kind == ExclusionKind.EXCLUDE else Act.RESTORATION_PROPOSED
    reason = grounds.reason.name.lower()
    revise(session)
    trail.append(session, staff_id, act, when, exclusion=exclusion.id, answers=len(subject), reason=reason)
    return exclusion


def decide(session: Session, exclusion_id: int, agreed: bool, staff_id: int, when: dt.datetime) -> None:
    """Agree to a proposal, which takes effect at once where no period is closed, or refuse it, on record.

    Raises:
        NotFound: there is no such proposal.
        Conflict: it was decided before.
        Forbidden: whoever proposed it agrees.
    """
    exclusively(session, Lock.EXCLUSIONS)
    exclusion = session.get(Exclusion, exclusion_id)
    if exclusion is None:
        raise NotFound("There is no such proposal.")
    if session.scalar(sa.select(ExclusionDecision.id).where(ExclusionDecision.exclusion_id == exclusion_id)):
        raise Conflict("This proposal has been decided before.")
    if agreed and exclusion.staff_id == staff_id:
        raise Forbidden("You made this proposal yourself: another account of the province must agree to it.")
    session.add(ExclusionDecision(exclusion_id=exclusion_id, agreed=agreed, staff_id=staff_id, decided_at=when))
    session.flush()  # first: a closing that is under way is waited for
    act, answers = Act.EXCLUSION_REFUSED, len(subject_of(session, exclusion_id))
    if agreed:
        excluding = exclusion.kind == ExclusionKind.EXCLUDE
        act = Act.EXCLUSION_AGREED if excluding else Act.RESTORATION_AGREED
        _count(session, exclusion_id, counted=not excluding)
        _tell(session, exclusion, local_day(when))
    revise(session)
    trail.append(session, staff_id, act, when, exclusion=exclusion_id, answers=answers)
    session.flush()


def subject_of(session: Session, exclusion_id: int) -> list[int]:
    """Return the answers that a proposal is about."""
    return list(session.scalars(sa.select(ExcludedAnswer.response_id).where(_about(exclusion_id))))


def carry_over(connection: sa.Connection, earlier: int, later: int, day: dt.date) -> None:
    """Let what was proposed about an answer hold for the one that takes its place on a day, too."""
    connection.execute(_CARRY, {"earlier": earlier, "later": later})
    left_out = in_force().where(ExcludedAnswer.response_id == later)
    tell_of_answers(connection, EntryKind.EXCLUDED, day, left_out, {"counts": False})


def _about(exclusion_id: int) -> sa.ColumnElement[bool]:
    return ExcludedAnswer.exclusion_id == exclusion_id


def _count(session: Session, exclusion_id: int, *, counted: bool) -> None:
    """Change whether the answers of a proposal count whose day no closed period has, and what takes their place."""
    own = sa.select(ExcludedAnswer.response_id).where(_about(exclusion_id))
    # First: who changes one of them just now is waited for, and the answer that takes its place is seen below.
    session.execute(sa.select(Response.id).where(Response.id.in_(own)).with_for_update())
    later = aliased(Response)
    replaced = sa.exists().where(later.supersedes_id == Response.id).correlate(Response)
    closed = sa.exists().where(ClosedPeriod.first <= Response.day, ClosedPeriod.last >= Response.day)
    change = sa.update(Response).where(Response.id.in_(own), Response.counted != counted, sa.not_(closed))
    if counted:
        change = change.where(sa.not_(replaced))
    session.execute(change.values(counted=counted), execution_options={"synchronize_session": False})


def _tell(session: Session, exclusion: Exclusion, day: dt.date) -> None:
    """Tell the ledger of each answer, and whether it counts now: it does not move where a period is closed."""
    kind = EntryKind.EXCLUDED if exclusion.kind == ExclusionKind.EXCLUDE else EntryKind.RESTORED
    own = sa.select(ExcludedAnswer.response_id).where(_about(exclusion.id))
    for counts in (True, False):
        about = {"counts": counts, "reason": exclusion.reason.name.lower()}
        answers = sa.select(Response.id).where(Response.id.in_(own), Response.counted.is_(counts))
        tell_of_answers(session, kind, day, answers, about)


def _proposable(session: Session, kind: ExclusionKind, answers: Collection[int]) -> list[int]:
    """Return of which of these answers, and what took their place, it can be proposed."""
    query = sa.select(Response.id).where(Response.id.not_in(undecided()))
    if kind == ExclusionKind.EXCLUDE:
        query = query.where(Response.counted, Response.invitation_id.is_(None), Response.id.not_in(in_force()))
    else:
        query = query.where(Response.id.in_(in_force()))
    return sorted(row.id for row in rows_in(session, query, Response.id, _with_successors(session, answers)))


def _with_successors(session: Session, answers: Collection[int]) -> set[int]:
    every, newest = set(answers), set(answers)
    while newest:
        later = rows_in(session, sa.select(Response.id), Response.supersedes_id, newest)
        newest = {row.id for row in later} - every
        every |= newest
    return every
