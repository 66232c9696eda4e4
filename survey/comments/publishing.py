"""What a unit tells everybody about what people said and what was done, and since when.

A unit's staff write an entry and hand it in; another account, of the province, publishes or refuses it. Whoever had a
hand in its words may not decide on it. Every step is kept with the words as they stood after it.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import Conflict, Forbidden
from survey.i18n import msgid
from survey.models import Improvement, ImprovementStatus, ImprovementStep
from survey.redaction.checking import Faults, TextFault, fault_of_text

LONGEST = {"voice": 300, "measure": 600, "reason": 500}
EARLIEST = dt.timedelta(days=5 * 366)  # before today
DRAFT, WAITING, PUBLISHED, REFUSED, WITHDRAWN = ImprovementStatus

MOVED_ON = msgid("Somebody else has changed this entry meanwhile. Please look at it again.")
_NOTHING = msgid("Please write something here.")
_NO_DAY = msgid("Choose the day since when it is so.")
_FAR_DAY = msgid("Choose a day of the last five years, today at the latest: only what is done is told.")
_NO_REASON = msgid("Please write why. Who wrote the entry reads it.")
_NOT_YOURS = msgid("Another account of the province decides on this entry: not one that wrote on it.")


class PublishingStep(enum.StrEnum):
    """What can be done with an entry."""

    SAVE = "save"
    HAND_IN = "hand_in"
    TAKE_BACK = "take_back"
    PUBLISH = "publish"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


WRITING = frozenset({PublishingStep.SAVE, PublishingStep.HAND_IN})
DECIDING = frozenset({PublishingStep.PUBLISH, PublishingStep.REFUSE})
REASONED = frozenset({PublishingStep.REFUSE, PublishingStep.WITHDRAW})
_LEADS: Mapping[PublishingStep, tuple[frozenset[ImprovementStatus], ImprovementStatus, Act]] = {
    PublishingStep.SAVE: (frozenset({DRAFT, REFUSED}), DRAFT, Act.IMPROVEMENT_SAVED),
    PublishingStep.HAND_IN: (frozenset({DRAFT, REFUSED}), WAITING, Act.IMPROVEMENT_HANDED_IN),
    PublishingStep.TAKE_BACK: (frozenset({WAITING}), DRAFT, Act.IMPROVEMENT_TAKEN_BACK),
    PublishingStep.PUBLISH: (frozenset({WAITING}), PUBLISHED, Act.IMPROVEMENT_PUBLISHED),
    PublishingStep.REFUSE: (frozenset({WAITING}), REFUSED, Act.IMPROVEMENT_REFUSED),
    PublishingStep.WITHDRAW: (frozenset({PUBLISHED}), WITHDRAWN, Act.IMPROVEMENT_WITHDRAWN),
}


@dataclass(frozen=True)
class EntryWords:
    """What an entry says: what people said, what was done, and since which day."""

    voice: str
    measure: str
    since: dt.date | None


@dataclass(frozen=True)
class Actor:
    """Who does something with an entry, and whether the account may decide for the province."""

    staff_id: int
    decides: bool


def faults(wording: EntryWords, today: dt.date) -> Faults:
    """Return what is wrong with the words of an entry, by field."""
    wrong: dict[str, TextFault | None] = {}
    for name, words in (("voice", wording.voice), ("measure", wording.measure)):
        wrong[name] = fault_of_text(words, LONGEST[name]) if words else (_NOTHING, {})
    if wording.since is None:
        wrong["since"] = (_NO_DAY, {})
    elif not today - EARLIEST <= wording.since <= today:
        wrong["since"] = (_FAR_DAY, {})
    return {name: fault for name, fault in wrong.items() if fault}


def reason_faults(reason: str) -> Faults:
    """Return what is wrong with the reason for which an entry is refused or withdrawn."""
    fault = fault_of_text(reason, LONGEST["reason"]) if reason else (_NO_REASON, {})
    return {"reason": fault} if fault else {}


def add(
    session: Session, agency_id: int, wording: EntryWords, actor: Actor, at: dt.datetime, *, hand_in: bool
) -> Improvement:
    """Write a new entry of a unit; its wording must be without `faults`."""
    step = PublishingStep.HAND_IN if hand_in else PublishingStep.SAVE
    entry = Improvement(agency_id=agency_id, status=_LEADS[step][1], **vars(wording), turn=1, changed_at=at)
    session.add(entry)
    session.flush()
    _keep(session, entry, step, actor, at, None)
    return entry


def take(
    session: Session,
    entry: Improvement,
    step: PublishingStep,
    actor: Actor,
    at: dt.datetime,
    *,
    turn: int,
    wording: EntryWords | None = None,
    reason: str = "",
) -> None:
    """Take a step with an entry as it stood at `turn`; `wording` for a step that writes, `reason` where one is asked.

    Raises:
        Conflict: the entry has moved on, or does not stand so that this step leads anywhere.
        Forbidden: this account may not decide on it.
    """
    before, after, _act = _LEADS[step]
    session.refresh(entry, with_for_update=True)
    if step in DECIDING and not may_decide(session, entry, actor):
        raise Forbidden(_NOT_YOURS)
    if entry.turn != turn or entry.status not in before:
        raise Conflict(MOVED_ON)
    if wording and step in WRITING:
        for name, value in vars(wording).items():
            setattr(entry, name, value)
    if step == PublishingStep.PUBLISH:
        entry.published_at = at
    entry.status, entry.turn, entry.changed_at = after, turn + 1, at
    _keep(session, entry, step, actor, at, reason if step in REASONED else None)


def offered(session: Session, entry: Improvement, actor: Actor) -> list[PublishingStep]:
    """Return the steps that an account may take with an entry of its own agencies as it stands."""
    deciding = may_decide(session, entry, actor)
    return [
        step for step, (before, *_) in _LEADS.items() if entry.status in before and (step not in DECIDING or deciding)
    ]


def may_decide(session: Session, entry: Improvement, actor: Actor) -> bool:
    """Return whether an account may publish or refuse an entry: one of the province, without a hand in its words."""
    return actor.decides and actor.staff_id not in writers(session, entry)


def writers(session: Session, entry: Improvement) -> set[int]:
    """Return the accounts that had a hand in the words of an entry."""
    wrote = ImprovementStep.status.in_((DRAFT, WAITING))
    return set(session.scalars(sa.select(ImprovementStep.staff_id).where(_of(entry), wrote)))


def history(session: Session, entry: Improvement) -> Sequence[ImprovementStep]:
    """Return the steps of an entry, the first one first."""
    return session.scalars(sa.select(ImprovementStep).where(_of(entry)).order_by(ImprovementStep.turn)).all()


def entry_of(session: Session, number: int, agency_ids: Collection[int]) -> Improvement | None:
    """Return the entry with this number if it is one of these agencies."""
    entry = session.get(Improvement, number)
    return entry if entry is not None and entry.agency_id in agency_ids else None


def tally(session: Session, agency_ids: Collection[int]) -> Counter[ImprovementStatus]:
    """Return how many entries of these agencies stand how."""
    counted = sa.select(Improvement.status, sa.func.count().label("number")).where(
        Improvement.agency_id.in_(agency_ids)
    )
    return Counter({row.status: row.number for row in session.execute(counted.group_by(Improvement.status))})


def entries(
    session: Session, agency_ids: Collection[int], status: ImprovementStatus | None, first: int, most: int
) -> Sequence[Improvement]:
    """Return entries of these agencies, what changed last first, from the place `first` on (0 is the first)."""
    wanted = sa.select(Improvement).where(Improvement.agency_id.in_(agency_ids))
    if status is not None:
        wanted = wanted.where(Improvement.status == status)
    newest = (Improvement.changed_at.desc(), Improvement.id.desc())
    return session.scalars(wanted.order_by(*newest).offset(first).limit(most)).all()


def published_by_agency(session: Session) -> dict[int, int]:
    """Return how many entries of each agency are shown to everybody; those without any are left out."""
    counted = sa.select(Improvement.agency_id, sa.func.count().label("number")).where(Improvement.status == PUBLISHED)
    return {row.agency_id: row.number for row in session.execute(counted.group_by(Improvement.agency_id))}


def published(session: Session, agency_ids: Collection[int], first: int, most: int) -> Sequence[Improvement]:
    """Return what everybody may read of these agencies, the newest first, from the place `first` on."""
    shown = (Improvement.status == PUBLISHED, Improvement.agency_id.in_(agency_ids))
    newest = (Improvement.published_at.desc(), Improvement.id.desc())
    return session.scalars(sa.select(Improvement).where(*shown).order_by(*newest).offset(first).limit(most)).all()


def state(session: Session) -> tuple[object, ...]:
    """Return what differs as soon as anything that everybody may read does."""
    last = sa.func.max(Improvement.changed_at).filter(Improvement.status.in_((PUBLISHED, WITHDRAWN)))
    return tuple(session.execute(sa.select(last, sa.func.count())).one())


def _of(entry: Improvement) -> sa.ColumnElement[bool]:
    return ImprovementStep.improvement_id == entry.id


def _keep(
    session: Session, entry: Improvement, step: PublishingStep, actor: Actor, at: dt.datetime, reason: str | None
) -> None:
    now = {name: getattr(entry, name) for name in ("turn", "status", "voice", "measure", "since")}
    session.add(ImprovementStep(improvement_id=entry.id, **now, at=at, staff_id=actor.staff_id, reason=reason))
    session.flush()
    trail.append(session, actor.staff_id, _LEADS[step][2], at, improvement=entry.id)
