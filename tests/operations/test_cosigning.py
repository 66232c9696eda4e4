"""Witnesses sign each checkpoint, or it is known why not; sealing waits for none, and what is served is what holds."""

from __future__ import annotations

import base64
import datetime as dt
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from survey.ledger import signing_key
from survey.ledger.notes import COSIGNER, Verifier, checkpoint, opened, signature_lines
from survey.models import LedgerCosignature, LedgerWitness, Response
from survey.operations import cosigning, ledger_findings, metrics, witnesses
from survey.operations.cosigning import WitnessFault
from survey.security.tokens import receipt_code
from survey.web.public.ledger import SCRIPT
from survey.witness.signing import Witness
from tests.ledger.test_served import copy
from tests.support import factories
from tests.support.ledgers import NOON, Ledger, ledger, sealed
from tests.support.tampering import without_triggers
from tests.support.witnesses import served, witness_in

__all__ = ["ledger", "sealed"]  # the fixtures
HOUR = dt.timedelta(hours=1)
SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def more(ledger: Ledger, number: int = 3) -> None:
    """Answer, and seal."""
    with ledger.writing() as session:
        for _ in range(number):
            factories.response(session, 4, when=NOON)
    ledger.seal()


def ask(ledger: Ledger, when: dt.datetime = NOON) -> int:
    return cosigning.ask_all(ledger.store, lambda: when)


def own(ledger: Ledger, folder: Path) -> Witness:
    return witness_in(folder, signing_key.load(ledger.key))


def state(ledger: Ledger) -> LedgerWitness:
    with ledger.store.session(writes=False) as session:
        return session.scalars(sa.select(LedgerWitness)).one()


@contextmanager
def witnessed(ledger: Ledger, witness: Witness) -> Iterator[str]:
    """Serve a witness, and let it be asked."""
    with served(witness) as address:
        with ledger.writing() as session:
            witnesses.add(session, address, str(witness.public), NOON)
        yield address


def test_every_checkpoint_is_signed_and_what_leaves_the_house_bears_it(
    client: FlaskClient, sealed: Ledger, tmp_path: Path
) -> None:
    witness = own(sealed, tmp_path / "witness")
    with witnessed(sealed, witness):
        assert ask(sealed) == 1 and ask(sealed) == 0, "it has signed that one"
        more(sealed)
        assert ask(sealed) == 1
        more(sealed)
    note = client.get("/ledger/checkpoint").text
    key = Verifier.parse(client.get("/ledger/key").text)
    cosigner = Verifier.parse(client.get("/ledger/witnesses").text, COSIGNER)
    assert signature_lines(note, cosigner) == [], "the newest is not signed yet"
    assert state(sealed).size == checkpoint(note).size - 3
    with sealed.store.session(writes=False) as session:
        numbers = session.execute(sa.select(Response.receipt, Response.entry).order_by(Response.entry)).all()
    for row in (numbers[0], numbers[-4], numbers[-1]):
        proof = client.get(f"/receipt/{receipt_code(row.receipt)}/proof").text
        note = proof.partition("\n\n")[2]
        assert checkpoint(opened(note, [key])).size > row.entry
        waits = row is numbers[-1]
        assert bool(signature_lines(note, cosigner)) is not waits
        if not waits:
            assert opened(note, [cosigner]) == opened(note, [key])


