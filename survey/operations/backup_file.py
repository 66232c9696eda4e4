"""One file for a backup: a manifest, its seal and a copy of the database, packed by tar and gzip, encrypted by age.

Whoever has the private key reads it without this program: `age --decrypt --identity KEY FILE | tar --extract --gzip`.
The public key is no secret, so that anybody could encrypt a file as ours; the seal, under the installation's secret
key, says that nobody else has made it.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import hmac
import io
import os
import re
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import pyrage
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError
from pyrage import x25519

from survey.errors import Conflict
from survey.i18n import msgid
from survey.security.tokens import keyed, keys
from survey.setting import PRIVATE_KEY

FORMAT = 1
NAME = re.compile(r"hailong-(\d{8}T\d{6}Z)\.tar\.gz\.age")
STAMP = "%Y%m%dT%H%M%SZ"
PART = ".part"  # how the name of a backup ends that is being written
MANIFEST, SEAL = "manifest.json", "manifest.seal"
HEADER = b"age-encryption.org/v1\n"
FASTEST = 1  # gzip's level: a backup is read by nobody, and soon removed
BLOCK = 2**20
FOREIGN = msgid("“%(file)s” is no backup of this program, or is damaged. Take another one.")
DAMAGED = msgid("“%(file)s” is damaged: it does not hold what its list says. Nothing was restored; take another one.")
WRONG_KEY = msgid("This private key does not open “%(file)s”. It is encrypted to another public key.")
NO_PRIVATE_KEY = msgid("“%(file)s” holds no private key of age: a line that begins with AGE-SECRET-KEY-1.")


class Manifest(BaseModel):
    """What a backup holds: rows of every table, digests by name, and how the copy of the database is to be read."""

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    program: str
    made_at: AwareDatetime
    engine: str  # sqlite or postgresql
    engine_version: str
    schema_revision: str
    member: str  # the name of the copy of the database beside this
    size: int  # of the copy, in bytes
    sha256: str
    rows: dict[str, int]
    digests: dict[str, str]


def file_name(at: dt.datetime) -> str:
    """Return the name of the backup of a moment; names sort as moments do."""
    return f"hailong-{at.astimezone(dt.UTC).strftime(STAMP)}.tar.gz.age"


def made_at(path: Path) -> dt.datetime | None:
    """Return the moment that the name of a backup tells, or nothing if it is no name of one."""
    name = NAME.fullmatch(path.name)
    try:
        return dt.datetime.strptime(name[1], STAMP).replace(tzinfo=dt.UTC) if name else None
    except ValueError:
        return None


def identities(file: str, text: str) -> list[x25519.Identity]:
    """Return the private keys in a file as age-keygen writes it.

    Raises:
        Conflict: there is none, or one is mistyped.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith(PRIVATE_KEY)]
    try:
        keys = [x25519.Identity.from_str(line) for line in lines]
    except pyrage.IdentityError:
        keys = []
    if not keys:
        raise Conflict(NO_PRIVATE_KEY, file=file)
    return keys


def write(path: Path, public_keys: str, secret: str, manifest: Manifest, copy: Path) -> None:
    """Write a backup that is there whole or not at all, once it is on the disk.

    Raises:
        OSError: it cannot be written; names the file, of which nothing is left.
    """
    part = path.with_name(path.name + PART)
    reader, writer = os.pipe()
    try:
        with ThreadPoolExecutor(1) as packing, os.fdopen(reader, "rb") as pipe:
            packed = packing.submit(_pack, writer, secret, manifest, copy)
            _encrypt(pipe, part, public_keys)
            packed.result()
        part.rename(path)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno:
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    sync(path.parent)


