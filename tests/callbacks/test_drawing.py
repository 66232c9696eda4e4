"""The draw: nobody can choose it, everybody can repeat it from the ledger, and a change of it is found."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.callbacks import designs, drawing, frame
from survey.callbacks.designs import SamplePlan
from survey.ledger.cosignatures import cosigned
from survey.models import (
    CallBackCase,
    CallBackDesign,
    CallBackNumber,
    CallBackStage,
    CallBackStratum,
    Invitation,
    LedgerCheckpoint,
    LedgerCosignature,
    LedgerEvent,
    LedgerWitness,
    Response,
)
from tests.support.callbacks import AFTER, SAMPLE, drawn_design, entry_of, finish_cases, planned, sealed_design
from tests.support.ledgers import Ledger, ledger

__all__ = ["ledger"]
DAY = dt.timedelta(days=1)


def repeated(seed: bytes, cases: int, calls: int) -> list[int]:
    """Repeat a draw with SHA-256 and nothing of ours."""
    chosen: list[int] = []
    counter, bits = 0, (cases - 1).bit_length()
    while len(chosen) < calls:
        block = hashlib.sha256(seed + counter.to_bytes(8, "big")).digest()
        place = int(f"{int.from_bytes(block, 'big'):0256b}"[:bits] or "0", 2)
        if place < cases and place not in chosen:
            chosen.append(place)
        counter += 1
    return chosen


def test_whoever_has_the_ledger_alone_repeats_the_draw(ledger: Ledger) -> None:
    number = sealed_design(ledger)
    with ledger.writing() as session:
        assert drawing.draw_due(session, AFTER) == 0, "no checkpoint covers the design yet"
    ledger.seal(AFTER)
    with ledger.writing() as session:
        finish_cases(session, 3, 0, 0, first=500)
    ledger.seal(AFTER + DAY)  # a later one is not taken
    with ledger.writing() as session:
        assert drawing.draw_due(session, AFTER + DAY) == 1
        assert drawing.draw_due(session, AFTER + DAY) == 0
    with ledger.store.session(writes=False) as session:
        design, told = session.get_one(CallBackDesign, number), entry_of(session, "call_back")
        note = session.scalars(sa.select(LedgerCheckpoint.note).order_by(LedgerCheckpoint.size)).first()
        rows = drawing.drawn_cases(session, design)
        for stratum, calls in ((CallBackStratum.SILENT, 12), (CallBackStratum.ANSWERED, 10)):
            name = stratum.name.lower()
            seed = hashlib.sha256(f"{note}{name}\n".encode()).digest()
            assert told[f"{name}_calls"] == calls
            there = [row.position for row in rows if row.stratum == stratum]
            assert there == repeated(seed, int(str(told[name])), calls)
        assert design.frame is not None
        silent, answered = design.frame[: 40 * 32], design.frame[40 * 32 :]
        for names, digest in ((silent, told["silent_frame"]), (answered, told["answered_frame"])):
            assert hashlib.sha256(names).hexdigest() == digest
            parts = [names[at : at + 32] for at in range(0, len(names), 32)]
            assert parts == sorted(parts)


def test_the_ledger_says_before_the_draw_what_is_drawn_from_what_and_not_who_is_satisfied(ledger: Ledger) -> None:
    sealed_design(ledger)
    ledger.seal(AFTER)
    with ledger.store.session(writes=False) as session:
        told = entry_of(session, "call_back")
    assert {
        name: told[name] for name in ("period", "silent", "silent_calls", "answered", "answered_calls", "tries")
    } == {
        "period": "2026-09",
        "silent": 40,
        "silent_calls": 12,
        "answered": 20,
        "answered_calls": 10,
        "tries": 3,
    }
    assert "satisfied" not in told and 18 not in told.values()


def test_each_stratum_holds_its_own_cases_and_only_drawn_ones_keep_their_number(ledger: Ledger) -> None:
    number = drawn_design(ledger)
    with ledger.store.session(writes=False) as session:
        rows = drawing.drawn_cases(session, session.get_one(CallBackDesign, number))
        answered = set(session.scalars(sa.select(Invitation.case_id).join(Response)))
        assert [row.stratum for row in rows] == [CallBackStratum.SILENT] * 12 + [CallBackStratum.ANSWERED] * 10
        assert all((row.case_id in answered) == (row.stratum == CallBackStratum.ANSWERED) for row in rows)
        assert set(session.scalars(sa.select(CallBackNumber.case_id))) == {row.case_id for row in rows}


def test_what_is_answered_after_the_frame_was_made_changes_no_stratum(ledger: Ledger) -> None:
    number = sealed_design(ledger)
    with ledger.writing() as session:
        counted = frame.cohort_counts(session, designs.period_of(session.get_one(CallBackDesign, number)))
        assert (counted.population, counted.answered, counted.satisfied) == (60, 20, 18)
        finish_cases(session, 5, 5, 0, first=900)
    ledger.seal(AFTER)
    with ledger.writing() as session:
        drawing.draw_due(session, AFTER)
        design = session.get_one(CallBackDesign, number)
        assert (design.population, design.answered, design.satisfied) == (60, 20, 18)
        assert not list(drawing.discrepancies(session, design))


def _other_seed(session: Session, design: CallBackDesign) -> None:
    design.seed_note = (design.seed_note or "").replace("\n", "x\n", 1)


def _other_case(session: Session, _design: CallBackDesign) -> None:
    one, two = session.scalars(sa.select(CallBackCase).order_by(CallBackCase.id).limit(2))
    one.case_id, two.case_id = two.case_id, one.case_id


def _other_place(session: Session, _design: CallBackDesign) -> None:
    row = session.scalars(sa.select(CallBackCase).order_by(CallBackCase.id).limit(1)).one()
    row.position = (row.position + 1) % 40


def _other_counts(_session: Session, design: CallBackDesign) -> None:
    design.satisfied = 20


def _other_population(_session: Session, design: CallBackDesign) -> None:
    design.population = 61


def _other_design(_session: Session, design: CallBackDesign) -> None:
    design.about = {**(design.about or {}), "silent_calls": 11}


def _other_frame(_session: Session, design: CallBackDesign) -> None:
    design.frame = bytes(32) + (design.frame or b"")[32:]


def _fewer(session: Session, _design: CallBackDesign) -> None:
    session.delete(session.scalars(sa.select(CallBackCase).order_by(CallBackCase.id.desc()).limit(1)).one())


CHANGES: dict[str, tuple[Callable[[Session, CallBackDesign], None], set[str]]] = {
    "seed": (_other_seed, {drawing.OTHER_SEED, drawing.OTHER_DRAW}),
    "case": (_other_case, {drawing.OTHER_CASES}),
    "place": (_other_place, {drawing.OTHER_DRAW}),
    "counts": (_other_counts, {drawing.NO_ENTRY}),
    "population": (_other_population, {drawing.NO_ENTRY}),
    "design": (_other_design, {drawing.NO_ENTRY, drawing.OTHER_SEED, drawing.OTHER_DRAW}),
    "frame": (_other_frame, {drawing.OTHER_FRAME}),
    "fewer": (_fewer, {drawing.OTHER_DRAW}),
}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # the check is Python's
def test_a_change_of_the_design_the_seed_or_who_was_drawn_is_found(ledger: Ledger) -> None:
    number = drawn_design(ledger)
    ledger.seal(AFTER)
    for name, (change, wrong) in CHANGES.items():
        with ledger.store.session(writes=True) as session:
            design = session.get_one(CallBackDesign, number)
            assert not list(drawing.discrepancies(session, design))
            change(session, design)
            session.flush()
            found: set[Any] = set(drawing.discrepancies(session, design))
            assert wrong <= found, name
            session.rollback()


def test_where_witnesses_are_asked_the_seed_is_the_first_checkpoint_that_one_has_signed(ledger: Ledger) -> None:
    number = sealed_design(ledger)
    with ledger.writing() as session:
        session.add(LedgerWitness(id=1, name="báo", url="https://bao.example", verifier="báo+1", added_at=AFTER))
    sizes = []
    for day in range(2):
        with ledger.writing() as session:
            finish_cases(session, 3, 1, 0, first=500 + 10 * day)
        sizes.append(getattr(ledger.seal(AFTER + day * DAY / 3), "size", 0))
        with ledger.writing() as session:
            assert drawing.draw_due(session, AFTER + day * DAY / 3) == 0, "a witness is waited for"
    line = "\N{EM DASH} báo c2lnbmF0dXJl"
    with ledger.writing() as session:
        session.add(LedgerCosignature(checkpoint_size=sizes[1], witness_id=1, line=line))
        session.flush()
        assert drawing.draw_due(session, AFTER + DAY / 2) == 1
    with ledger.writing() as session:
        design = session.get_one(CallBackDesign, number)
        assert design.seed_size == sizes[1] > sizes[0] and (design.seed_note or "").endswith(f"{line}\n")
        assert not list(drawing.discrepancies(session, design))
        own = design.seed_note or ""
        head = own.removesuffix(f"{line}\n")
        for otherwise in (
            own.replace("c2lnbmF0dXJl", "Zm9yZ2Vk"),
            own.replace("example.vn", "example.vm", 1),
            head,
            f"{own}x",
            f"{own}{line}\n",
            f"{own}\n",
            own.removesuffix("\n"),
            f"{head}\n{line}\n",
            own.replace("\n", "\r\n"),
        ):
            design.seed_note = otherwise
            session.flush()
            assert drawing.OTHER_SEED in set(drawing.discrepancies(session, design)), otherwise
    with ledger.writing() as session:
        finish_cases(session, 3, 1, 0, first=600)
    later = getattr(ledger.seal(AFTER + DAY), "size", 0)
    with ledger.store.session(writes=True) as session:
        session.add(LedgerCosignature(checkpoint_size=later, witness_id=1, line=line))
        session.flush()
        design = session.get_one(CallBackDesign, number)
        design.seed_size, design.seed_note = later, cosigned(session, session.get_one(LedgerCheckpoint, later))
        session.flush()
        assert drawing.OTHER_SEED in set(drawing.discrepancies(session, design)), "one of later, though it is genuine"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # a number is compared
def test_a_design_that_is_the_very_next_entry_of_the_ledger_is_drawn(ledger: Ledger) -> None:
    with ledger.writing() as session:
        number = planned(session, SamplePlan(2, 0, 3)).id
        finish_cases(session, 4, 0, 0)
    before = getattr(ledger.seal(AFTER), "size", 0)
    with ledger.writing() as session:
        designs.seal(session, number, SamplePlan(2, 0, 3), 1, AFTER)
    ledger.seal(AFTER)
    with ledger.writing() as session:
        assert drawing.draw_due(session, AFTER) == 1
        design = session.get_one(CallBackDesign, number)
        assert not list(drawing.discrepancies(session, design))
    with ledger.store.session(writes=True) as session:
        design, known_before = session.get_one(CallBackDesign, number), session.get_one(LedgerCheckpoint, before)
        design.seed_size, design.seed_note = before, known_before.note
        session.flush()
        assert drawing.OTHER_SEED in set(drawing.discrepancies(session, design)), "it was there before the design"
        session.rollback()
        session.execute(sa.delete(LedgerEvent).where(LedgerEvent.kind == "call_back_drawn"))
        design = session.get_one(CallBackDesign, number)
        assert set(drawing.discrepancies(session, design)) == {drawing.OTHER_DRAW}, "the ledger is told of no draw"
        session.rollback()
    later = getattr(ledger.seal(AFTER), "size", 0)
    with ledger.store.session(writes=True) as session:
        design = session.get_one(CallBackDesign, number)
        design.seed_size, design.seed_note = later, session.get_one(LedgerCheckpoint, later).note
        session.flush()
        assert drawing.OTHER_SEED in set(drawing.discrepancies(session, design)), "a later one, that nobody witnessed"


def test_after_a_day_without_witnesses_the_first_checkpoint_is_taken(ledger: Ledger) -> None:
    number = sealed_design(ledger)
    with ledger.writing() as session:
        session.add(LedgerWitness(id=1, name="báo", url="https://bao.example", verifier="báo+1", added_at=AFTER))
    ledger.seal(AFTER)
    with ledger.writing() as session:
        assert drawing.draw_due(session, AFTER + drawing.PATIENCE - DAY / 24) == 0
        assert drawing.draw_due(session, AFTER + drawing.PATIENCE) == 1
        assert not list(drawing.discrepancies(session, session.get_one(CallBackDesign, number)))


def test_a_frame_is_refused_once_links_are_cut(ledger: Ledger) -> None:
    with ledger.writing() as session:
        number = planned(session).id
        finish_cases(session, 30, 10, 9)
        session.execute(sa.update(Invitation).values(used=True))
    with ledger.store.session(writes=True) as session:
        session.execute(sa.update(Response).values(invitation_id=None))
        with pytest.raises(designs.Conflict, match="begun to be cut"):
            designs.seal(session, number, SAMPLE, 1, AFTER)
        session.rollback()
        assert session.get_one(CallBackDesign, number).stage == CallBackStage.PLANNED
