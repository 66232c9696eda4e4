"""Asking witnesses stands apart from all else: nobody waits for it, and whoever dies in it harms nothing."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest

from survey.operations import cosigning, witnesses
from survey.witness.signing import Refusal, Witness
from tests.operations.test_cosigning import HOUR, SQLITE, ask, more, own, state, witnessed
from tests.support.ledgers import NOON, Ledger, ledger, sealed

__all__ = ["ledger", "sealed"]


@SQLITE
def test_sealing_and_answering_wait_for_no_witness(sealed: Ledger, tmp_path: Path) -> None:
    witness = own(sealed, tmp_path / "witness")
    with socket.create_server(("127.0.0.1", 0)) as line:  # takes the connection and says nothing
        with sealed.writing() as session:
            witnesses.add(session, f"http://127.0.0.1:{line.getsockname()[1]}", str(witness.public), NOON)
        asking = threading.Thread(target=ask, args=(sealed,))
        asking.start()
        peer, _ = line.accept()
        more(sealed)
        assert asking.is_alive(), "it is asked still"
        peer.close()
        asking.join()


@SQLITE
def test_two_processes_ask_a_witness_once(sealed: Ledger, tmp_path: Path) -> None:
    calls: list[bytes] = []
    witness = own(sealed, tmp_path / "witness")
    signed = Witness.add_checkpoint

    def counted(self: Witness, body: bytes, at: int) -> str | Refusal:
        calls.append(body)
        time.sleep(0.3)
        return signed(self, body, at)

    with pytest.MonkeyPatch.context() as patch, witnessed(sealed, witness):
        patch.setattr(Witness, "add_checkpoint", counted)
        threads = [threading.Thread(target=ask, args=(sealed,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(calls) == 1 and state(sealed).size > 0


@SQLITE
@pytest.mark.parametrize("step", ["_claimed", "_request", "_line", "_keep"])
def test_who_dies_while_asking_leaves_a_ledger_that_is_asked_about_again(
    sealed: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class Ended(Exception):
        """The process ends here."""

    def end(*_: object) -> None:
        raise Ended

    with witnessed(sealed, own(sealed, tmp_path / "witness")):
        with monkeypatch.context() as patch:
            patch.setattr(cosigning, step, end)
            with pytest.raises(Ended):
                ask(sealed)
        assert sealed.verify().discrepancies == ()
        assert ask(sealed, NOON + HOUR) == 1 and state(sealed).failures == 0
