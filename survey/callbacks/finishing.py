"""Finish a call-back: count it, tell the ledger, and erase whatever tells who was called."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.callbacks import counts, designs, drawing, figures, phones
from survey.db.engine import Database, Lock, exclusively
from survey.ledger.entries import EntryKind, canonical, commitment
from survey.ledger.events import tell
from survey.models import CallBackCase, CallBackDesign, CallBackNumber, CallBackStage, CallOutcome
from survey.organisation.agencies import revise
from survey.periods import local_day

LONGEST = dt.timedelta(days=45)  # from the draw on: then whoever was not reached stays so


def run(database: Database, when: dt.datetime) -> int:
    """Draw and finish what is due; return how many call-backs moved on. Done again, nothing is done twice."""
    with database.session(writes=False) as session:  # a look takes no lock, and most rounds have nothing to do
        running = sa.exists().where(CallBackDesign.stage.in_([CallBackStage.SEALED, CallBackStage.DRAWN]))
        if not session.scalar(sa.select(running)):
            return 0
    with database.session(writes=True) as session:
        moved = drawing.draw_due(session, when)
        ended = [design for design in _under_way(session) if _is_over(session, design, when)]
        for design in ended:
            _finish(session, design, None, when)
        session.commit()
    if ended:
        database.leave_nothing(rewritten=False)
    return moved + len(ended)


def finish(session: Session, number: int, staff_id: int, when: dt.datetime) -> CallBackDesign:
    """Finish a call-back now: whoever was not reached counts as unreached, and is not called any more.

    Raises:
        NotFound: there is none.
        Conflict: nobody was drawn yet, or it is finished.
    """
    design = designs.held(session, number, CallBackStage.DRAWN)
    _finish(session, design, staff_id, when)
    return design


def _finish(session: Session, design: CallBackDesign, staff_id: int | None, when: dt.datetime) -> None:
    rows = drawing.drawn_cases(session, design)
    there = set(session.scalars(sa.select(CallBackNumber.case_id)))
    for row in rows:
        if row.outcome is None:
            row.outcome = CallOutcome.ENDED if row.tries or row.case_id in there else CallOutcome.NO_NUMBER
    if design.nonce is None:
        raise ValueError("a call-back that was drawn has a nonce")
    design.results = counts.as_kept(figures.counted(design, rows))
    design.stage, design.finished_at = CallBackStage.FINISHED, when
    design.salt = design.frame = None
    session.flush()
    nobody = {"case_id": None, "held_by": None, "held_until": None, "last_key": None}
    session.execute(sa.update(CallBackCase).where(CallBackCase.call_back_id == design.id).values(**nobody))
    session.expire_all()
    phones.erase_needless(session)
    about = {"period": design.period_code, "basis": design.period_basis}
    sealed = commitment(design.nonce, canonical(design.results))
    tell(session, EntryKind.CALL_BACK_FINISHED, local_day(when), **about, commitment=sealed)
    revise(session)
    trail.append(session, staff_id, Act.CALL_BACK_FINISHED, when, **about)


def _under_way(session: Session) -> list[CallBackDesign]:
    exclusively(session, Lock.CALLS)
    drawn = sa.select(CallBackDesign).where(CallBackDesign.stage == CallBackStage.DRAWN)
    return list(session.scalars(drawn.order_by(CallBackDesign.id).with_for_update()))


def _is_over(session: Session, design: CallBackDesign, when: dt.datetime) -> bool:
    if design.drawn_at is not None and design.drawn_at + LONGEST <= when:
        return True
    waiting = sa.exists().where(CallBackCase.call_back_id == design.id, CallBackCase.outcome.is_(None))
    return not session.scalar(sa.select(waiting))
