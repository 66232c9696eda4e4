"""The end of a call-back: counted once, told to the ledger, and nothing left that tells who was called."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from survey.callbacks import calls, drawing, figures, finishing
from survey.callbacks.counts import CallCounts, counts_kept
from survey.errors import Conflict
from survey.models import CallBackCase, CallBackDesign, CallBackNumber, CallBackStage, CallBackStratum, CallOutcome
from tests.support.callbacks import AFTER, call_everybody, drawn_design, entry_of, planner, sealed_design
from tests.support.factories import SECRET
from tests.support.ledgers import Ledger, ledger

__all__ = ["ledger"]
DAY = dt.timedelta(days=1)


def test_once_everybody_was_called_the_round_counts_and_erases(ledger: Ledger) -> None:
    number = drawn_design(ledger)
    assert finishing.run(ledger.store, AFTER) == 0, "people are still to be called"
    with ledger.writing() as session:
        call_everybody(session, planner(session), AFTER, satisfied=7, others=2)
    assert finishing.run(ledger.store, AFTER + DAY) == 1
    assert finishing.run(ledger.store, AFTER + DAY) == 0
    ledger.seal(AFTER + DAY)
    with ledger.store.session(writes=False) as session:
        design = session.get_one(CallBackDesign, number)
        assert design.results is not None
        assert counts_kept(design.results) == CallCounts(60, 20, 18, 12, 7, 0, 10, 2, 0)
        assert (design.frame, design.salt, design.stage) == (None, None, CallBackStage.FINISHED)
        assert set(session.scalars(sa.select(CallBackCase.case_id))) == {None}
        assert not session.scalars(sa.select(CallBackNumber)).all()
        assert not list(drawing.discrepancies(session, design))
        told = entry_of(session, "call_back_finished")
        assert set(told) == {"kind", "day", "period", "basis", "commitment"}
    with ledger.store.session(writes=True) as session:
        design = session.get_one(CallBackDesign, number)
        design.results = {**(design.results or {}), "silent_satisfied": 12}
        assert drawing.OTHER_RESULTS in set(drawing.discrepancies(session, design))


def test_whoever_was_not_reached_is_counted_as_unreached(ledger: Ledger) -> None:
    number = drawn_design(ledger)
    with ledger.writing() as session:
        staff_id = planner(session)
        lost = session.scalars(sa.select(CallBackCase).order_by(CallBackCase.id).limit(1)).one()
        session.execute(sa.delete(CallBackNumber).where(CallBackNumber.case_id == lost.case_id))
        person = calls.take_next(session, SECRET, staff_id, AFTER)
        assert person is not None
        calls.record(session, person.id, staff_id, calls.CallEnd(CallOutcome.REFUSAL, "a key of one form"), AFTER)
        finishing.finish(session, number, staff_id, AFTER)
        design = session.get_one(CallBackDesign, number)
        counts = counts_kept(design.results or {})
        assert (counts.silent_unreached, counts.answered_unreached) == (12, 10)
        ends = figures.outcomes(session, design)
        assert ends[CallBackStratum.SILENT][CallOutcome.NO_NUMBER] == 1
        assert sum((ends[CallBackStratum.SILENT] + ends[CallBackStratum.ANSWERED]).values()) == 22
        with pytest.raises(Conflict, match="moved on"):
            finishing.finish(session, number, staff_id, AFTER)


def test_a_round_draws_and_ends_what_has_had_its_time(ledger: Ledger) -> None:
    number = sealed_design(ledger)
    assert finishing.run(ledger.store, AFTER) == 0
    ledger.seal(AFTER)
    assert finishing.run(ledger.store, AFTER) == 1
    assert finishing.run(ledger.store, AFTER + finishing.LONGEST - DAY) == 0
    assert finishing.run(ledger.store, AFTER + finishing.LONGEST) == 1
    with ledger.store.session(writes=False) as session:
        assert session.get_one(CallBackDesign, number).stage == CallBackStage.FINISHED
