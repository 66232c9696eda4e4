"""Restore a backup into an empty database, and prove that it holds what the backup lists."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pyrage import x25519

import migrations
from survey.audit import trail
from survey.audit.acts import Act
from survey.db.engine import Database
from survey.errors import Conflict
from survey.i18n import msgid
from survey.operations import backup_contents, backup_file, database_copy
from survey.operations.backup_file import FORMAT, Manifest, PackedBackup
from survey.settings import Settings

NEWER = msgid(
    "“%(file)s” was made by a newer version of this program (%(version)s). Install that version, then restore it."
)
OTHER_SECRET = msgid(
    "“%(file)s” was not made with the secret key of this installation, or was changed afterwards. First put the "
    "secret key in place of the installation that made it."
)
OTHER_ENGINE = msgid("“%(file)s” is of %(theirs)s, and DATABASE_URL names a database of %(ours)s.")


def restore(
    database: Database,
    settings: Settings,
    path: Path,
    keys: Sequence[x25519.Identity],
    at: dt.datetime,
    other_secret: bool = False,
) -> Manifest:
    """Restore a backup into an empty database, on record there, and return what it holds.

    `other_secret`: also one that was made with another secret key, which nobody proves to be genuine then.

    Raises:
        Conflict: the database is not empty, or the backup is damaged, foreign, of a newer program, of another kind of
            database or of another secret key; or what was restored is not what the backup lists.
        OSError: the backup cannot be read, or there is no room for it.
    """
    database_copy.check_empty(database)
    with (
        backup_file.opened(path, keys) as backup,
        tempfile.TemporaryDirectory(prefix="restore-", dir=_beside(database, settings)) as working,
    ):
        manifest = backup.manifest
        _check(backup, path.name, database, settings.secret_key, other_secret)
        copy = Path(working, "copy")
        backup.unpack(copy)

        def proved(restored: Database) -> None:
            _check_contents(restored, manifest)
            _put_on_record(restored, path.name, manifest, at)

        database_copy.put_back(database, copy, proved)
    return manifest


def _beside(database: Database, settings: Settings) -> Path:
    """Return where the copy lies while it is restored: where the database will, or in the instance folder."""
    if database.url.get_backend_name() == database_copy.SQLITE:
        return Path(str(database.url.database)).parent
    settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    return settings.instance


def _check(backup: PackedBackup, name: str, database: Database, secret: str, other_secret: bool) -> None:
    manifest, ours = backup.manifest, database.url.get_backend_name()
    if manifest.format > FORMAT or not migrations.is_ours(manifest.schema_revision):
        raise Conflict(NEWER, file=name, version=manifest.program)
    if not other_secret and not backup.sealed_with(secret):
        raise Conflict(OTHER_SECRET, file=name)
    if manifest.engine != ours:
        raise Conflict(OTHER_ENGINE, file=name, theirs=manifest.engine, ours=ours)


def _check_contents(restored: Database, manifest: Manifest) -> None:
    with restored.session(writes=False) as session:
        backup_contents.check_same(manifest.rows, backup_contents.rows(session))
        if manifest.digests and manifest.schema_revision == migrations.head():
            backup_contents.check_same(manifest.digests, backup_contents.digests(session))


def _put_on_record(restored: Database, name: str, manifest: Manifest, at: dt.datetime) -> None:
    with restored.session(writes=True) as session:
        rows, made_at = sum(manifest.rows.values()), manifest.made_at.isoformat()
        trail.append_of_command(session, Act.DATABASE_RESTORED, at, file=name, made_at=made_at, rows=rows)
        session.commit()