def _pack(writer: int, secret: str, manifest: Manifest, copy: Path) -> None:
    listed = manifest.model_dump_json(indent=1).encode()
    sealed = _seal(secret, listed).encode()
    with (
        os.fdopen(writer, "wb") as pipe,
        gzip.GzipFile(fileobj=pipe, mode="wb", compresslevel=FASTEST, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
        copy.open("rb") as database,
    ):
        for name, size, content in (
            (MANIFEST, len(listed), io.BytesIO(listed)),
            (SEAL, len(sealed), io.BytesIO(sealed)),
            (manifest.member, manifest.size, database),
        ):
            about = tarfile.TarInfo(name)
            about.size, about.mode, about.mtime = size, 0o600, manifest.made_at.timestamp()
            tar.addfile(about, cast(IO[bytes], content))


class _Writing(io.RawIOBase):
    """A file that remembers why it could not be written: age says only that it was not."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.fault: BaseException | None = None

    def write(self, block: bytes) -> int:  # type: ignore[override]  # what it is given are bytes
        try:
            return self._file.write(block)
        except BaseException as fault:  # also that we are to stop
            self.fault = fault
            raise

    def flush(self) -> None:
        self._file.flush()


def _encrypt(plain: IO[bytes], path: Path, public_keys: str) -> None:
    recipients = [x25519.Recipient.from_str(key) for key in public_keys.split()]
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb", buffering=0) as file:
        writing = _Writing(file)
        try:
            pyrage.encrypt_io(cast(io.BufferedIOBase, plain), cast(io.BufferedIOBase, writing), recipients)
        except (pyrage.EncryptError, OSError) as error:
            raise writing.fault or error from error
        os.fsync(file.fileno())


class PackedBackup:
    """An encrypted backup that is being read: its manifest first, then the copy of the database."""

    def __init__(self, tar: tarfile.TarFile, name: str) -> None:
        self._tar, self._name = tar, name
        self._listed, sealed = self._text(MANIFEST), self._text(SEAL)
        self._sealed = sealed.decode("ascii", "replace")
        self.manifest = Manifest.model_validate_json(self._listed)

    def sealed_with(self, secret: str) -> bool:
        """Return whether an installation with this secret key, or a former one, made it, and nobody has changed it."""
        seals = (_seal(key, self._listed) for key in keys(secret))
        return any(hmac.compare_digest(self._sealed.encode(), seal.encode()) for seal in seals)

    def unpack(self, path: Path) -> None:
        """Write the copy of the database to a new file.

        Raises:
            Conflict: it is not the one that the manifest lists.
            OSError: it cannot be written; names the file.
        """
        digest = hashlib.sha256()
        try:
            with self._next(self.manifest.member) as content, path.open("wb") as file:
                while block := content.read(BLOCK):
                    digest.update(block)
                    file.write(block)
        except OSError as error:
            if not error.errno:  # what is read is damaged
                raise
            raise OSError(error.errno, error.strerror, str(path)) from error
        if path.stat().st_size != self.manifest.size or digest.hexdigest() != self.manifest.sha256:
            raise Conflict(DAMAGED, file=self._name)

    def _text(self, name: str) -> bytes:
        with self._next(name) as content:
            return content.read(16 * BLOCK)

    def _next(self, name: str) -> IO[bytes]:
        member = self._tar.next()
        content = self._tar.extractfile(member) if member is not None and member.name == name else None
        if content is None:
            raise tarfile.ReadError(name)
        return content


@contextmanager
def opened(path: Path, keys: Sequence[x25519.Identity]) -> Iterator[PackedBackup]:
    """Read a backup by its private key for the time of a block.

    Raises:
        Conflict: it is no backup, it is damaged, or the key is that of another one.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        if file.read(len(HEADER)) != HEADER:
            raise Conflict(FOREIGN, file=path.name)
    reader, writer = os.pipe()
    with ThreadPoolExecutor(1) as decrypting:
        decrypted = decrypting.submit(_decrypt, path, writer, keys)
        try:
            with os.fdopen(reader, "rb") as pipe, tarfile.open(fileobj=pipe, mode="r|gz") as tar:
                yield PackedBackup(tar, path.name)
        except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValidationError) as error:
            raise Conflict(_why(decrypted), file=path.name) from error


def _decrypt(path: Path, writer: int, keys: Sequence[x25519.Identity]) -> None:
    with path.open("rb") as file, os.fdopen(writer, "wb") as pipe:
        pyrage.decrypt_io(file, pipe, keys)


def _why(decrypted: Future[None]) -> str:
    """Return why what should be a backup cannot be read."""
    fault = decrypted.exception()
    if isinstance(fault, pyrage.DecryptError) and "No matching keys" in str(fault):
        return WRONG_KEY
    return FOREIGN


def _seal(secret: str, listed: bytes) -> str:
    return keyed(secret, "backup", listed).hex()


def sync(folder: Path) -> None:
    """Let a new name in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
