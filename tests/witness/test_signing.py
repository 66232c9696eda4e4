"""A witness signs a ledger that only grows, refuses every other by the status of tlog-witness, and keeps evidence."""

from __future__ import annotations

import base64
import multiprocessing
import os
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from survey.ledger import merkle
from survey.ledger.notes import Checkpoint, Signer
from survey.witness import signing
from survey.witness.offer import NamedKey, roots
from survey.witness.signing import KeptRefusal, Refusal, Witness
from tests.support.witnesses import NAME, SentLedger

AT = 1_790_000_000


def forked(honest: SentLedger, at: int) -> SentLedger:
    """Return the ledger that the same key signs with one entry changed."""
    return SentLedger([*honest.words[:at], "another entry", *honest.words[at + 1 :]], honest.signer)


def status(outcome: str | Refusal) -> int:
    return outcome.status if isinstance(outcome, Refusal) else 200


def signed_as(honest: SentLedger, size: int, written: str, otherwise: str) -> bytes:
    """Return a request of 10 entries and more in whose checkpoint the ledger itself has signed something otherwise."""
    text = honest.note(size).partition("\n\n")[0] + "\n"
    head = honest.request(10, size).partition(b"\n\n")[0]
    return head + b"\n\n" + honest.signer.sign(text.replace(written, otherwise)).encode()


def signature_holds(key: NamedKey, line: str, text: str) -> bool:
    """Check a cosignature by the letter of c2sp.org/tlog-cosignature, without our code for it."""
    dash, name, encoded = line.rstrip("\n").split(" ")
    raw = base64.b64decode(encoded)
    at = int.from_bytes(raw[4:12], "big")
    Ed25519PublicKey.from_public_bytes(key.public).verify(raw[12:], f"cosignature/v1\ntime {at}\n{text}".encode())
    return (dash, name, raw[:4], at) == ("—", NAME, key.key_id, AT)


def test_a_ledger_that_grows_is_signed_at_every_size(honest: SentLedger, witness: Witness) -> None:
    before = 0
    for size in (0, 0, 1, 2, 3, 7, 8, 9, 16, 31, 32, 33, 40, 40):
        signed = witness.add_checkpoint(honest.request(before, size), AT)
        assert isinstance(signed, str), (size, signed)
        assert signature_holds(witness.public, signed, honest.note(size).rpartition("\n\n")[0] + "\n")
        before = size
    assert witness.evidence() == []


def test_each_refusal_has_the_status_of_the_specification(honest: SentLedger, witness: Witness) -> None:
    witness.add_checkpoint(honest.request(0, 10), AT)
    other = SentLedger(honest.words)
    grown = honest.request(10, 20)
    for body in (
        b"",
        b"\xff",
        b"old 01\n\n",
        grown.replace(b"old 10", b"old ten"),
        grown.replace(b"old 10", b"old 010"),
        grown.replace(b"old 10", b"old +10"),
        signed_as(honest, 20, "\n20\n", "\n020\n"),
        signed_as(honest, 20, "=\n", "\n"),
        signed_as(honest, 20, "\n20\n", "\n20\nAAAA\n"),
        grown[:-1],
        honest.request(0, 9)[7:],
    ):
        assert status(witness.add_checkpoint(body, AT)) == 400, body
    for hashes, refused in ((63, 422), (64, 400)):
        body = b"old 10\n" + (b"A" * 43 + b"=\n") * hashes + b"\n" + honest.note(20).encode()
        assert status(witness.add_checkpoint(body, AT)) == refused
    older = b"old 11\n\n" + honest.note(10).encode()
    assert status(witness.add_checkpoint(older, AT)) == 400
    assert status(witness.add_checkpoint(grown.replace(b"example.vn", b"example.com"), AT)) == 404
    assert status(witness.add_checkpoint(other.request(10, 20), AT)) == 403
    assert status(witness.add_checkpoint(grown.replace(b"\n20\n", b"\n21\n"), AT)) == 403
    renamed = grown.replace("— example.vn".encode(), "— example.com".encode())
    assert status(witness.add_checkpoint(renamed, AT)) == 403, "its key, under the name of another"
    conflict = witness.add_checkpoint(honest.request(0, 20), AT)
    assert conflict == Refusal(409, "10\n", "text/x.tlog.size")
    unproved = b"old 10\n\n" + honest.note(20).encode()
    assert status(witness.add_checkpoint(unproved, AT)) == 422
    assert status(witness.add_checkpoint(grown, AT)) == 200, "nothing of that has changed what it knows"


