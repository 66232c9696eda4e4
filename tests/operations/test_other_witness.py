"""A witness and a checker that we did not write work with our ledger (aics-witness and aics-tlog, Python 3.12).

Set OTHER_WITNESS and OTHER_CHECKER to the commands that start them.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from survey.ledger import signing_key
from survey.ledger.notes import COSIGNER, Verifier, opened
from survey.models import LedgerWitness
from survey.operations import cosigning, witnesses
from survey.operations.cosigning import WitnessFault
from tests.ledger.test_served import copy
from tests.operations.test_cosigning import ask, more, own, rewrite, state, witnessed
from tests.support.ledgers import NOON, Ledger, ledger, sealed
from tests.support.serving import free_port

__all__ = ["ledger", "sealed"]  # the fixtures
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def command(variable: str) -> list[str]:
    if variable not in os.environ:
        pytest.skip(f"set {variable} to a program that we did not write")
    return shlex.split(os.environ[variable])


@pytest.fixture
def stranger(sealed: Ledger, tmp_path: Path) -> Iterator[tuple[list[str], str, str]]:
    """Serve another program's witness; yield its command, its address and its key."""
    run, port = command("OTHER_WITNESS"), free_port()
    config = ["--config", str(tmp_path / "other.json")]
    init = [*run, "init", *config, "--name", "other.example.vn", "--listen", f"127.0.0.1:{port}"]
    printed = subprocess.run(init, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    verifier = str(signing_key.load(sealed.key).verifier)
    known = [*run, "add-log", *config, "--origin", "example.vn/ledger", "--vkey", verifier]
    subprocess.run(known, capture_output=True, check=True, cwd=tmp_path)
    serving = subprocess.Popen([*run, "serve", *config], cwd=tmp_path, stderr=subprocess.DEVNULL)
    try:
        time.sleep(2)
        yield [*run, "evidence", *config], f"http://127.0.0.1:{port}", printed.split()[-1]
    finally:
        serving.terminate()
        serving.wait()


def test_another_programs_witness_signs_our_ledger_and_refuses_a_rewritten_one(
    client: FlaskClient, sealed: Ledger, stranger: tuple[list[str], str, str], tmp_path: Path
) -> None:
    evidence, address, key = stranger
    with sealed.writing() as session:
        witnesses.add(session, address, key, NOON)
    for _ in range(3):
        assert ask(sealed) == 1, state(sealed).fault
        more(sealed)
    assert ask(sealed) == 1
    opened(client.get("/ledger/checkpoint").text, [Verifier.parse(key, COSIGNER)])
    rewrite(sealed)
    with sealed.writing() as session:
        session.execute(sa.update(LedgerWitness).values(size=0))
    more(sealed, 12)
    assert cosigning.ask_all(sealed.store, lambda: NOON) == 0 and state(sealed).fault == WitnessFault.FORKED
    kept = subprocess.run(evidence, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    assert "example.vn/ledger" in kept


def test_another_programs_checker_believes_our_witness(client: FlaskClient, sealed: Ledger, tmp_path: Path) -> None:
    run = command("OTHER_CHECKER")
    with witnessed(sealed, own(sealed, tmp_path / "witness")):
        more(sealed, 300)
        ask(sealed)
    copy(client, tmp_path)
    key, cosigner = (client.get(f"/ledger/{name}").text.strip() for name in ("key", "witnesses"))
    check = [*run, "verify-checkpoint", "--note", str(tmp_path / "checkpoint"), "--log-key", key]
    done = subprocess.run([*check, "--witness-key", cosigner, "--quorum", "1"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
