"""Signed notes and checkpoints as C2SP writes them."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from survey.errors import Conflict, InvalidNote
from survey.ledger import signing_key
from survey.ledger.notes import Checkpoint, Signer, Verifier, checkpoint, opened

# The example of Go's package golang.org/x/mod/sumdb/note, which checks Go's modules.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ROOT = Checkpoint("example.vn/ledger", 7, bytes(32))


@pytest.fixture
def signer() -> Signer:
    return Signer("example.vn/ledger", Ed25519PrivateKey.from_private_bytes(bytes(32)))


def test_a_note_signed_by_go_opens_and_its_key_reads_as_it_is_written() -> None:
    key = Verifier.parse(GO_KEY)
    assert str(key) == GO_KEY
    assert opened(GO_NOTE, [key]).startswith("If you think cryptography")


def test_a_checkpoint_is_signed_and_read(signer: Signer) -> None:
    note = signer.sign(ROOT.text())
    assert checkpoint(opened(note, [signer.verifier])) == ROOT
    assert note.startswith(f"example.vn/ledger\n7\n{base64.b64encode(bytes(32)).decode()}\n\n— example.vn/ledger ")


def test_signatures_of_others_are_passed_by_and_a_forged_one_is_refused(signer: Signer) -> None:
    other = Signer("witness.vn", Ed25519PrivateKey.generate())
    note = signer.sign(ROOT.text()) + other.sign(ROOT.text()).rpartition("\n\n")[2]
    assert opened(note, [signer.verifier]) == opened(note, [other.verifier]) == ROOT.text()
    with pytest.raises(InvalidNote, match="not genuine"):
        opened(note.replace("\n7\n", "\n8\n"), [signer.verifier])
    with pytest.raises(InvalidNote, match="not signed"):
        opened(signer.sign(ROOT.text()), [other.verifier])


@pytest.mark.parametrize("text", ["", "a\n07\nAAAA\n", "example.vn\n7\nAAAA\n", "\n7\n" + "A" * 43 + "=\n"])
def test_what_is_no_checkpoint_or_note_is_refused(text: str, signer: Signer) -> None:
    with pytest.raises(InvalidNote):
        checkpoint(text)
    with pytest.raises(InvalidNote):
        opened(text, [signer.verifier])


@pytest.mark.parametrize("line", ["", "name", GO_KEY.replace("c74f", "c75f"), GO_KEY[:-4], GO_KEY.replace("AR", "BR")])
def test_what_is_no_key_is_refused(line: str) -> None:
    with pytest.raises(InvalidNote):
        Verifier.parse(line)


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "ledger_key"
    made = signing_key.make(path, "example.vn/ledger")
    assert str(signing_key.load(path).verifier) == str(made.verifier)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(Conflict):
        signing_key.make(path, "example.vn/ledger")
    path.write_text("nothing")
    with pytest.raises(InvalidNote):
        signing_key.load(path)
    with pytest.raises(InvalidNote):
        signing_key.load(tmp_path / "none")


def test_what_was_signed_last_is_kept_and_never_an_older_one(tmp_path: Path, signer: Signer) -> None:
    path = tmp_path / "ledger_key"
    assert signing_key.signed_last(path) is None
    for size in (7, 5):
        signing_key.remember(path, signer.sign(Checkpoint("example.vn/ledger", size, bytes(32)).text()))
    last = signing_key.signed_last(path)
    assert last is not None and last.size == 7
