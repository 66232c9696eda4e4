"""Numbers to call: kept sealed from the plan of a call-back on, and erased as soon as nobody needs them any more.

Without a plan none is kept. Before the draw those of all cases of the period are needed, for nobody knows who will be
drawn; after it only those that were drawn and have not been reached. The portal may hand them over as late as that:
then only those that are needed are ever kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from survey.db.slices import rows_in
from survey.delivery import contact
from survey.delivery.contact import Contact
from survey.models import AddressKind, CallBackCase, CallBackDesign, CallBackNumber, CallBackStage, Case

KEPT = dt.timedelta(days=150)  # a quarter, and the time to draw and call: nothing waits for longer
_BEFORE = (CallBackStage.PLANNED, CallBackStage.SEALED)


def keep(
    session: Session,
    secret: str,
    contacts: Mapping[bytes, Contact],
    languages: Mapping[bytes, str | None],
    when: dt.datetime,
) -> None:
    """Keep the telephone numbers of those of these cases, by their hashed codes, that a call-back needs.

    The last word counts. Called in the transaction that records the cases.
    """
    phones = {code: to.address for code, to in contacts.items() if to.kind == AddressKind.PHONE}
    running = sa.select(sa.exists().where(CallBackDesign.stage != CallBackStage.FINISHED))
    if not phones or not session.scalar(running):
        return
    rows = sa.select(Case.id, Case.code_hash, CallBackNumber).outerjoin(
        CallBackNumber, CallBackNumber.case_id == Case.id
    )
    for case_id, code, kept in list(rows_in(session, rows.where(_needed(Case.id)), Case.code_hash, phones)):
        sealed = contact.seal(secret, bound_to(case_id), phones[code], "")
        language = languages.get(code)
        if kept is None:
            session.add(CallBackNumber(case_id=case_id, sealed=sealed, language=language, kept_at=when))
        elif opened(secret, case_id, kept.sealed) != phones[code]:
            kept.sealed, kept.language, kept.kept_at = sealed, language or kept.language, when
    session.flush()


def opened(secret: str, case_id: int, sealed: bytes) -> str | None:
    """Return the number that is kept for a case; None if it was sealed under another secret."""
    plain = contact.unseal(secret, bound_to(case_id), sealed)
    return None if plain is None else plain[0]


def erase_needless(session: Session) -> None:
    """Erase every number that no call-back needs any more."""
    session.execute(sa.delete(CallBackNumber).where(sa.not_(_needed(CallBackNumber.case_id))))


def bound_to(case_id: int) -> str:
    """Return what the sealed number of a case is bound to."""
    return f"call back {case_id}"


def _needed(case_id: sa.ColumnElement[int] | InstrumentedAttribute[int]) -> sa.ColumnElement[bool]:
    """Return the condition that somebody may be called about a case."""
    of = aliased(Case)
    covered = sa.and_(CallBackDesign.first <= of.finished_day, CallBackDesign.last >= of.finished_day)
    before = sa.exists().where(of.id == case_id, CallBackDesign.stage.in_(_BEFORE), covered)
    waiting = sa.exists().where(CallBackCase.case_id == case_id, CallBackCase.outcome.is_(None))
    return sa.or_(before, waiting)