def test_an_empty_ledger_has_the_root_of_nothing(honest: SentLedger, witness: Witness) -> None:
    false = honest.signer.sign(Checkpoint(honest.signer.name, 0, bytes(32)).text())
    assert status(witness.add_checkpoint(b"old 0\n\n" + false.encode(), AT)) == 422
    assert witness.evidence() == [], "nothing was signed that it could contradict"
    needless = b"old 0\n" + base64.b64encode(bytes(32)) + b"\n\n" + honest.note(5).encode()
    assert status(witness.add_checkpoint(needless, AT)) == 422


@pytest.mark.parametrize(("before", "after"), [(10, 10), (10, 25), (11, 12), (24, 32)])
def test_a_forked_ledger_is_refused_and_both_signed_checkpoints_prove_it(
    honest: SentLedger, witness: Witness, before: int, after: int
) -> None:
    witness.add_checkpoint(honest.request(0, before), AT)
    fork = forked(honest, 3)
    assert status(witness.add_checkpoint(fork.request(before, after), AT + 60)) == 422
    assert status(witness.add_checkpoint(fork.request(before, after), AT + 120)) == 422
    [kept] = witness.evidence()
    assert kept.proved and kept.at == AT + 60
    assert kept.signed.startswith(honest.note(before)) and kept.offered == fork.note(after)
    assert stands(kept, honest.signer), "whoever has the ledger's key can check it without this witness"
    assert status(witness.add_checkpoint(honest.request(before, 40), AT)) == 200, "the true one goes on"


def test_a_fork_of_the_size_that_was_signed_is_proof_from_whichever_size_it_says_it_grew(
    honest: SentLedger, witness: Witness
) -> None:
    witness.add_checkpoint(honest.request(0, 10), AT)
    assert status(witness.add_checkpoint(forked(honest, 3).request(5, 10), AT)) == 409
    assert [kept.proved for kept in witness.evidence()] == [True]


def stands(kept: KeptRefusal, signer: Signer) -> bool:
    """Return whether two signed checkpoints exclude each other."""
    from survey.ledger.notes import checkpoint, opened

    old, new = (checkpoint(opened(note, [signer.verifier])) for note in (kept.signed, kept.offered))
    if old.size == new.size:
        return old.root != new.root
    shown = roots(old.size, new.size, old.root, [base64.b64decode(one) for one in kept.proof.split("\n")])
    return shown is not None and shown[1] == new.root and shown[0] != old.root


def test_a_proof_that_anybody_may_have_spoilt_is_a_doubt_and_no_proof(honest: SentLedger, witness: Witness) -> None:
    witness.add_checkpoint(honest.request(0, 10), AT)
    spoilt = honest.request(10, 20).replace(b"old 10\n", b"old 10\n" + base64.b64encode(bytes(32)) + b"\n")
    assert status(witness.add_checkpoint(spoilt, AT)) == 422
    fork = forked(honest, 3)
    witness.add_checkpoint(honest.request(10, 16), AT)
    assert status(witness.add_checkpoint(fork.request(16, 20), AT)) == 422, (
        "of a power of two the proof names no old root"
    )
    assert [one.proved for one in witness.evidence()] == [False, False]


def test_doubts_that_anybody_can_raise_fill_no_disk(
    honest: SentLedger, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "MOST_EVIDENCE", 2)
    witness.add_checkpoint(honest.request(0, 10), AT)
    for size in range(11, 16):
        assert status(witness.add_checkpoint(b"old 10\n\n" + honest.note(size).encode(), AT)) == 422
    assert status(witness.add_checkpoint(forked(honest, 3).request(10, 30), AT)) == 422
    assert [one.proved for one in witness.evidence()] == [False, False, True], "a proof still has its place"


