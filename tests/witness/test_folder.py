"""A witness's folder: its key and its file are made once, and never again under the same name."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from survey.ledger.notes import Signer
from survey.witness import signing
from survey.witness.offer import NamedKey
from survey.witness.signing import Witness
from tests.support.witnesses import NAME, SentLedger, witness_in
from tests.witness.test_signing import AT, status


def test_a_key_is_never_replaced_and_nobody_else_reads_it(honest: SentLedger, witness: Witness) -> None:
    assert (witness.folder / "key").stat().st_mode & 0o777 == 0o600 and witness.folder.stat().st_mode & 0o777 == 0o700
    before, other = witness.public, SentLedger(["another"], Signer("example.com", Ed25519PrivateKey.generate()))
    with pytest.raises(FileExistsError):
        witness.make("other.example.vn", [NamedKey.parse(str(other.signer.verifier))])
    assert status(witness.add_checkpoint(other.request(0, 1), AT)) == 404, "nor does it trust anybody else by that"
    assert witness.public == before and [path.name for path in witness.folder.glob("key*")] == ["key"]


def test_of_two_who_make_a_witness_at_once_one_makes_it(
    honest: SentLedger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, flush = tmp_path / "witness", os.fsync

    def meanwhile(file: int) -> None:
        monkeypatch.setattr(signing.os, "fsync", flush)
        process = multiprocessing.get_context("fork").Process(target=witness_in, args=(folder, honest.signer))
        process.start()
        process.join()
        flush(file)

    monkeypatch.setattr(signing.os, "fsync", meanwhile)
    with pytest.raises(FileExistsError):
        Witness(folder).make("other.example.vn", [NamedKey.parse(str(honest.signer.verifier))])
    assert Witness(folder).public.name == NAME and [path.name for path in folder.glob("key*")] == ["key"]


def test_what_was_signed_has_reached_the_disk_before_the_signature_leaves(witness: Witness) -> None:
    with witness._store() as store:
        assert store.execute("PRAGMA synchronous").fetchone() == (3,), "EXTRA: a power cut takes nothing back"


@pytest.mark.parametrize(
    ("kind", "length", "name", "id_of"),
    [("\x04", 32, "example.vn", None), ("\x01", 31, "example.vn", None), ("\x01", 32, "example.vn", "another.vn")],
)
def test_what_is_no_key_of_a_ledger_is_refused(kind: str, length: int, name: str, id_of: str | None) -> None:
    whole = NamedKey(name, kind.encode(), bytes(range(length)))
    own = whole if id_of is None else whole._replace(name=id_of)
    line = str(whole).replace(whole.key_id.hex(), own.key_id.hex())
    with pytest.raises(ValueError, match="no public key"):
        NamedKey.parse(line)


def test_a_file_that_was_lost_is_not_begun_anew_under_the_same_key(honest: SentLedger, witness: Witness) -> None:
    store = witness.folder / "witness.sqlite"
    store.unlink()
    with pytest.raises(sqlite3.OperationalError):
        witness.add_checkpoint(honest.request(0, 5), AT)
    assert not store.exists()
