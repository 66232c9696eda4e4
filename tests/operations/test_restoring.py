"""A backup is restored into an empty database only, whole, proved and on record; anything else is refused in words."""

from __future__ import annotations

import datetime as dt
import errno
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from pyrage import x25519

import migrations
from survey.audit.acts import Act
from survey.db.engine import Database
from survey.errors import Conflict, SurveyError
from survey.ledger import merkle, sealing, tree
from survey.models import AuditEntry, ClosedPeriod
from survey.operations import backup_contents, backup_file, backups, database_copy, restoring
from survey.operations.backup_file import Manifest
from survey.periods import parse
from survey.results import closing
from survey.setting import BETWEEN
from survey.settings import Settings
from tests.support import commands, factories
from tests.support.backups import PRIVATE, PUBLIC, environment, key_file, path_of_programs, with_backups
from tests.support.figures import STANDARD

AT = dt.datetime(2026, 11, 29, 13, 5, tzinfo=dt.UTC)
NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
Fresh = Callable[..., AbstractContextManager[str]]
Empty = Callable[[], AbstractContextManager[str]]


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", path_of_programs())


@pytest.fixture
def empty(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Empty:
    """How to have an empty database for the time of a block."""

    @contextmanager
    def made() -> Iterator[str]:
        if engine_name == "sqlite":
            (tmp_path / "elsewhere").mkdir()
            yield f"sqlite:///{tmp_path / 'elsewhere' / 'new.db'}"
            return
        maintenance, name = request.getfixturevalue("maintenance"), f"restored_{tmp_path.name[-20:]}".lower()
        name = "".join(letter if letter.isalnum() else "_" for letter in name)
        maintenance.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
        yield sa.make_url(request.getfixturevalue("database_url")).set(database=name).render_as_string(False)
        maintenance.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    return made


@pytest.fixture
def chosen(settings: Settings, tmp_path: Path) -> Settings:
    return with_backups(settings, tmp_path / "backups")


@dataclass(frozen=True)
class Kept:
    """A backup, and the installation whose it is."""

    path: Path
    settings: Settings


@pytest.fixture
def kept(chosen: Settings, store: Database) -> Kept:
    with store.session(writes=True) as session:
        for rating in (5, 4, 2):
            factories.response(session, rating, when=NOON, comments={"S8": "Cán bộ tận tình, cảm ơn."})
        closing.close(session, parse("2026-10"), AT, STANDARD)
        session.commit()
    sealing.number(store)
    return Kept(backups.make(store, chosen, None, AT).path, chosen)


def restore(kept: Kept, url: str, path: Path | None = None, **changed: object) -> Manifest:
    """Restore a backup into the database of an address."""
    settings = replace(kept.settings, database_url=url, secret_key=str(changed.get("secret", factories.SECRET)))
    keys = changed.get("keys", [PRIVATE])
    with Database(url) as database:
        return restoring.restore(database, settings, path or kept.path, keys, AT, bool(changed.get("other_secret")))  # type: ignore[arg-type]


def test_what_is_restored_is_what_was_there_and_goes_on_record(kept: Kept, store: Database, empty: Empty) -> None:
    with empty() as url:
        held = restore(kept, url)
        with Database(url) as restored, restored.session(writes=False) as session, store.session(writes=False) as old:
            then, now = backup_contents.rows(old), backup_contents.rows(session)
            assert now == then | {"audit_entry": then["audit_entry"]}, "one entry each: made, restored"
            period = session.scalars(sa.select(ClosedPeriod)).one()
            root = merkle.root(size := tree.size(old), tree.reader(old)).hex()
            frozen = closing.digest_on_record(old, period)
            assert held.digests == {"2026-10 calendar": frozen, f"ledger {size}": root} and size > 3
            assert closing.as_recorded(session, period) and closing.differences(session, period).empty
            newest = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
            assert (newest.act, newest.at, newest.staff_id) == (Act.DATABASE_RESTORED.value, AT, None)
            assert newest.about["file"] == kept.path.name and newest.about["made_at"] == AT.isoformat()
        with Database(url) as restored, restored.session(writes=True) as session:
            migrations.check_schema(restored)
            factories.response(session, 5)
            session.commit()


def test_only_an_empty_database_takes_one(kept: Kept, store: Database, empty: Empty) -> None:
    with pytest.raises(Conflict) as refused:
        restore(kept, kept.settings.database_url)
    assert refused.value.message == database_copy.NOT_EMPTY
    with empty() as url, Database(url) as database:
        migrations.migrate(database)
        with pytest.raises(Conflict) as refused:
            restore(kept, url)
    assert refused.value.message == database_copy.NOT_EMPTY


def is_empty(url: str) -> bool:
    with Database(url) as database:
        path = Path(str(database.url.database))
        if database.url.get_backend_name() == "sqlite" and not path.exists():
            return [file.name for file in path.parent.iterdir() if not file.name.endswith(".lock")] == []
        with database.engine.connect() as connection:
            return not sa.inspect(connection).get_table_names()


def cut(whole: bytes) -> bytes:
    return whole[:-200]


def turned(whole: bytes) -> bytes:
    return whole[:-300] + bytes([whole[-300] ^ 1]) + whole[-299:]


def foreign(_whole: bytes) -> bytes:
    return b"PK\x03\x04 another program's"


def nothing(_whole: bytes) -> bytes:
    return b""


def another(whole: bytes) -> bytes:
    """Encrypted to our key, and no backup at all: anybody can make that."""
    import pyrage

    return pyrage.encrypt(b"hello", [PRIVATE.to_public()])


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # the file is read before any database
@pytest.mark.parametrize("harm", [cut, turned, foreign, nothing, another])
def test_a_damaged_or_foreign_file_restores_nothing(
    kept: Kept, empty: Empty, tmp_path: Path, harm: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "harmed.tar.gz.age"
    path.write_bytes(harm(kept.path.read_bytes()))
    with empty() as url, pytest.raises(Conflict) as refused:
        restore(kept, url, path)
    assert refused.value.message == backup_file.FOREIGN and is_empty(url)


def repacked(kept: Kept, tmp_path: Path, secret: str = factories.SECRET, **changed: object) -> Path:
    """Pack a backup anew with a list that says something else, as whoever has the public key can."""
    copy, path = tmp_path / "copy", tmp_path / "repacked.tar.gz.age"
    with backup_file.opened(kept.path, [PRIVATE]) as backup:
        backup.unpack(copy)
        manifest = backup.manifest.model_copy(update=changed)
    backup_file.write(path, PUBLIC, secret, manifest, copy)
    return path


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"schema_revision": "9999", "program": "9.0.0"}, restoring.NEWER),
        ({"format": 2}, restoring.NEWER),
        ({"engine": "postgresql"}, restoring.OTHER_ENGINE),
        ({"sha256": "0" * 64}, backup_file.DAMAGED),
        ({"rows": {"response": 3}}, backup_contents.OTHER),
        ({"digests": {"2026-10 calendar": "4:0"}}, backup_contents.OTHER),
    ],
    ids=["newer schema", "newer format", "another engine", "another copy", "other rows", "another digest"],
)
def test_a_list_that_says_something_else_restores_nothing(
    kept: Kept, empty: Empty, tmp_path: Path, changed: dict[str, object], message: str
) -> None:
    with empty() as url, pytest.raises(Conflict) as refused:
        restore(kept, url, repacked(kept, tmp_path, **changed))
    assert refused.value.message == message and is_empty(url)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_key_of_another_pair_and_a_forged_seal_are_refused(kept: Kept, empty: Empty, tmp_path: Path) -> None:
    forged = repacked(kept, tmp_path, secret="another secret key of 32 letters")
    with empty() as url:
        with pytest.raises(Conflict) as refused:
            restore(kept, url, keys=[x25519.Identity.generate()])
        assert refused.value.message == backup_file.WRONG_KEY
        with pytest.raises(Conflict) as refused:
            restore(kept, url, forged)
        assert refused.value.message == restoring.OTHER_SECRET and is_empty(url)
        restore(kept, url, forged, other_secret=True)
        assert not is_empty(url)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_backup_from_before_the_secret_key_was_changed_is_known(kept: Kept, empty: Empty) -> None:
    with empty() as url:
        restore(kept, url, secret=BETWEEN.join(("another secret key of 32 letters", factories.SECRET)))
        assert not is_empty(url)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_without_room_the_file_that_cannot_be_written_is_named(kept: Kept, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.symlink_to("/dev/full")
    with pytest.raises(OSError) as refused, backup_file.opened(kept.path, [PRIVATE]) as backup:
        backup.unpack(full)
    assert (refused.value.errno, refused.value.filename) == (errno.ENOSPC, str(full))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_remains_of_another_database_are_not_mixed_in(kept: Kept, empty: Empty) -> None:
    with empty() as url:
        path = Path(str(sa.make_url(url).database))
        journal = path.with_name(path.name + "-wal")
        journal.write_bytes(b"of another one")
        with pytest.raises(Conflict) as refused:
            restore(kept, url)
        assert refused.value.message == database_copy.REMAINS and not path.exists()


def test_one_of_an_older_program_is_restored_and_then_migrated(chosen: Settings, store: Database, empty: Empty) -> None:
    migrations.migrate(store, "0044")
    made = backups.make(store, chosen, None, AT)
    assert (made.manifest.schema_revision, made.manifest.digests) == ("0044", {})
    with empty() as url:
        assert restore(Kept(made.path, chosen), url).schema_revision == "0044"
        with Database(url) as restored:
            migrations.migrate(restored)
            with restored.session(writes=False) as session:
                acts = session.scalars(sa.select(AuditEntry.act).order_by(AuditEntry.id.desc()).limit(1)).all()
                assert acts == [Act.DATABASE_RESTORED.value]


def test_the_commands_make_one_and_restore_it(kept: Kept, empty: Empty, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    made = commands.hailong("backup", "--out", folder, environ=environment(kept.settings))
    (path,) = folder.iterdir()
    assert made.returncode == 0 and made.stdout.startswith(f"Backup made: {path}, "), made.stderr
    with empty() as url:
        environ = environment(replace(kept.settings, database_url=url))
        done = commands.hailong("restore", path, "--key", key_file(tmp_path), environ=environ)
        assert done.returncode == 0, done.stderr
        assert "counted and as in the backup.\nDigests as in the backup: 2. Run `hailong doctor` now.\n" in done.stdout
        again = commands.hailong("restore", path, "--key", "-", given=str(PRIVATE).encode(), environ=environ)
        assert (again.returncode, again.stdout, again.stderr.count("\n")) == (1, "", 1)
        assert "The database is not empty" in again.stderr


@pytest.mark.parametrize("text", ["", "age1abc", "AGE-SECRET-KEY-1NONSENSE"])
def test_a_file_without_a_private_key_says_so(text: str) -> None:
    with pytest.raises(SurveyError) as refused:
        backup_file.identities("backup.key", text)
    assert refused.value.message == backup_file.NO_PRIVATE_KEY
