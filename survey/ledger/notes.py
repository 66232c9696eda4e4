"""Signed notes as C2SP writes them: some lines of text, and signatures of keys that have names (c2sp.org/signed-note).

A checkpoint is a note of three lines: the log's origin, its size, and its root (c2sp.org/tlog-checkpoint).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from survey.errors import InvalidNote
from survey.i18n import msgid

ED25519 = b"\x01"
COSIGNER = b"\x04"  # signs a time with it (c2sp.org/tlog-cosignature)
TIME_BYTES = 8
KEY_BYTES, ID_BYTES = 32, 4
_DASH = "\N{EM DASH}"
_LINE = re.compile(rf"{_DASH} ([^ +]+) ([A-Za-z0-9+/]+=*)")
_NO_NOTE = msgid("This is no signed checkpoint of a ledger.")
_NO_KEY = msgid("This is no key of a ledger.")
_FORGED = msgid("The signature of %(name)s on this checkpoint is not genuine.")
_UNSIGNED = msgid("This checkpoint is not signed by the key of the ledger.")


@dataclass(frozen=True)
class Verifier:
    """The public half of a key, with the name that stands before its signatures."""

    name: str
    public: bytes
    kind: bytes = ED25519

    @property
    def key_id(self) -> bytes:
        """Return the four bytes that tell keys of one name apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + self.kind + self.public).digest()[:ID_BYTES]

    def __str__(self) -> str:
        """Return the key as one line of text: name, id and key."""
        return f"{self.name}+{self.key_id.hex()}+{_encoded(self.kind + self.public)}"

    @classmethod
    def parse(cls, line: str, kind: bytes = ED25519) -> Verifier:
        """Return the key that a line of text is: that of a ledger, or of a witness (`COSIGNER`).

        Raises:
            InvalidNote: it is none of that kind.
        """
        name, _, rest = line.strip().partition("+")
        key_id, _, key = rest.partition("+")
        raw = _decoded(key)
        if not name or " " in name or raw is None or raw[:1] != kind or len(raw) != 1 + KEY_BYTES:
            raise InvalidNote(_NO_KEY)
        verifier = cls(name, raw[1:], kind)
        if verifier.key_id.hex() != key_id:
            raise InvalidNote(_NO_KEY)
        return verifier

    def verify(self, raw: bytes, text: str) -> None:
        """Check the bytes of a signature of a note's text.

        Raises:
            InvalidSignature: it is not genuine.
        """
        if self.kind == COSIGNER:
            text = f"cosignature/v1\ntime {int.from_bytes(raw[:TIME_BYTES], 'big')}\n{text}"
            raw = raw[TIME_BYTES:]
        Ed25519PublicKey.from_public_bytes(self.public).verify(raw, text.encode())


@dataclass(frozen=True)
class Signer:
    """A key that signs."""

    name: str
    key: Ed25519PrivateKey

    @property
    def verifier(self) -> Verifier:
        """Return its public half."""
        return Verifier(self.name, self.key.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """Return the note that is a text, ending with its newline, signed."""
        signature = _encoded(self.verifier.key_id + self.key.sign(text.encode()))
        return f"{text}\n{_DASH} {self.name} {signature}\n"


@dataclass(frozen=True)
class Checkpoint:
    """How many entries a log had at a moment, and the root above them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return what is signed."""
        return f"{self.origin}\n{self.size}\n{_encoded(self.root)}\n"


def opened(note: str, verifiers: Sequence[Verifier]) -> str:
    """Return the text of a note that one of these keys has signed; what other keys signed is passed by.

    Raises:
        InvalidNote: it is no note, none of them has signed it, or the signature of one of them is not genuine.
    """
    text, gap, signatures = note.rpartition("\n\n")
    lines = signatures.removesuffix("\n").split("\n")
    if not gap or not signatures.endswith("\n") or not all(map(_LINE.fullmatch, lines)):
        raise InvalidNote(_NO_NOTE)
    text, signed = text + "\n", False
    keys = {(one.name, one.key_id): one for one in verifiers}
    for line in lines:
        _, name, encoded = line.split(" ")
        raw = _decoded(encoded) or b""
        if (key := keys.get((name, raw[:ID_BYTES]))) is None:
            continue
        try:
            key.verify(raw[ID_BYTES:], text)
        except InvalidSignature:
            raise InvalidNote(_FORGED, name=name) from None
        signed = True
    if not signed:
        raise InvalidNote(_UNSIGNED)
    return text


def signature_lines(note: str, verifier: Verifier) -> list[str]:
    """Return the lines of a note that bear the name and the id of a key, as they stand; they are not checked."""
    lines = note.rpartition("\n\n")[2].split("\n")
    signed = (match for line in lines if (match := _LINE.fullmatch(line)) is not None and match[1] == verifier.name)
    return [match[0] for match in signed if (_decoded(match[2]) or b"")[:ID_BYTES] == verifier.key_id]


def checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint that a text, or a whole note, begins with; its signatures are not looked at.

    Raises:
        InvalidNote: it is none.
    """
    origin, size, root, *_ = [*text.split("\n"), "", "", ""]
    raw = _decoded(root)
    if not origin or not re.fullmatch(r"0|[1-9][0-9]{0,18}", size) or raw is None or len(raw) != KEY_BYTES:
        raise InvalidNote(_NO_NOTE)
    return Checkpoint(origin, int(size), raw)


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decoded(encoded: str) -> bytes | None:
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if _encoded(raw) == encoded else None
