"""Signatures that are kept are genuine, and those that were given are kept; else `verify` says whose and of what."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from survey.ledger import discrepancies as words
from survey.ledger import signing_key
from survey.models import LedgerCheckpoint, LedgerCosignature, LedgerWitness
from survey.operations import audit_bundle, audit_check, cosigning, witnesses
from tests.support import factories
from tests.support.ledgers import NOON, Ledger
from tests.support.tampering import without_triggers
from tests.support.witnesses import NAME, served, witness_in

TABLES = ("ledger_checkpoint", "ledger_cosignature", "ledger_witness")


@pytest.fixture
def witnessed(sealed: Ledger, tmp_path: Path) -> Iterator[Ledger]:
    """Two checkpoints that a witness has signed and one that it has not; it is asked no more."""
    witness = witness_in(tmp_path / "witness", signing_key.load(sealed.key))
    with served(witness) as address:
        with sealed.writing() as session:
            witnesses.add(session, address, str(witness.public), NOON)
        for asks in (True, True, False):
            with sealed.writing() as session:
                factories.response(session, 4, when=NOON)
            sealed.seal()
            assert cosigning.ask_all(sealed.store, lambda: NOON) == 1 if asks else True
        with sealed.writing() as session:
            witnesses.remove(session, NAME, NOON)
        yield sealed


def changed(line: str) -> str:
    """Return a line of a signature in which one character of the signature is another."""
    return line[:-12] + ("A" if line[-12] != "A" else "B") + line[-11:]


def forged(rows: list[LedgerCosignature], _witness: LedgerWitness, _notes: list[LedgerCheckpoint]) -> None:
    rows[0].line = changed(rows[0].line)


def swapped(rows: list[LedgerCosignature], _witness: LedgerWitness, _notes: list[LedgerCheckpoint]) -> None:
    rows[0].line = rows[1].line


def doubled(rows: list[LedgerCosignature], _witness: LedgerWitness, _notes: list[LedgerCheckpoint]) -> None:
    rows[0].line += f"\n{rows[0].line}"


def no_line(rows: list[LedgerCosignature], _witness: LedgerWitness, _notes: list[LedgerCheckpoint]) -> None:
    rows[0].line = "Đã ký"


def other_key(_rows: list[LedgerCosignature], witness: LedgerWitness, _notes: list[LedgerCheckpoint]) -> None:
    witness.verifier = changed(witness.verifier)


def own_forged(_rows: list[LedgerCosignature], _witness: LedgerWitness, notes: list[LedgerCheckpoint]) -> None:
    notes[0].note = changed(notes[0].note.rstrip("\n")) + "\n"


def added_to(_rows: list[LedgerCosignature], _witness: LedgerWitness, notes: list[LedgerCheckpoint]) -> None:
    notes[0].note += notes[0].note.rstrip("\n").rpartition("\n")[2] + "\n"


Tampering = Callable[[list[LedgerCosignature], LedgerWitness, list[LedgerCheckpoint]], None]
TAMPERINGS: dict[Tampering, tuple[str, int]] = {
    forged: (words.FORGED_COSIGNATURE, 1),
    swapped: (words.FORGED_COSIGNATURE, 1),
    doubled: (words.FORGED_COSIGNATURE, 1),
    no_line: (words.FORGED_COSIGNATURE, 1),
    other_key: (words.FORGED_COSIGNATURE, 2),
    own_forged: (words.UNSIGNED_CHECKPOINT, 1),
    added_to: (words.UNSIGNED_CHECKPOINT, 1),
}


def test_genuine_signatures_are_no_fault_nor_is_a_witness_that_was_removed(
    witnessed: Ledger, client: FlaskClient
) -> None:
    assert witnessed.verify().discrepancies == ()
    with witnessed.store.session(writes=False) as session:
        newest = session.scalars(sa.select(LedgerCheckpoint).order_by(LedgerCheckpoint.size.desc())).first()
    assert newest is not None and client.get("/ledger/checkpoint").text == newest.note, "what is kept is served"


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda one: one.__name__)
def test_what_was_not_signed_so_is_named(witnessed: Ledger, tampering: Tampering) -> None:
    message, number = TAMPERINGS[tampering]
    with witnessed.writing() as session:
        without_triggers(session, *TABLES)
        rows = list(session.scalars(sa.select(LedgerCosignature).order_by(LedgerCosignature.checkpoint_size)))
        notes = list(session.scalars(sa.select(LedgerCheckpoint).order_by(LedgerCheckpoint.size)))
        size = rows[0].checkpoint_size if message == words.FORGED_COSIGNATURE else notes[0].size
        tampering(rows, session.scalars(sa.select(LedgerWitness)).one(), notes)
    wrong = [one for one in witnessed.verify().discrepancies if one.message == message]
    assert len(wrong) == number and wrong[0].values["size"] == size
    assert str(size) in str(wrong[0]) and (NAME in str(wrong[0]) or message == words.UNSIGNED_CHECKPOINT)


def test_a_signature_that_was_taken_away_or_stands_beside_nothing_is_named(witnessed: Ledger) -> None:
    with witnessed.writing() as session:
        without_triggers(session, *TABLES)
        last = sa.select(sa.func.max(LedgerCosignature.checkpoint_size)).scalar_subquery()
        session.execute(sa.delete(LedgerCosignature).where(LedgerCosignature.checkpoint_size == last))
    [missing] = witnessed.verify().discrepancies
    assert missing.message == words.MISSING_COSIGNATURE and NAME in str(missing)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # of a file
def test_auditors_check_the_same_signatures_without_the_server(witnessed: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "audit.zip"
    with witnessed.store.session(writes=False) as session:
        audit_bundle.write(session, path)
    audit = audit_check.check(path)
    assert audit.discrepancies == [] and [key.partition("+")[0] for key in audit.witnesses] == [NAME]
    edits: dict[str, Callable[[list[dict[str, Any]]], object]] = {
        words.FORGED_COSIGNATURE: lambda every: every[1]["cosignatures"][0].__setitem__(
            2, changed(every[1]["cosignatures"][0][2])
        ),
        words.UNSIGNED_CHECKPOINT: lambda every: every[1].update(note=changed(every[1]["note"].rstrip("\n")) + "\n"),
        words.CHANGED_CHECKPOINT: lambda every: every.pop(),
    }
    for message, edit in edits.items():
        target = tmp_path / "edited.zip"
        with zipfile.ZipFile(path) as before, zipfile.ZipFile(target, "w") as after:
            for name in before.namelist():
                content = before.read(name)
                if name == audit_bundle.CHECKPOINTS:
                    every = [json.loads(line) for line in content.decode().splitlines()]
                    edit(every)
                    content = "".join(f"{json.dumps(one)}\n" for one in every).encode()
                after.writestr(name, content)
        assert message in [one.message for one in audit_check.check(target).discrepancies], message