def test_a_stranger_checks_what_witnesses_have_signed(client: FlaskClient, sealed: Ledger, tmp_path: Path) -> None:
    with witnessed(sealed, own(sealed, tmp_path / "witness")):
        ask(sealed)
    copy(client, tmp_path)
    key, cosigner = (client.get(f"/ledger/{name}").text.strip() for name in ("key", "witnesses"))
    run = [sys.executable, "-I", SCRIPT, tmp_path, "--key", key, "--witness"]
    done = subprocess.run([*run, cosigner], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "as signed by example.vn/ledger, witness.example.vn." in done.stdout, done.stderr
    other = str(Witness.public.fget(own(sealed, tmp_path / "other")))  # type: ignore[attr-defined]
    missing = subprocess.run([*run, other], capture_output=True, text=True, check=False)
    assert missing.returncode == 1 and "not signed by this key" in missing.stderr
    note = (tmp_path / "checkpoint").read_text(encoding="utf-8")
    line = note.rstrip("\n").rpartition("\n")[2]
    forged = line[:-20] + ("A" if line[-20] != "A" else "B") + line[-19:]
    (tmp_path / "checkpoint").write_text(note.replace(line, forged), encoding="utf-8")
    assert "forged" in subprocess.run([*run, cosigner], capture_output=True, text=True, check=False).stderr


def test_one_of_which_we_think_that_it_lags_behind_is_asked_again_from_its_size(sealed: Ledger, tmp_path: Path) -> None:
    witness = own(sealed, tmp_path / "witness")
    with witnessed(sealed, witness):
        ask(sealed)
        with sealed.writing() as session:
            session.execute(sa.update(LedgerWitness).values(size=2, failures=3, failed_at=NOON - HOUR, fault="late"))
        more(sealed)
        assert ask(sealed) == 1
    one = state(sealed)
    assert (one.failures, one.failed_at, one.fault, one.asked_at) == (0, None, "", None), "its troubles are over"


def test_a_rewritten_history_is_refused_and_alarms(sealed: Ledger, tmp_path: Path) -> None:
    witness = own(sealed, tmp_path / "witness")
    more(sealed, 5)
    with witnessed(sealed, witness):
        assert ask(sealed) == 1
        rewrite(sealed)
        with sealed.writing() as session:
            session.execute(sa.update(LedgerWitness).values(size=0))
        assert ask(sealed) == 0 and state(sealed).fault == WitnessFault.FORKED
        with sealed.store.session(writes=False) as session:
            [finding] = ledger_findings.witnesses(session, NOON)
            alarm = [one.read(session, NOON) for one in metrics.FIGURES if one.name == "hailong_ledger_contradicted"]
        assert finding.state == "fault" and alarm == [{"": 1.0}]
        [kept] = witness.evidence()
        assert kept.proved and checkpoint(kept.offered).size > checkpoint(kept.signed).size


def rewrite(ledger: Ledger) -> None:
    """Write another history, a little longer, and sign it with the same key, as whoever holds the server can."""
    tables = ("ledger_cosignature", "ledger_entry", "ledger_subtree", "ledger_checkpoint")
    with ledger.writing() as session:
        without_triggers(session, *tables)
        for table in tables:
            session.execute(sa.text(f"DELETE FROM {table}"))
        session.execute(sa.text("UPDATE response SET overall = 5, entry = NULL, salt = NULL"))
        for _ in range(9):
            factories.response(session, 5, when=NOON)
    for beside in ledger.key.parent.glob("ledger_key.signed"):
        beside.unlink()
    ledger.seal()


def test_a_ledger_that_was_cut_short_alarms(sealed: Ledger, tmp_path: Path) -> None:
    witness = own(sealed, tmp_path / "witness")
    with witnessed(sealed, witness):
        more(sealed)
        ask(sealed)
        with sealed.writing() as session:
            without_triggers(session, "ledger_checkpoint", "ledger_cosignature")
            session.execute(sa.text("DELETE FROM ledger_cosignature"))
            newest = "(SELECT max(size) FROM ledger_checkpoint)"
            session.execute(sa.text(f"DELETE FROM ledger_checkpoint WHERE size = {newest}"))
            session.execute(sa.update(LedgerWitness).values(size=0))
        assert ask(sealed) == 0 and state(sealed).fault == WitnessFault.AHEAD


def answering(*replies: bytes) -> Callable[[socket.socket], None]:
    def serve(line: socket.socket) -> None:
        for reply in replies:
            peer, _ = line.accept()
            peer.recv(65_536)
            peer.sendall(reply)
            peer.close()

    return serve


def reply(status: int, body: str) -> bytes:
    raw = body.encode()
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(raw)}\r\nConnection: close\r\n\r\n".encode() + raw


