"""The rehearsal of a lost database: a backup while people answer, restored elsewhere, every figure as it was."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from survey import reports
from survey.db.engine import Database
from survey.i18n import speaking
from survey.models import Response
from survey.periods import parse
from survey.results import closing
from survey.results.scope import scope_for
from survey.security.tokens import keyed, receipt_code
from survey.settings import ROOT, Settings
from tests.support import canaries, commands, factories, reporting
from tests.support.backups import PRIVATE, environment, key_file, members, with_backups
from tests.support.faults.people import Sheet, crowd
from tests.support.faults.restarted import forked
from tests.support.figures import STANDARD

PEOPLE, MOST = 4, 20_000
LATER = reporting.NOON.replace(month=11, day=20)
PASSWORD, HEADER = "smtp-canary-4711-password", "gateway-canary-4711-header"
SEALING = re.compile(r'^PURPOSE\b.* = "(\w[\w ]*)"', re.M)


@pytest.fixture
def elsewhere(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., object]:
    """How to have an empty database of the same kind for the time of a block."""

    @contextmanager
    def empty() -> Iterator[str]:
        if engine_name == "sqlite":
            (tmp_path / "elsewhere").mkdir()
            yield f"sqlite:///{tmp_path}/elsewhere/hailong.db"
            return
        maintenance = request.getfixturevalue("maintenance")
        maintenance.execute(b"CREATE DATABASE rehearsed TEMPLATE template0")
        yield sa.make_url(request.getfixturevalue("database_url")).set(database="rehearsed").render_as_string(False)
        maintenance.execute(b"DROP DATABASE rehearsed WITH (FORCE)")

    return empty


def closed_report(database: Database, folder: Path) -> dict[str, bytes]:
    """Return the files of October's report, which are the same bytes for ever."""
    with database.session(writes=False) as session, speaking("vi"):
        scope = scope_for(session, parse("2026-10"), factories.agency_id(session, "H61"))
        report = reports.build(session, scope, STANDARD, LATER.date(), language="vi")
        return {path.suffix: path.read_bytes() for path in reports.write(report, folder, ("json", "csv"))}


def receipts(database: Database) -> set[str]:
    with database.session(writes=False) as session:
        return {receipt_code(receipt) for receipt in session.scalars(sa.select(Response.receipt))}


def acknowledged(sheets: list[Sheet]) -> set[str]:
    return {receipt for sheet in sheets for receipt in sheet.receipts}


def test_a_backup_made_while_people_answer_is_restored_elsewhere_with_every_figure(
    settings: Settings, store: Database, elsewhere: Callable[[], AbstractContextManager[str]], tmp_path: Path
) -> None:
    chosen = with_backups(settings, tmp_path / "backups")
    with store.session(writes=True) as session:
        reporting.answers(session)
        factories.placement(session)
        closing.close(session, parse("2026-10"), LATER, STANDARD)
        session.commit()
    sheets, stop = [Sheet("/q/TESTQR", 1 + number % 5) for number in range(MOST)], threading.Event()
    secrets = {"HAILONG_SMTP_PASSWORD": PASSWORD, "HAILONG_GATEWAY_HEADERS": json.dumps({"Key": HEADER})}
    with forked(settings) as server:
        people = crowd(server.port, sheets, stop, PEOPLE)
        try:
            wait_for(lambda: len(acknowledged(sheets)) > PEOPLE)
            before = acknowledged(sheets)
            made = commands.hailong("backup", environ=environment(chosen) | secrets)
            after = acknowledged(sheets)
            wait_for(lambda: len(acknowledged(sheets)) > len(after))  # it has hurt nobody
        finally:
            stop.set()
            for person in people:
                person.join()
    assert made.returncode == 0, made.stderr
    assert after > before, "people were answered while it was made"
    (path,) = Path(chosen.backups).iterdir()
    with elsewhere() as url:
        new = replace(chosen, database_url=url, instance=tmp_path / "other machine")
        done = commands.hailong("restore", path, "--key", key_file(tmp_path), environ=environment(new))
        assert done.returncode == 0, done.stderr
        with Database(url) as restored:
            kept = receipts(restored)
            assert before <= kept and kept <= receipts(store)
            assert closed_report(restored, tmp_path / "new") == closed_report(store, tmp_path / "old")
            manifest = json.loads(members(path)["manifest.json"])
            assert manifest["rows"]["response"] == len(kept) and list(manifest["digests"]) == ["2026-10 calendar"]
    check_no_key_in(path, settings.secret_key)


def wait_for(reached: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < until, "nobody is answered"
        threading.Event().wait(0.005)


def check_no_key_in(path: Path, secret: str) -> None:
    """Look for every key of the installation, and for those derived to seal, in all bytes of a backup."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "survey").rglob("*.py")]
    purposes = {purpose for source in sources for purpose in SEALING.findall(source)}
    assert {"contact", "comment", "webhook"} <= purposes
    keys = [keyed(secret, purpose, "AES-256-GCM") for purpose in purposes]
    wanted = {"key": [secret, PASSWORD, HEADER, str(PRIVATE), "DATABASE_URL", *(key.hex() for key in keys)]}
    held = b"".join(members(path).values())
    assert len(held) > 100_000 and b"H61.50" in held, "it is the plain copy that is searched"
    assert not canaries.hits(held, wanted) and not any(key in held for key in keys)
    assert canaries.hits(held + secret.encode(), wanted) == {("key", "plain")}, "a key would be found"