def test_several_keys_of_one_ledger_and_signatures_of_strangers(honest: SentLedger, witness: Witness) -> None:
    changed = SentLedger(honest.words)
    witness.trust([NamedKey.parse(str(changed.signer.verifier))])
    witness.add_checkpoint(honest.request(0, 10), AT)
    note = changed.note(20).rstrip("\n") + "\n— stranger.example AAAAAAAA\n"
    head = changed.request(10, 20).partition(b"\n\n")[0]
    assert status(witness.add_checkpoint(head + b"\n\n" + note.encode(), AT)) == 200
    newest = witness.newest(hash_of(honest.signer.name))
    assert newest is not None and newest.startswith(changed.note(20)) and "stranger" not in newest
    both = changed.request(20, 40) + honest.note(30).rpartition("\n\n")[2].encode()
    assert status(witness.add_checkpoint(both, AT)) == 403, "of two trusted keys one has not signed this"


def hash_of(origin: str) -> str:
    import hashlib

    return hashlib.sha256(origin.encode()).hexdigest()


def test_of_many_requests_at_once_no_older_one_comes_after_a_newer(
    honest: SentLedger, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness.add_checkpoint(honest.request(0, 5), AT)
    outcomes: list[tuple[int, str | Refusal]] = []
    start, sign = threading.Barrier(8), Witness._cosigned

    def slowly(self: Witness, text: str, at: int) -> str:
        time.sleep(0.1)  # all others have come meanwhile
        return sign(self, text, at)

    monkeypatch.setattr(Witness, "_cosigned", slowly)

    def ask(size: int) -> None:
        start.wait()
        outcomes.append((size, witness.add_checkpoint(honest.request(5, size), AT)))

    threads = [threading.Thread(target=ask, args=(size,)) for size in range(6, 14)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 8, "each waits for its turn"
    [winner] = [size for size, outcome in outcomes if isinstance(outcome, str)]
    assert {outcome.body for _, outcome in outcomes if isinstance(outcome, Refusal)} == {f"{winner}\n"}
    assert status(witness.add_checkpoint(honest.request(winner, 40), AT)) == 200


STEPS = ("before_key", "signed", "written", "committed")


def _end_at(step: str, folder: Path, body: bytes) -> None:
    """Ask a witness in a process that ends at one step, as by a power cut."""
    witness = Witness(folder)
    if step == "before_key":
        Witness._cosigned = lambda *_: os._exit(1)  # type: ignore[assignment,method-assign]
    elif step == "signed":
        cosigned = Witness._cosigned
        Witness._cosigned = lambda *given: (cosigned(*given), os._exit(1))[0]  # type: ignore[method-assign,func-returns-value]
    else:
        connect = sqlite3.connect

        class Breaking(sqlite3.Connection):
            def execute(self, statement: str, *values: object) -> sqlite3.Cursor:  # type: ignore[override]
                if statement == "COMMIT" and step == "written":
                    os._exit(1)
                done = super().execute(statement, *values)  # type: ignore[arg-type]
                if statement == "COMMIT":
                    os._exit(1)
                return done

        signing.sqlite3.connect = lambda *given, **named: connect(*given, factory=Breaking, **named)  # type: ignore[misc]
    witness.add_checkpoint(body, AT)


@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_each_step_leaves_the_older_checkpoint_or_the_newer_one(
    honest: SentLedger, witness: Witness, step: str
) -> None:
    witness.add_checkpoint(honest.request(0, 5), AT)
    arguments = (step, witness.folder, honest.request(5, 9))
    process = multiprocessing.get_context("fork").Process(target=_end_at, args=arguments)
    process.start()
    process.join()
    assert process.exitcode == 1
    before = 9 if step == "committed" else 5
    conflict = witness.add_checkpoint(honest.request(0, 12), AT)
    assert isinstance(conflict, Refusal) and conflict.body == f"{before}\n"
    assert status(witness.add_checkpoint(forked(honest, 2).request(before, 12), AT)) == 422, "it was never fooled"
    assert status(witness.add_checkpoint(honest.request(before, 12), AT)) == 200


def test_every_proof_of_growth_up_to_a_hundred_entries_leads_to_both_roots() -> None:
    ledger = SentLedger([str(number) for number in range(100)])
    above = [merkle.root(size, ledger.read) for size in range(101)]
    for size in range(2, 101):
        for old in range(1, size):
            proof = merkle.consistency(old, size, ledger.read)
            assert roots(old, size, above[old], proof) == (above[old], above[size])
            assert roots(old, size, above[old], [*proof, proof[0]]) is None
        assert roots(size, size, above[size], []) is None