FORGED = "— witness.example.vn " + "A" * 104 + "\n"


@SQLITE
@pytest.mark.parametrize(
    ("replies", "fault"),
    [
        ((reply(404, "?\n"),), WitnessFault.STRANGER),
        ((reply(403, "?\n"),), WitnessFault.SIGNATURE),
        ((reply(422, "2\n"),), WitnessFault.FORKED),
        ((reply(500, "?\n"),), WitnessFault.UNREACHABLE),
        ((reply(200, "nonsense"),), WitnessFault.REPLY),
        ((reply(200, FORGED),), WitnessFault.REPLY),
        ((reply(409, "1\n"), reply(409, "2\n")), WitnessFault.REPLY),
        ((reply(409, "many\n"),), WitnessFault.REPLY),
        ((b"",), WitnessFault.UNREACHABLE),
        ((), WitnessFault.LATE),
    ],
    ids=str,
)
def test_each_fault_is_named_stored_is_nothing_and_it_is_tried_again_less_often(
    sealed: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replies: tuple[bytes, ...], fault: WitnessFault
) -> None:
    monkeypatch.setattr(cosigning, "SECONDS", 1.0)
    witness = own(sealed, tmp_path / "witness")
    with socket.create_server(("127.0.0.1", 0)) as line, sealed.store.session(writes=True) as session:
        witnesses.add(session, f"http://127.0.0.1:{line.getsockname()[1]}", str(witness.public), NOON)
        session.commit()
        session.close()
        thread = threading.Thread(target=answering(*replies), args=(line,))
        thread.start()
        assert ask(sealed) == 0
        thread.join()
    one = state(sealed)
    assert (one.fault, one.failures, one.failed_at) == (fault, 1, NOON)
    with sealed.store.session(writes=False) as session:
        assert session.scalars(sa.select(LedgerCosignature.line)).all() == []
        [soon], [late] = (list(ledger_findings.witnesses(session, NOON + wait)) for wait in (HOUR / 60, HOUR))
        later = ("fault", "fault") if fault == WitnessFault.FORKED else ("ok", "warning")
        assert (soon.state, late.state) == later
    assert ask(sealed, NOON + dt.timedelta(seconds=59)) == 0 and state(sealed).failures == 1, "it rests"
    assert ask(sealed, NOON + dt.timedelta(seconds=61)) == 0 and state(sealed).failures == 2, "nobody is there any more"


@SQLITE
@pytest.mark.parametrize("wrong", ["text", "time"])
def test_a_line_of_the_right_name_and_key_is_kept_only_if_its_signature_holds(
    sealed: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    sign = Witness._cosigned

    def otherwise(self: Witness, text: str, at: int) -> str:
        if wrong == "text":
            return sign(self, f"{text}more\n", at)
        head, line = sign(self, text, at).rsplit(" ", 1)
        raw = bytearray(base64.b64decode(line))
        raw[11] ^= 1  # the last byte of the time
        return f"{head} {base64.b64encode(raw).decode()}"

    monkeypatch.setattr(Witness, "_cosigned", otherwise)
    with witnessed(sealed, own(sealed, tmp_path / "witness")):
        assert ask(sealed) == 0 and state(sealed).fault == WitnessFault.REPLY
    with sealed.store.session(writes=False) as session:
        assert session.scalars(sa.select(LedgerCosignature.line)).all() == []


def test_gos_own_packages_read_a_witnessed_ledger(client: FlaskClient, sealed: Ledger, tmp_path: Path) -> None:
    checker = os.environ.get("LEDGER_CHECK")
    if checker is None:
        pytest.skip("set LEDGER_CHECK to a checker of C2SP logs made on Go's packages sumdb/note and sumdb/tlog")
    with witnessed(sealed, own(sealed, tmp_path / "witness")):
        ask(sealed)
    copy(client, tmp_path)
    run = [checker, client.get("/ledger/key").text.strip(), tmp_path]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
