"""What is served is what C2SP's programs expect, and a stranger's check of it and of a receipt holds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from survey import questionnaires
from survey.collection import invitations, responses
from survey.collection.answers import Answers
from survey.collection.responses import SubmissionMeta, Submitted
from survey.ledger import merkle, signing_key
from survey.ledger.merkle import WIDTH, leaf_hash
from survey.ledger.notes import Checkpoint, Verifier, checkpoint, opened
from survey.ledger.tiles import Tile, filled
from survey.models import LedgerEntry, Response
from survey.results import published
from survey.security.tokens import receipt_code
from survey.web.public.ledger import SCRIPT
from tests.support import factories
from tests.support.cases import answer
from tests.support.ledgers import NOON, Ledger
from tests.support.published import publish_october

CHECKER = os.environ.get("LEDGER_CHECK")


def many(ledger: Ledger, number: int) -> None:
    """Add this many answers, and seal them."""
    with ledger.writing() as session:
        place = factories.placement(session)
        source = invitations.place(session.connection(), place.code, place.channel)
        sheet = questionnaires.asked_now(session)
        sent = [
            Submitted(source, sheet, Answers({"overall": at % 5 + 1}, {}, {}), SubmissionMeta(f"page {at}", NOON, "vi"))
            for at in range(number)
        ]
        responses.record_many(session.connection(), factories.SECRET, sent)
    ledger.seal()


def copy(client: FlaskClient, folder: Path) -> Checkpoint:
    """Read the whole ledger as it is served into a folder."""
    note = client.get("/ledger/checkpoint").text
    served = checkpoint(note)
    (folder / "checkpoint").write_text(note, encoding="utf-8")
    for level in (None, 0, 1, 2):
        number = filled(level, served.size)
        for first in range(0, number, WIDTH):
            path = Tile(level, first // WIDTH, min(WIDTH, number - first)).path
            target = folder / "tile" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(client.get(f"/ledger/tile/{path}").data)
    return served


def check(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_before_anything_is_sealed_there_is_no_ledger(client: FlaskClient) -> None:
    for path in ("checkpoint", "key", "tile/0/000", "tile/entries/000.p/1"):
        assert client.get(f"/ledger/{path}").status_code == 404


def test_tiles_are_served_as_far_as_they_are_signed_and_kept_for_ever(client: FlaskClient, sealed: Ledger) -> None:
    reply = client.get("/ledger/checkpoint")
    key = Verifier.parse(client.get("/ledger/key").text)
    size = checkpoint(opened(reply.text, [key])).size
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "no-cache" in reply.headers["Cache-Control"]
    with sealed.writing() as session:
        answer(session, factories.invitation(session), 3, NOON)
    tile = client.get(f"/ledger/tile/0/000.p/{size}")
    assert len(tile.data) == 32 * size and "immutable" in tile.headers["Cache-Control"]
    assert tile.headers["Content-Type"] == "application/octet-stream"
    assert client.get("/ledger/tile/0/000.p/1").data == tile.data[:32]
    for path in (f"0/000.p/{size + 1}", "0/000", "0/001", "1/000.p/1", "0/000.p/0", "9/000", "0/0", "entries/x000/000"):
        assert client.get(f"/ledger/tile/{path}").status_code == 404


def test_a_strangers_program_checks_ledger_and_receipt(client: FlaskClient, sealed: Ledger, tmp_path: Path) -> None:
    copy(client, tmp_path)
    key = client.get("/ledger/key").text.strip()
    (tmp_path / "old").write_text(client.get("/ledger/checkpoint").text, encoding="utf-8")
    many(sealed, 260)
    served = copy(client, tmp_path)
    with sealed.store.session(writes=False) as session:
        receipt = session.scalars(sa.select(Response.receipt).order_by(Response.id)).first() or b""
    file = client.get(f"/receipt/{receipt_code(receipt)}/proof")
    (tmp_path / "receipt").write_text(file.text, encoding="utf-8")
    assert receipt_code(receipt) + ".tlog-proof" in file.headers["Content-Disposition"]
    done = check(tmp_path, "--key", key, "--since", tmp_path / "old", "--proof", tmp_path / "receipt")
    assert done.returncode == 0, done.stderr
    assert f"{served.size} entries, as signed" in done.stdout and "The receipt holds" in done.stdout


def test_a_strangers_program_finds_what_was_changed(client: FlaskClient, sealed: Ledger, tmp_path: Path) -> None:
    served = copy(client, tmp_path)
    key = client.get("/ledger/key").text.strip()
    entries = tmp_path / "tile" / Tile(None, 0, served.size).path
    entries.write_bytes(entries.read_bytes().replace(b'"channel":"invitation"', b'"channel":"telephony!"', 1))
    assert "entry" in check(tmp_path, "--key", key).stderr
    copy(client, tmp_path)
    other = tmp_path / "other"
    other.write_text(sealed_by_the_same_key(sealed, served.size - 1), encoding="utf-8")
    assert "not those that were signed" in check(tmp_path, "--key", key, "--since", other).stderr
    assert "not signed by this key" in check(tmp_path, "--key", _another_key(key)).stderr


def sealed_by_the_same_key(ledger: Ledger, size: int) -> str:
    """Return a checkpoint of another history."""
    return signing_key.load(ledger.key).sign(Checkpoint("example.vn/ledger", size, merkle.EMPTY).text())


def _another_key(key: str) -> str:
    return str(Verifier(key.partition("+")[0], leaf_hash(b"another")))


@pytest.mark.parametrize("number", [1, 300])
def test_gos_own_packages_check_ledger_and_receipt(
    client: FlaskClient, sealed: Ledger, tmp_path: Path, number: int
) -> None:
    if CHECKER is None:
        pytest.skip("set LEDGER_CHECK to a checker of C2SP logs made on Go's packages sumdb/note and sumdb/tlog")
    many(sealed, number)
    copy(client, tmp_path)
    key = client.get("/ledger/key").text.strip()
    with sealed.store.session(writes=False) as session:
        row = session.execute(sa.select(Response.receipt, Response.entry).order_by(Response.id)).all()[1]
        entry = session.scalars(sa.select(LedgerEntry.content).where(LedgerEntry.number == row.entry)).one()
    proof = client.get(f"/receipt/{receipt_code(row.receipt)}/proof").text
    (tmp_path / "receipt").write_text(proof, encoding="utf-8")
    (tmp_path / "entry").write_bytes(entry)
    arguments = [CHECKER, key, tmp_path, tmp_path / "receipt", tmp_path / "entry"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "the inclusion proof holds" in done.stdout


def test_a_strangers_program_finds_the_entry_of_published_results(
    client: FlaskClient, sealed: Ledger, tmp_path: Path
) -> None:
    with sealed.writing() as session:
        of = publish_october(session)
        (tmp_path / "results.json").write_bytes(published.written(of.figures))
    sealed.seal()
    copy(client, tmp_path)
    key = client.get("/ledger/key").text.strip()
    done = check(tmp_path, "--key", key, "--file", tmp_path / "results.json")
    assert done.returncode == 0, done.stderr
    assert '"kind":"results"' in done.stdout and of.sha256.hex() in done.stdout
    (tmp_path / "results.json").write_bytes(published.written({**of.figures, "target": "0.50"}))
    assert "no entry names the file" in check(tmp_path, "--key", key, "--file", tmp_path / "results.json").stderr
