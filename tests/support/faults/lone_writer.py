"""One process that answers by the product's own pages, step by step as it is told: its writes can be counted."""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from survey.app import create_app
from survey.db import engine
from survey.ledger import sealing
from survey.periods import now
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support.faults.evidence import key_of
from tests.support.faults.people import FIELD, RECEIPT, Sheet
from tests.support.faults.restarted import PROGRAM

COMMENT = "Chờ lâu quá, xin làm nhanh hơn"


@dataclass(frozen=True)
class Habits:
    """How the writer's database is set, and whether it keeps what it promises."""

    journal: str = "WAL"
    log_pages: int = 1000  # after so many the log is written back into the file
    synchronous: str = ""  # as the product has it
    careless: bool = False  # acknowledges though the commit has failed


@dataclass
class LoneWriter:
    """The process, and the sheets that it has been given."""

    pid: int
    line: Connection
    sheets: list[Sheet] = field(default_factory=list)

    def answer(self, number: int) -> list[str]:
        """Let so many people answer; return what was wrong with the refusals."""
        return self._send([Sheet("/q/TESTQR", 1 + i % 5) for i in range(number)])

    def again(self) -> list[str]:
        """Let everybody without a receipt send the same page again."""
        again = [sheet for sheet in self.sheets if not sheet.receipts]
        self.sheets = [sheet for sheet in self.sheets if sheet.receipts]
        return self._send(again)

    def seal(self) -> None:
        """Seal the ledger."""
        self.line.send(None)
        self.line.recv()

    @property
    def acknowledged(self) -> set[str]:
        return {receipt for sheet in self.sheets for receipt in sheet.receipts}

    def _send(self, sheets: list[Sheet]) -> list[str]:
        self.line.send(sheets)
        answered, wrong = self.line.recv()
        self.sheets += answered
        return list(wrong)


@contextmanager
def writing(settings: Settings, habits: Habits, promises: Path) -> Iterator[LoneWriter]:
    """Have such a process for the time of a block; `promises` lists what it has shown: receipts, what was sealed."""
    ours, theirs = PROGRAM.Pipe()
    process = PROGRAM.Process(target=_write, args=(settings, habits, promises, theirs))
    process.start()
    theirs.close()
    try:
        ours.recv()
        assert process.pid
        yield LoneWriter(process.pid, ours)
    finally:
        process.kill()
        process.join()


def _write(settings: Settings, habits: Habits, promises: Path, line: Connection) -> None:
    engine.journal_mode = lambda _version: habits.journal  # type: ignore[assignment]
    if habits.careless:
        engine.LockingConnection.commit = _careless_commit  # type: ignore[method-assign]
    app = create_app(replace(settings, log_level="CRITICAL"))
    database = survey_of(app).database

    @sa.event.listens_for(database.engine, "connect")
    def _set(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA wal_autocheckpoint = {habits.log_pages}")
        if habits.synchronous:
            connection.execute(f"PRAGMA synchronous = {habits.synchronous}")

    client = app.test_client()
    client.get("/q/TESTQR")
    shown = os.open(promises, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    line.send("ready")
    try:
        while True:
            sheets = line.recv()
            if sheets is None:
                signed = sealing.seal(database, key_of(settings), now())
                if signed is not None:
                    os.write(shown, f"sealed {signed.size} {base64.b64encode(signed.root).decode()}\n".encode())
                line.send(signed)
            else:
                line.send((sheets, [word for sheet in sheets if (word := _answer(client, sheet, shown))]))
    except EOFError:
        sys.exit()


def _answer(client: FlaskClient, sheet: Sheet, shown: int) -> str:
    """Send one sheet; return what is wrong with the reply: neither a receipt nor an honest refusal with all words."""
    page = client.get(sheet.path)
    if page.status_code != 200:
        return f"the page itself: {page.status_code}"
    sheet.fields = sheet.fields or dict(FIELD.findall(page.text))
    sent = client.post(sheet.path, data={**sheet.fields, "S1": str(sheet.rating), "S8": COMMENT})
    receipts = RECEIPT.findall(sent.text)
    if sent.status_code == 200 and receipts:
        sheet.receipts.append(receipts[0])
        os.write(shown, receipts[0].encode() + b"\n")
        return ""
    honest = sent.status_code == 503 and not receipts and COMMENT in sent.text and "Retry-After" in sent.headers
    return "" if honest else f"{sent.status_code}: {sent.text[:200]}"


def _careless_commit(connection: engine.LockingConnection) -> None:
    try:
        engine.sqlite.Connection.commit(connection)
    except engine.sqlite.Error:
        engine.sqlite.Connection.rollback(connection)
    connection._unlock()
