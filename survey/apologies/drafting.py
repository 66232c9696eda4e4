"""Draft a letter for each case that is finished after its due day, and take back what a correction makes needless.

A case has one letter, whatever is told of it. Where it goes is kept with the draft, sealed, until that is decided.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.slices import rows_in
from survey.db.upsert import insert_or_ignore
from survey.delivery import contact, letters
from survey.delivery.contact import Contact
from survey.models import AddressKind, Apology, ApologyStatus, Case
from survey.periods import local_day
from survey.settings import Settings

KEPT = dt.timedelta(days=14)  # the longest that an address waits for a decision
RECENT = dt.timedelta(days=30)  # nobody is written to about a case that was finished longer ago
DRAFTED, TAKEN_BACK = ApologyStatus.DRAFTED, ApologyStatus.TAKEN_BACK
_DRAFT = insert_or_ignore(cast(sa.Table, Apology.__table__), ["case_id"])


def apology_ways(settings: Settings) -> frozenset[AddressKind] | None:
    """Return to which kinds of address letters go from an installation; None if it drafts none."""
    return letters.ways(settings) if settings.apologies == "on" else None


def follow(session: Session, codes: Collection[bytes], when: dt.datetime, *, drafts: bool) -> None:
    """Let the letters follow cases that were recorded or corrected, by their hashed codes.

    Called in the transaction that records them. One that was taken back is drafted anew if its case is late again; one
    that stays takes a turn, so that nobody approves it as it was before.
    """
    stored = sa.select(Case.id, Case.finished_day, letters.late().label("late"), Apology.status).outerjoin(
        Apology, Apology.case_id == Case.id
    )
    rows = list(rows_in(session, stored, Case.code_hash, codes))
    earliest = local_day(when) - RECENT
    wanted = [row for row in rows if drafts and row.late and row.finished_day >= earliest]
    new = [row.id for row in wanted if row.status is None]
    if new:
        draft = {"status": DRAFTED, "drafted_at": when, "turn": 1}
        session.execute(_DRAFT, [{"case_id": case_id, **draft} for case_id in sorted(new)])
    again = {"status": DRAFTED, "drafted_at": when, "address_kind": None}
    _turn(session, (row.id for row in wanted if row.status == TAKEN_BACK), TAKEN_BACK, again)
    needless = (row.id for row in rows if row.status == DRAFTED and not row.late)
    _turn(session, needless, DRAFTED, {"status": TAKEN_BACK, "contact": None, "words": None})
    _turn(session, (row.id for row in rows if row.status == DRAFTED and row.late), DRAFTED, {})


def address(
    session: Session,
    secret: str,
    usable: Collection[AddressKind],
    contacts: Mapping[bytes, Contact],
    languages: Mapping[bytes, str | None],
    when: dt.datetime,
) -> None:
    """Keep where the drafts about cases go, by their hashed codes, and in which language; the last word counts.

    What no carrier would take is not kept, nor an address that would be erased before anybody decides.
    """
    kept = {code: to for code, to in contacts.items() if to.kind in usable}
    waiting = (
        sa.select(Case.code_hash, Apology.id, Apology.case_id, Apology.contact, Apology.address_kind, Apology.language)
        .join(Apology, Apology.case_id == Case.id)
        .where(Apology.status == DRAFTED, Apology.drafted_at > when - KEPT)
        .with_for_update(of=Apology)
    )
    for row in rows_in(session, waiting, Case.code_hash, kept):
        to, language = kept[row.code_hash], languages.get(row.code_hash) or row.language
        before = None if row.contact is None else opened(secret, row.case_id, row.contact)
        if (row.address_kind, before, row.language) == (to.kind, to.address, language):
            continue
        sealed = contact.seal(secret, bound_to(row.case_id), to.address, "")
        new = {"contact": sealed, "address_kind": to.kind, "language": language, "turn": Apology.turn + 1}
        session.execute(sa.update(Apology).where(Apology.id == row.id).values(**new))


def opened(secret: str, case_id: int, sealed: bytes) -> str | None:
    """Return the address that waits with the draft about a case; None if it was sealed under another secret."""
    plain = contact.unseal(secret, bound_to(case_id), sealed)
    return None if plain is None else plain[0]


def kept_before(moment: dt.datetime) -> sa.ColumnElement[bool]:
    """Return which letters still hold an address though they were drafted before a moment."""
    return sa.and_(Apology.contact.is_not(None), Apology.drafted_at < moment)


def bound_to(case_id: int) -> str:
    """Return what the sealed address of the draft about a case is bound to."""
    return f"apology {case_id}"


def _turn(session: Session, case_ids: Iterable[int], before: ApologyStatus, values: dict[str, object]) -> None:
    """Turn letters that still stand as they did; one that was decided meanwhile is left."""
    rows = [{"case": case_id} for case_id in case_ids]
    if rows:
        same = (Apology.case_id == sa.bindparam("case"), Apology.status == before)
        statement = sa.update(Apology).where(*same).values(**values, turn=Apology.turn + 1)
        session.connection().execute(statement, rows)
