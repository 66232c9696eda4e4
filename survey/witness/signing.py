"""The witness itself: a folder with its key and a small file, in which the newest checkpoint of each ledger stands.

What it signs it has kept before, in one transaction with the look at what it had: two requests at once come one after
the other, and a crash leaves the older checkpoint or the newer one, never a signature of which it does not know.
"""

from __future__ import annotations

import base64
import hashlib
import os
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .offer import COSIGNER, DASH, EMPTY, ForgedError, NamedKey, Offer, encoded, roots

PATIENCE = 10.0  # seconds that one waits for the turn of another
MOST_EVIDENCE = 1_000  # of each kind, as anybody may send proofs that do not hold
_TABLES = (
    "CREATE TABLE IF NOT EXISTS ledger (origin TEXT NOT NULL, verifier TEXT NOT NULL, PRIMARY KEY (origin, verifier))",
    "CREATE TABLE IF NOT EXISTS latest (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, "
    "note TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS evidence (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, proved INTEGER NOT NULL, "
    "signed TEXT NOT NULL, offered TEXT NOT NULL, proof TEXT NOT NULL, UNIQUE (signed, offered, proved))",
)


class Refusal(NamedTuple):
    """Why there is no signature: the status and the body of the reply.

    `proves` is True where what was sent proves that the ledger was rewritten, False where it only lets one suspect it.
    """

    status: int
    body: str
    kind: str = "text/plain; charset=utf-8"
    proves: bool | None = None


class KeptRefusal(NamedTuple):
    """Two checkpoints that a ledger signed: the one that was cosigned here, and the one that did not continue it."""

    proved: bool
    at: int
    signed: str
    offered: str
    proof: str


@dataclass(frozen=True)
class Witness:
    """A witness that lives in a folder."""

    folder: Path

    def make(self, name: str, keys: Sequence[NamedKey]) -> NamedKey:
        """Make its key and its file, readable by their owner only; return the public key.

        Raises:
            FileExistsError: there is one already, which is kept.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (self.folder / "key").exists():
            raise FileExistsError
        with closing(sqlite3.connect(self._file, PATIENCE, isolation_level=None)) as store:
            for table in _TABLES:
                store.execute(table)
        self.trust(keys)
        seed = encoded(Ed25519PrivateKey.generate().private_bytes_raw())
        written = self.folder / f"key.{os.getpid()}"
        with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(f"{name} {seed}\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            (self.folder / "key").hardlink_to(written)
        finally:
            written.unlink()
        return self.public

    def trust(self, keys: Sequence[NamedKey]) -> None:
        """Sign for these ledgers, too, from now on."""
        with self._store() as store:
            store.executemany("INSERT OR IGNORE INTO ledger VALUES (?, ?)", [(key.name, str(key)) for key in keys])

    @property
    def public(self) -> NamedKey:
        """Return the key by which its signatures are checked."""
        name, key = self._key()
        return NamedKey(name, COSIGNER, key.public_key().public_bytes_raw())

    def add_checkpoint(self, body: bytes, at: int) -> str | Refusal:
        """Return the signature, made at a POSIX time, of a checkpoint that continues the newest one; else why not."""
        try:
            offer = Offer.parse(body)
        except ValueError:
            return Refusal(400, "this is no request to add a checkpoint\n")
        with self._store() as store:
            keys = store.execute("SELECT verifier FROM ledger WHERE origin = ?", [offer.origin]).fetchall()
            if not keys:
                return Refusal(404, "this witness does not know that ledger\n")
            try:
                lines = offer.signed_by([NamedKey.parse(key) for [key] in keys])
            except ForgedError:
                return Refusal(403, "this is not signed by the key of the ledger\n")
            query = "SELECT size, root, note FROM latest WHERE origin = ?"
            size, root, note = store.execute(query, [offer.origin]).fetchone() or (0, EMPTY, "")
            refusal = _refusal(offer, size, root)
            if refusal is None:
                signature = self._cosigned(offer.text, at)
                note = "\n".join([offer.text, *lines, signature, ""])
                row = (offer.origin, offer.size, offer.root, note)
                store.execute("INSERT OR REPLACE INTO latest VALUES (?, ?, ?, ?)", row)
            elif refusal.proves is not None and note:
                _keep(store, KeptRefusal(refusal.proves, at, note, offer.note, "\n".join(map(encoded, offer.proof))))
        return signature + "\n" if refusal is None else refusal

    def newest(self, origin_hash: str) -> str | None:
        """Return the newest checkpoint that was signed here of the ledger whose origin has that SHA-256."""
        with self._store() as store:
            rows = store.execute("SELECT origin, note FROM latest").fetchall()
        return next((note for origin, note in rows if hashlib.sha256(origin.encode()).hexdigest() == origin_hash), None)

    def evidence(self) -> list[KeptRefusal]:
        """Return what was kept of checkpoints that did not continue what was signed before."""
        with self._store() as store:
            rows = store.execute("SELECT proved, at, signed, offered, proof FROM evidence ORDER BY id").fetchall()
        return [KeptRefusal(bool(proved), *rest) for proved, *rest in rows]

    @property
    def _file(self) -> Path:
        return (self.folder / "witness.sqlite").absolute()

    def _key(self) -> tuple[str, Ed25519PrivateKey]:
        name, seed = (self.folder / "key").read_text().split()
        return name, Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed))

    def _cosigned(self, text: str, at: int) -> str:
        name, key = self._key()
        signature = key.sign(f"cosignature/v1\ntime {at}\n{text}".encode())
        return f"{DASH} {name} {encoded(self.public.key_id + at.to_bytes(8, 'big') + signature)}"

    @contextmanager
    def _store(self) -> Iterator[sqlite3.Connection]:
        """Open its file for one at a time: all that a block writes is on the disk at its end, or nothing.

        A file that was lost is never begun anew under the same key: nobody would know what had been signed.
        """
        with closing(
            sqlite3.connect(f"{self._file.as_uri()}?mode=rw", PATIENCE, isolation_level=None, uri=True)
        ) as store:
            store.execute("PRAGMA synchronous = EXTRA")
            store.execute("BEGIN IMMEDIATE")
            yield store
            store.execute("COMMIT")


def _refusal(offer: Offer, size: int, root: bytes) -> Refusal | None:
    """Return why there is no signature, if what was signed last has this size and root."""
    forked = offer.size == size and offer.root != root
    if offer.old > offer.size:
        return Refusal(400, "the old size is above the new one\n")
    if offer.old != size:
        return Refusal(409, f"{size}\n", "text/x.tlog.size", True if forked else None)
    if forked:
        return Refusal(422, "of as many entries another root was signed\n", proves=True)
    if size in (0, offer.size):
        return Refusal(422, "here is nothing to prove\n") if offer.proof else None
    shown = roots(size, offer.size, root, offer.proof)
    if shown == (root, offer.root):
        return None
    return Refusal(422, "the proof does not hold\n", proves=shown is not None and shown[1] == offer.root)


def _keep(store: sqlite3.Connection, kept: KeptRefusal) -> None:
    [number] = store.execute("SELECT count(*) FROM evidence WHERE proved = ?", [kept.proved]).fetchone()
    if number < MOST_EVIDENCE:
        insert = "INSERT OR IGNORE INTO evidence (proved, at, signed, offered, proof) VALUES (?, ?, ?, ?, ?)"
        store.execute(insert, kept)
        print("refused a checkpoint: see `witness evidence`", file=sys.stderr, flush=True)
