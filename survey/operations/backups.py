"""Backups of an installation: made one at a time, kept as many as wanted, due again after some hours."""

from __future__ import annotations

import datetime as dt
import errno
import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from survey.audit import trail
from survey.audit.acts import Act
from survey.db.engine import Database
from survey.errors import Conflict
from survey.i18n import msgid
from survey.operations import backup_file, database_copy
from survey.operations.backup_file import Manifest
from survey.settings import HERE, Settings
from survey.version import version

WORKING = "backup-"  # how folders begin in which a copy lies until it is encrypted
LOCK = "backup.lock"
NO_KEY = msgid(
    "There is no public key to encrypt a backup to. Make a pair of keys with `age-keygen` on another machine, and set "
    "HAILONG_BACKUP_KEY to the public one."
)
NO_FOLDER = msgid("There is no folder for backups. Set HAILONG_BACKUPS, or name one with --out.")
ANOTHER = msgid("Another backup is being made just now. Wait until it is done.")


class Backup(NamedTuple):
    """A backup that was made: the file, its bytes, and what it holds."""

    path: Path
    size: int
    manifest: Manifest


def folder_of(settings: Settings) -> Path | None:
    """Return the folder of an installation's backups, if one is set."""
    return HERE / settings.backups if settings.backups else None


def kept(folder: Path) -> list[Path]:
    """Return the backups in a folder, the newest first; none if it cannot be read."""
    try:
        files = [path for path in folder.iterdir() if backup_file.made_at(path) is not None]
    except OSError:
        return []
    return sorted(files, reverse=True)


def newest(folder: Path) -> dt.datetime | None:
    """Return when the newest backup in a folder was made."""
    return next((backup_file.made_at(path) for path in kept(folder)), None)


def due(settings: Settings, at: dt.datetime) -> bool:
    """Return whether the next backup should be made by now."""
    folder = folder_of(settings)
    if folder is None:
        return False
    last = newest(folder)
    return last is None or at - last >= dt.timedelta(hours=settings.backup_hours)


def make(database: Database, settings: Settings, folder: Path | None, at: dt.datetime) -> Backup:
    """Make a backup, on record, and remove from the installation's folder those that are more than are kept.

    `folder` is another folder than that of the settings. Older backups stay if anything goes wrong.

    Raises:
        Conflict: there is no key or folder, another backup is being made, or the database cannot be copied.
        OSError: a folder is missing or cannot be written, or a disk is full.
    """
    target = _checked(settings, folder)
    with _alone(settings.instance) as is_alone:
        if not is_alone:
            raise Conflict(ANOTHER)
        return _make(database, settings, target, at)


def make_due(database: Database, settings: Settings, at: dt.datetime) -> None:
    """Make the backup that is due, unless somebody else has just made it or is about to; raises as `make` does."""
    target = _checked(settings, None)
    with _alone(settings.instance) as is_alone:
        if is_alone and due(settings, at):
            _make(database, settings, target, at)


def _make(database: Database, settings: Settings, target: Path, at: dt.datetime) -> Backup:
    with _working(settings.instance) as working:
        done = _write(database, settings, target, working, at)
    with database.session(writes=True) as session:
        rows = sum(done.manifest.rows.values())
        trail.append_of_command(session, Act.DATABASE_BACKED_UP, at, file=done.path.name, size=done.size, rows=rows)
        session.commit()
    if target == folder_of(settings):
        _remove_old(target, settings.backups_kept)
    return done


def _write(database: Database, settings: Settings, target: Path, working: Path, at: dt.datetime) -> Backup:
    path = target / backup_file.file_name(at)
    if path.exists():
        raise FileExistsError(errno.EEXIST, "there is one of this second", str(path))
    copy = database_copy.take(database, working)
    with copy.path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    manifest = Manifest(
        program=version(),
        made_at=at,
        engine=database.url.get_backend_name(),
        engine_version=copy.version,
        schema_revision=copy.revision,
        member=copy.path.name,
        size=copy.path.stat().st_size,
        sha256=sha256,
        rows=copy.rows,
        digests=copy.digests,
    )
    backup_file.write(path, settings.backup_key, settings.secret_key, manifest, copy.path)
    return Backup(path, path.stat().st_size, manifest)


def _checked(settings: Settings, folder: Path | None) -> Path:
    """Return where a backup goes, having found out before the work is done whether it can be kept there.

    A folder that is not there is not made: it may be that of a disk which is not mounted.
    """
    target = folder or folder_of(settings)
    if not settings.backup_key:
        raise Conflict(NO_KEY)
    if target is None:
        raise Conflict(NO_FOLDER)
    try:
        with tempfile.TemporaryFile(dir=target):
            return target
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from error


@contextmanager
def _alone(instance: Path) -> Iterator[bool]:
    """Yield whether nobody else makes a backup during the block."""
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (instance / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def _working(instance: Path) -> Iterator[Path]:
    """Yield a folder for the copy that is not encrypted yet, beside the database and read by its owner only.

    What one that was killed has left goes first.
    """
    for left in instance.glob(f"{WORKING}*/"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=WORKING, dir=instance) as working:
        yield Path(working)


def _remove_old(folder: Path, number: int) -> None:
    """Remove all but the newest backups, and what was begun and never finished."""
    unfinished = [path for path in folder.glob(f"*{backup_file.PART}") if backup_file.NAME.fullmatch(path.stem)]
    for path in [*kept(folder)[number:], *unfinished]:
        path.unlink(missing_ok=True)
