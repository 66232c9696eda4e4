"""Cosignatures: which checkpoint is the first that holds an entry, and what stands below it when it goes out."""

from __future__ import annotations

from survey.ledger import cosignatures
from survey.models import LedgerCosignature, LedgerWitness
from tests.support import factories
from tests.support.ledgers import NOON, Ledger


def test_an_entry_stands_in_the_first_checkpoint_that_is_larger_than_its_number(sealed: Ledger) -> None:
    sizes = []
    for _ in range(3):
        with sealed.writing() as session:
            factories.response(session, 4, when=NOON)
        sizes.append(getattr(sealed.seal(), "size", 0))
    one, two, three = sizes
    with sealed.writing() as session:
        for number in (1, 2):
            row = {"name": f"w{number}", "url": f"https://w{number}.example", "verifier": f"w{number}+1"}
            session.add(LedgerWitness(id=number, added_at=NOON, **row))
        session.flush()
        for number in (2, 1):
            session.add(LedgerCosignature(checkpoint_size=two, witness_id=number, line=f"line of {number}"))
        session.flush()
        first = {at: cosignatures.first_with(session, at) for at in (one - 1, one, three)}
        assert {at: row and row.size for at, row in first.items()} == {one - 1: one, one: two, three: None}
        witnessed = {at: cosignatures.first_with(session, at, witnessed=True) for at in (one - 1, one, two)}
        assert {at: row and row.size for at, row in witnessed.items()} == {one - 1: two, one: two, two: None}
        whole = witnessed[one]
        assert whole is not None
        assert cosignatures.cosigned(session, whole) == f"{whole.note}line of 1\nline of 2\n", "as they were added"
        alone = first[one - 1]
        assert alone is not None and cosignatures.cosigned(session, alone) == alone.note
