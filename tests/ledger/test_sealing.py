"""Sealing is whole or not at all: whatever breaks off, and however many seal at once, the ledger only grows."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from survey.errors import Conflict
from survey.ledger import numbering, sealing, signing_key, tree
from survey.models import LedgerEntry, Response
from tests.support import factories
from tests.support.ledgers import NOON, Ledger
from tests.support.tampering import without_triggers


class BrokenOffError(Exception):
    """The process ends here."""


def answers(ledger: Ledger, number: int = 3) -> None:
    with ledger.writing() as session:
        for _ in range(number):
            factories.response(session, 4, when=NOON)


STEPS = ("_append", "_answers", "_happened")


@pytest.mark.parametrize("step", [*STEPS, "sign", "remember"])
def test_a_crash_at_each_step_leaves_the_old_checkpoint_or_the_new_one(
    sealed: Ledger, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = sealed.verify().checkpoint
    answers(sealed)

    def end(*_arguments: object, **_named: object) -> None:
        raise BrokenOffError

    module = {"sign": sealing, "remember": signing_key}.get(step, numbering)
    with monkeypatch.context() as patch:
        patch.setattr(module, step, end)
        with pytest.raises(BrokenOffError):
            sealed.seal()
    interrupted = sealed.verify(before)
    assert interrupted.discrepancies == () and before is not None and interrupted.checkpoint is not None
    assert interrupted.checkpoint.size in (before.size, before.size + 3)
    sealed.seal()
    done = sealed.verify(before)
    assert done.discrepancies == () and done.waiting == 0 and done.checkpoint is not None
    assert done.checkpoint.size == before.size + 3


def test_two_who_seal_at_once_do_no_harm(sealed: Ledger) -> None:
    answers(sealed, 12)
    faults: list[BaseException] = []

    def seal() -> None:
        try:
            sealed.seal()
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=seal) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result = sealed.verify()
    assert faults == [] and result.discrepancies == () and result.waiting == 0


def test_batches_give_the_same_numbers_as_one_would(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(ledger, 7)
    sealing.number(ledger.store, 2)
    with ledger.store.session(writes=False) as session:
        assert sorted(session.scalars(sa.select(Response.entry))) == list(range(7))
        assert tree.size(session) == session.scalar(sa.select(sa.func.count()).select_from(LedgerEntry))


def test_a_restored_older_database_is_not_signed(sealed: Ledger, tmp_path: Path) -> None:
    ahead = signing_key.signed_last(sealed.key)
    assert ahead is not None
    note = signing_key.load(sealed.key).sign(type(ahead)(ahead.origin, ahead.size + 5, bytes(32)).text())
    signing_key.remember(sealed.key, note)
    answers(sealed)
    with pytest.raises(Conflict, match="older"):
        sealed.seal()


def test_a_ledger_whose_signed_part_was_changed_is_not_signed_again(sealed: Ledger) -> None:
    answers(sealed)
    with sealed.writing() as session:
        without_triggers(session)
        session.execute(sa.update(LedgerEntry).where(LedgerEntry.number == 2).values(leaf=bytes(32)))
    with pytest.raises(Conflict):
        sealed.seal()


def test_the_database_refuses_to_change_or_delete_what_the_ledger_holds(sealed: Ledger) -> None:
    for statement in (
        "UPDATE ledger_entry SET content = 'x' WHERE number = 1",
        "DELETE FROM ledger_entry WHERE number = 1",
        "DELETE FROM ledger_checkpoint",
        "UPDATE ledger_checkpoint SET note = 'x'",
    ):
        with sealed.store.session(writes=True) as session, pytest.raises(sa.exc.DatabaseError, match="only added to"):
            session.execute(sa.text(statement))


LEDGER_TAMPERING = {
    "entry": "UPDATE ledger_entry SET content = leaf WHERE number = 3",
    "leaf": "UPDATE ledger_entry SET leaf = content WHERE number = 3",
    "removal": "DELETE FROM ledger_entry WHERE number = 3",
    "end": "DELETE FROM ledger_entry WHERE number >= 10",
    "checkpoint": "UPDATE ledger_checkpoint SET size = size - 1",
}


@pytest.mark.parametrize("tampering", LEDGER_TAMPERING)
def test_a_ledger_that_was_tampered_with_is_found_by_itself(sealed: Ledger, tampering: str) -> None:
    with sealed.writing() as session:
        without_triggers(session)
        session.execute(sa.text(LEDGER_TAMPERING[tampering]))
    assert sealed.verify().discrepancies


def test_a_ledger_written_anew_is_found_by_one_old_checkpoint_alone(sealed: Ledger) -> None:
    old = sealed.verify().checkpoint
    with sealed.writing() as session:
        without_triggers(session)
        for table in ("ledger_entry", "ledger_subtree", "ledger_checkpoint"):
            session.execute(sa.text(f"DELETE FROM {table}"))
        session.execute(sa.text("UPDATE response SET overall = 5, entry = NULL, salt = NULL"))
    for beside in sealed.key.parent.glob("ledger_key.signed"):
        beside.unlink()
    sealed.seal()
    assert not [one for one in sealed.verify().discrepancies if "ngày" in str(one)], "it agrees with itself"
    assert any("viết lại" in str(one) or "cắt bỏ" in str(one) for one in sealed.verify(old).discrepancies)
