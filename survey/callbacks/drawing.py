"""Draw who is called, by a seed that nobody could choose, and check a draw from the ledger alone.

The seed of a stratum is SHA-256 of the first checkpoint that covers the design, where witnesses are asked the first one
that any has signed, as it was published with all its signatures, and the stratum's name below it. The checkpoint did
not exist when the design and the frame were entered in the ledger; where witnesses have signed it, not even whoever
holds the ledger's key could try several.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analysis.call_back import draw, seed_of
from survey.audit import trail
from survey.audit.acts import Act
from survey.callbacks import frame, phones
from survey.callbacks.frame import NAME_BYTES
from survey.db.engine import Lock, exclusively
from survey.i18n import msgid
from survey.ledger.cosignatures import cosigned, first_with, in_use
from survey.ledger.entries import EntryKind, canonical, commitment, entry
from survey.ledger.events import tell
from survey.models import (
    CallBackCase,
    CallBackDesign,
    CallBackStage,
    CallBackStratum,
    LedgerCheckpoint,
    LedgerEntry,
    LedgerEvent,
)
from survey.periods import local_day

PATIENCE = dt.timedelta(days=1)  # with witnesses, before a design is drawn without them
NO_ENTRY = msgid("The design is not in the ledger as it stands here.")
OTHER_SEED = msgid("The seed is not that of the first checkpoint after the design.")
OTHER_DRAW = msgid("Other cases were drawn than the ledger and its seed say.")
OTHER_FRAME = msgid("The frame is not the one that was sealed.")
OTHER_CASES = msgid("A drawn case is not the one that its place in the frame names.")
OTHER_RESULTS = msgid("The results are not those that were told to the ledger.")


def positions(design: Mapping[str, Any], note: str) -> dict[CallBackStratum, tuple[int, ...]]:
    """Return the places in the frame that are drawn: by what the ledger says of a design, and a checkpoint.

    Nothing else is needed: whoever has the two can repeat the draw.
    """
    return {
        stratum: draw(design[name], design[f"{name}_calls"], seed_of(f"{note}{name}\n".encode()))
        for stratum, name in ((stratum, stratum.name.lower()) for stratum in CallBackStratum)
    }


def draw_due(session: Session, when: dt.datetime) -> int:
    """Draw for every design that a checkpoint covers; return for how many. Done again, nothing is drawn twice."""
    exclusively(session, Lock.CALLS)
    sealed = sa.select(CallBackDesign).where(CallBackDesign.stage == CallBackStage.SEALED)
    return sum(_draw(session, design, when) for design in session.scalars(sealed.with_for_update()).all())


def seed_checkpoint(session: Session, design: CallBackDesign, when: dt.datetime) -> LedgerCheckpoint | None:
    """Return the checkpoint that gives the seed: the first that covers a design and that a witness has signed.

    None while there is none yet. Where no witness is asked, or none has signed for a day, it is the first one.
    """
    number = _entry_number(session, design)
    first = None if number is None else first_with(session, number)
    if first is None or number is None:
        return None
    witnessed = first_with(session, number, witnessed=True)
    waits = bool(in_use(session)) and first.sealed_at + PATIENCE > when
    return witnessed or (None if waits else first)


def discrepancies(session: Session, design: CallBackDesign) -> Iterator[str]:
    """Yield what of a call-back is not as the ledger says, as msgids: of a plan nothing can be."""
    if design.stage == CallBackStage.PLANNED or design.about is None or design.nonce is None:
        return
    number = _entry_number(session, design)
    promised = commitment(design.nonce, canonical({"satisfied": design.satisfied}))
    sizes = (design.about["silent"] + design.about["answered"], design.about["answered"])
    agrees = (design.population, design.answered) == sizes and design.about["commitment"] == promised
    if (number is None and not _waits(session, EntryKind.CALL_BACK, design.about)) or not agrees:
        yield NO_ENTRY
    if design.frame is not None and not _same_frame(design, design.frame):
        yield OTHER_FRAME
    if design.stage >= CallBackStage.DRAWN and design.seed_note is not None:
        yield from _other_draw(session, design, design.about, design.seed_note)
    if design.stage == CallBackStage.FINISHED and design.results is not None:
        sealed = commitment(design.nonce, canonical(design.results))
        about = {"period": design.period_code, "basis": design.period_basis, "commitment": sealed}
        if not _is_in_ledger(session, EntryKind.CALL_BACK_FINISHED, about, design.least_entry):
            yield OTHER_RESULTS


def drawn_cases(session: Session, design: CallBackDesign) -> list[CallBackCase]:
    """Return the cases that were drawn, those of each stratum in their turn."""
    own = sa.select(CallBackCase).where(CallBackCase.call_back_id == design.id)
    return list(session.scalars(own.order_by(CallBackCase.stratum, CallBackCase.turn)))


def _draw(session: Session, design: CallBackDesign, when: dt.datetime) -> bool:
    checkpoint = seed_checkpoint(session, design, when)
    if checkpoint is None or design.about is None or design.frame is None or design.salt is None:
        return False
    note = cosigned(session, checkpoint)
    cases = dict(frame.cases_named(session, design.salt, design.first, design.last))
    chosen = positions(design.about, note)
    rows, names = [], b""
    for stratum, places in chosen.items():
        of_stratum = _names(design.about, design.frame, stratum)
        for turn, position in enumerate(places):
            name = frame.name_at(of_stratum, position)
            names += name
            where = {"stratum": stratum, "turn": turn, "position": position}
            rows.append({"call_back_id": design.id, **where, "case_id": cases.get(name)})
    session.execute(sa.insert(CallBackCase), rows)
    design.stage, design.drawn_at = CallBackStage.DRAWN, when
    design.seed_size, design.seed_note = checkpoint.size, note
    session.flush()
    phones.erase_needless(session)
    about = {"period": design.period_code, "basis": design.period_basis}
    seed = seed_of(note.encode()).hex()
    day, drawn = local_day(when), frame.digest(names)
    tell(session, EntryKind.CALL_BACK_DRAWN, day, **about, checkpoint=checkpoint.size, seed=seed, drawn=drawn)
    trail.append(session, None, Act.CALL_BACK_DRAWN, when, **about, number=len(rows))
    return True


def _other_draw(session: Session, design: CallBackDesign, about: Mapping[str, Any], note: str) -> Iterator[str]:
    if not _is_seed(session, design, note):
        yield OTHER_SEED
    rows = drawn_cases(session, design)
    there = {stratum: tuple(row.position for row in rows if row.stratum == stratum) for stratum in CallBackStratum}
    if there != positions(about, note):
        yield OTHER_DRAW
        return
    if design.frame is None or design.salt is None:
        return
    names = b""
    for row in rows:
        name = frame.name_at(_names(about, design.frame, row.stratum), row.position)
        names += name
        if row.case_id is not None and frame.name_of(design.salt, row.case_id) != name:
            yield OTHER_CASES
            return
    drawn = {"checkpoint": design.seed_size, "seed": seed_of(note.encode()).hex(), "drawn": frame.digest(names)}
    period = {"period": design.period_code, "basis": design.period_basis}
    if not _is_in_ledger(session, EntryKind.CALL_BACK_DRAWN, {**period, **drawn}, design.least_entry):
        yield OTHER_DRAW


def _names(about: Mapping[str, Any], names: bytes, stratum: CallBackStratum) -> bytes:
    end = about["silent"] * NAME_BYTES
    return names[:end] if stratum == CallBackStratum.SILENT else names[end:]


def _same_frame(design: CallBackDesign, names: bytes) -> bool:
    about = design.about or {}
    return all(
        frame.digest(_names(about, names, stratum)) == about[f"{stratum.name.lower()}_frame"]
        for stratum in CallBackStratum
    )


def _is_seed(session: Session, design: CallBackDesign, note: str) -> bool:
    """Return whether a note is of the checkpoint that had to be taken, with genuine signatures, each once, in order.

    Witnesses may have signed it since. Any other text, such as a signature twice, would be one more try at a seed; so
    would a later checkpoint than the first be, unless it is the first that was witnessed.
    """
    number = _entry_number(session, design)
    checkpoint = session.get(LedgerCheckpoint, design.seed_size)
    if number is None or checkpoint is None or not note.startswith(checkpoint.note):
        return False
    start = len(checkpoint.note)
    signed = cosigned(session, checkpoint)[start:].splitlines(keepends=True)
    lines = note[start:].split("\n")
    chosen = [f"{line}\n" for line in lines[:-1]]
    in_turn = checkpoint is first_with(session, number)
    in_turn = in_turn or (bool(chosen) and checkpoint is first_with(session, number, witnessed=True))
    return in_turn and lines[-1] == "" and chosen == [line for line in signed if line in chosen]


def _entry_number(session: Session, design: CallBackDesign) -> int | None:
    if design.sealed_at is None or design.about is None:
        return None
    content = entry(EntryKind.CALL_BACK, local_day(design.sealed_at), **design.about)
    own = sa.select(LedgerEntry.number).where(LedgerEntry.number >= (design.least_entry or 0))
    return session.scalars(own.where(LedgerEntry.content == content).limit(1)).one_or_none()


def _is_in_ledger(session: Session, kind: EntryKind, about: Mapping[str, Any], least: int | None) -> bool:
    """Return whether the ledger says this of some day, or is about to."""
    if _waits(session, kind, about):
        return True
    later = sa.select(LedgerEntry.content).where(LedgerEntry.number >= (least or 0))
    wanted, mark = {"kind": kind.value, **about}, f'"kind":"{kind.value}"'.encode()
    with session.execute(later, execution_options={"yield_per": 1000}) as rows:
        contents = [json.loads(row.content) for row in rows if mark in row.content]
    return any({**content, "day": None} == {**wanted, "day": None} for content in contents)


def _waits(session: Session, kind: EntryKind, about: Mapping[str, Any]) -> bool:
    waiting = session.scalars(sa.select(LedgerEvent.about).where(LedgerEvent.kind == kind.value))
    return any(one == dict(about) for one in waiting)
