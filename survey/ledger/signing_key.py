"""The key that signs the ledger: in a file of its own, which the processes that serve people need not be able to read.

Beside it stands the checkpoint that it signed last: what does not continue that one is not signed.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from survey.errors import Conflict, InvalidNote
from survey.i18n import msgid
from survey.ledger.notes import ED25519, Checkpoint, Signer, checkpoint
from survey.settings import Settings

_HEAD = "PRIVATE+KEY"
_NO_KEY = msgid("%(path)s holds no key of a ledger. Run `hailong ledger-key` to make one, or restore it from a backup.")
_THERE = msgid("There is a key in %(path)s. It is kept: with another one nobody could check what was signed before.")


def file_of(settings: Settings) -> Path:
    """Return the file of an installation's key."""
    return Path(settings.ledger_key) if settings.ledger_key else settings.instance / "ledger_key"


def make(path: Path, origin: str) -> Signer:
    """Make a key of a ledger with this origin, readable by its owner only.

    Raises:
        Conflict: there is one.
    """
    signer = Signer(origin, Ed25519PrivateKey.generate())
    seed = base64.b64encode(ED25519 + signer.key.private_bytes_raw()).decode()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Conflict(_THERE, path=str(path)) from None
    with os.fdopen(handle, "w") as file:
        file.write(f"{_HEAD}+{origin}+{signer.verifier.key_id.hex()}+{seed}\n")
    return signer


def load(path: Path) -> Signer:
    """Return the key that a file holds.

    Raises:
        InvalidNote: it holds none.
    """
    try:
        head, origin, key_id, seed = path.read_text().strip().removeprefix(_HEAD).split("+", 3)
        raw = base64.b64decode(seed, validate=True)
        signer = Signer(origin, Ed25519PrivateKey.from_private_bytes(raw[1:]))
    except (OSError, ValueError):
        raise InvalidNote(_NO_KEY, path=str(path)) from None
    if head or raw[:1] != ED25519 or signer.verifier.key_id.hex() != key_id:
        raise InvalidNote(_NO_KEY, path=str(path))
    return signer


def origin_of(public_url: str) -> str:
    """Return the origin of an installation's ledger: its address without the scheme.

    >>> origin_of("https://khaosat.example.vn")
    'khaosat.example.vn/ledger'
    """
    return public_url.partition("://")[2] + "/ledger"


def signed_last(path: Path) -> Checkpoint | None:
    """Return what the key of a file has signed last, if that is known."""
    try:
        return checkpoint(_beside(path).read_text())
    except (FileNotFoundError, InvalidNote):
        return None


def remember(path: Path, note: str) -> None:
    """Keep what the key of a file has signed last; an older one never takes its place."""
    last = signed_last(path)
    if last is not None and last.size >= checkpoint(note).size:
        return
    beside = _beside(path)
    written = beside.with_name(f"{beside.name}.{os.getpid()}")
    written.write_text(note)
    written.replace(beside)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.signed")
