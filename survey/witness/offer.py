"""What a ledger sends to its witness: a signed checkpoint, and what shows that it continues an older one."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LOG, COSIGNER = b"\x01", b"\x04"
DASH = "\N{EM DASH}"
EMPTY = hashlib.sha256().digest()
_MOST_HASHES, _HASH = 63, 32
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")  # what a column of SQLite holds
_SIGNATURE = re.compile(rf"{DASH} ([^ +]+) ([A-Za-z0-9+/]+=*)")


class ForgedError(Exception):
    """No key of the ledger has signed a checkpoint, or a signature of one of them is not genuine."""


class NamedKey(NamedTuple):
    """A public key with the name that stands before its signatures."""

    name: str
    kind: bytes
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Return the four bytes that tell keys of one name apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + self.kind + self.public).digest()[:4]

    def __str__(self) -> str:
        """Return the key as one line of text."""
        return f"{self.name}+{self.key_id.hex()}+{encoded(self.kind + self.public)}"

    @classmethod
    def parse(cls, line: str) -> NamedKey:
        """Return the key of a ledger that a line of text is.

        Raises:
            ValueError: it is none.
        """
        name, key_id, rest = line.strip().split("+", 2)
        raw = base64.b64decode(rest, validate=True)
        key = cls(name, raw[:1], raw[1:])
        if not name or " " in name or key.kind != LOG or len(key.public) != _HASH or key.key_id.hex() != key_id:
            raise ValueError("this is no public key of a ledger")
        return key


class Offer(NamedTuple):
    """A checkpoint as a request holds it; `proof` shows that it continues one of `old` entries."""

    old: int
    proof: list[bytes]
    note: str
    text: str
    origin: str
    size: int
    root: bytes
    lines: list[str]

    @classmethod
    def parse(cls, body: bytes) -> Offer:
        """Read the body of a request by the letter.

        Raises:
            ValueError: it is not as tlog-witness has it.
        """
        head, gap, note = body.decode().partition("\n\n")
        first, *hashes = head.split("\n")
        old = first.removeprefix("old ")
        text, blank, signatures = note.rpartition("\n\n")
        origin, size, root, *_ = [*text.split("\n"), "", ""]
        lines = signatures.removesuffix("\n").split("\n")
        whole = gap and blank and origin and signatures.endswith("\n") and all(map(_SIGNATURE.fullmatch, lines))
        if not whole or not first.startswith("old ") or not _SIZE.fullmatch(old) or not _SIZE.fullmatch(size):
            raise ValueError("this is no request to add a checkpoint")
        proof, above = [base64.b64decode(one, validate=True) for one in hashes], base64.b64decode(root, validate=True)
        if len(proof) > _MOST_HASHES or any(len(one) != _HASH for one in (*proof, above)):
            raise ValueError("a hash has 32 bytes, and there are at most 63")
        return cls(int(old), proof, note, text + "\n", origin, int(size), above, lines)

    def signed_by(self, keys: Sequence[NamedKey]) -> list[str]:
        """Return the lines by which these keys have signed it; those of others are passed by.

        Raises:
            ForgedError: there is none, or one is not genuine.
        """
        trusted, genuine = {(key.name, key.key_id): key for key in keys}, []
        for line in self.lines:
            _, name, signature = line.split(" ")
            raw = base64.b64decode(signature)  # a damaged one is one of nobody
            if (key := trusted.get((name, raw[:4]))) is None:
                continue
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(raw[4:], self.text.encode())
            except InvalidSignature:
                raise ForgedError from None
            genuine.append(line)
        if not genuine:
            raise ForgedError
        return genuine


def encoded(raw: bytes) -> str:
    """Return bytes in base64."""
    return base64.b64encode(raw).decode()


def roots(old: int, size: int, old_root: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Return the roots of `old` and of `size` entries to which a proof leads (RFC 9162, 2.1.4.2); None if to none.

    A proof that leads to the new root, and to another old one than was signed, shows that a ledger was rewritten.

    >>> node = hashlib.sha256(bytes([1]) + bytes(32) + bytes([9]) * 32).digest()
    >>> roots(1, 2, bytes(32), [bytes([9]) * 32]) == (bytes(32), node)
    True
    >>> roots(1, 2, bytes(32), []) is None
    True
    """
    if not 0 < old < size:
        return None
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    if not path:
        return None
    before = after = path[0]
    for node in path[1:]:
        if last == 0:
            return None
        if at & 1 or at == last:
            before, after = (hashlib.sha256(b"\x01" + node + one).digest() for one in (before, after))
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = hashlib.sha256(b"\x01" + after + node).digest()
        at, last = at >> 1, last >> 1
    return (before, after) if last == 0 else None
