"""Ledgers that a test makes up, honest and forked, and a witness at an address of its own."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from survey.ledger import merkle
from survey.ledger.merkle import full_root, leaf_hash
from survey.ledger.notes import Checkpoint, Signer
from survey.witness.desk import Office
from survey.witness.offer import NamedKey
from survey.witness.signing import Witness

ORIGIN, NAME = "example.vn/ledger", "witness.example.vn"


def reader(leaves: Sequence[bytes]) -> merkle.HashReader:
    """Return how the hashes above some leaves are read."""

    def read(level: int, first: int, number: int) -> Sequence[bytes]:
        span = merkle.WIDTH**level
        return [full_root(leaves[at * span : (at + 1) * span]) for at in range(first, first + number)]

    return read


@dataclass
class SentLedger:
    """A ledger as its witness sees it; `words` are its entries."""

    words: list[str]
    signer: Signer = field(default_factory=lambda: Signer(ORIGIN, Ed25519PrivateKey.generate()))

    @property
    def read(self) -> merkle.HashReader:
        """Return how its hashes are read."""
        return reader([leaf_hash(word.encode()) for word in self.words])

    def note(self, size: int) -> str:
        """Return its signed checkpoint of so many entries."""
        return self.signer.sign(Checkpoint(self.signer.name, size, merkle.root(size, self.read)).text())

    def request(self, old: int, size: int) -> bytes:
        """Return the request by which it asks for a signature."""
        proof = [base64.b64encode(one).decode() for one in merkle.consistency(old, size, self.read)]
        return ("\n".join([f"old {old}", *proof]) + "\n\n" + self.note(size)).encode()


def witness_in(folder: Path, signer: Signer) -> Witness:
    """Make a witness of one ledger."""
    witness = Witness(folder)
    witness.make(NAME, [NamedKey.parse(str(signer.verifier))])
    return witness


@contextmanager
def served(witness: Witness, certificate: tuple[Path, Path] | None = None) -> Iterator[str]:
    """Serve a witness; yield its address."""
    with Office(witness, "127.0.0.1", 0, certificate) as office:
        thread = threading.Thread(target=office.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http{'s' if certificate else ''}://127.0.0.1:{office.server_port}"
        finally:
            office.shutdown()
            thread.join()
