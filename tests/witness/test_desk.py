"""A witness over HTTP, as one file on a bare machine: two commands, and what it answers."""

from __future__ import annotations

import hashlib
import http.client
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from survey.settings import ROOT
from survey.witness import desk
from survey.witness.archive import archive
from tests.support.sending.certificate import authority
from tests.support.witnesses import NAME, ORIGIN, SentLedger, served, witness_in

LEDGER = SentLedger([f"entry {number}" for number in range(40)])
PLACE = f"/{hashlib.sha256(ORIGIN.encode()).hexdigest()}/checkpoint"


def exchange(
    address: str, method: str, path: str, body: bytes | None = None, trusted: ssl.SSLContext | None = None
) -> tuple[int, str, str]:
    line = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    if trusted is not None:
        line = http.client.HTTPSConnection(urlsplit(address).netloc, timeout=10, context=trusted)
    line.request(method, path, body)
    reply = line.getresponse()
    content = reply.read().decode()
    line.close()
    return reply.status, reply.headers.get("Content-Type", ""), content


def test_replies_are_those_of_tlog_witness(tmp_path: Path) -> None:
    witness = witness_in(tmp_path / "w", LEDGER.signer)
    with served(witness) as address:
        assert exchange(address, "GET", "/")[2] == f"{witness.public}\n"
        assert exchange(address, "GET", PLACE)[0] == 404
        status, _, line = exchange(address, "POST", "/add-checkpoint", LEDGER.request(0, 10))
        assert status == 200 and line.startswith(f"— {NAME} ") and line.count("\n") == 1
        conflict = exchange(address, "POST", "/add-checkpoint", LEDGER.request(0, 20))
        assert conflict == (409, "text/x.tlog.size", "10\n")
        assert exchange(address, "GET", PLACE)[2] == LEDGER.note(10) + line
        for path, status in (("/add-checkpoint", 400), ("/sign-subtree", 404)):
            assert exchange(address, "POST", path, b"nothing")[0] == status
        assert exchange(address, "POST", "/add-checkpoint", bytes(desk.MOST_BYTES + 1))[0] == 413
        assert exchange(address, "GET", "/elsewhere")[0] == 404


def test_the_service_starts_what_there_is() -> None:
    lines = (ROOT / "deploy" / "hailong-witness.service").read_text(encoding="utf-8").splitlines()
    [start] = [line.removeprefix("ExecStart=").split() for line in lines if line.startswith("ExecStart=")]
    shown = subprocess.run([sys.executable, "-m", "survey.witness", "-h"], cwd=ROOT, capture_output=True, text=True)
    words = start[start.index("/opt/witness/witness.pyz") + 1 :]
    assert words[0] == "serve" and {word for word in words if word.startswith("--")} <= set(shown.stdout.split())
    assert f"StateDirectory={Path(words[words.index('--folder') + 1]).name}" in lines


def test_who_says_nothing_keeps_nobody_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "SECONDS", 1)
    monkeypatch.setattr(desk.WitnessHandler, "timeout", 1)
    with served(witness_in(tmp_path / "w", LEDGER.signer)) as address:
        place = urlsplit(address)
        silent = [socket.create_connection((place.hostname, place.port)) for _ in range(desk.MOST_AT_ONCE)]
        time.sleep(1.5)
        assert exchange(address, "POST", "/add-checkpoint", LEDGER.request(0, 10))[0] == 200
        for line in silent:
            line.close()


def test_over_tls_who_says_nothing_keeps_nobody_waiting_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "SECONDS", 1)
    _, file = authority(tmp_path)
    trusted = ssl.create_default_context(cafile=file)
    trusted.check_hostname = False  # the name is that of the machine, its address is asked
    with served(witness_in(tmp_path / "w", LEDGER.signer), (file, tmp_path / "private.pem")) as address:
        place = urlsplit(address)
        with socket.create_connection((place.hostname, place.port)) as silent:
            assert silent.recv(1) == b"", "its place is free again"
        assert exchange(address, "POST", "/add-checkpoint", LEDGER.request(0, 10), trusted)[0] == 200


def test_whoever_comes_when_all_places_are_taken_is_turned_away_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "MOST_AT_ONCE", 1)
    with served(witness_in(tmp_path / "w", LEDGER.signer)) as address:
        place = urlsplit(address)
        with socket.create_connection((place.hostname, place.port)), pytest.raises(ConnectionError):
            exchange(address, "GET", "/")


def test_two_commands_on_a_bare_machine(tmp_path: Path) -> None:
    assert archive() == archive()
    (tmp_path / "witness.pyz").write_bytes(archive())
    run = [sys.executable, "-I", "witness.pyz"]

    def done(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*run, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done("key").returncode == 1 and "run `new`" in done("key").stderr
    assert done("new", NAME, "no key").returncode == 1
    made = done("new", NAME, str(LEDGER.signer.verifier))
    assert made.returncode == 0 and made.stdout.startswith(f"{NAME}+"), made.stderr
    assert done("new", NAME, str(LEDGER.signer.verifier)).returncode == 1
    serving = subprocess.Popen(
        [*run, "serve", "--listen", "127.0.0.1:0"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert serving.stdout is not None
        line = serving.stdout.readline()
        address = "http://" + line.split(" on ")[1].split(": ")[0]
        assert exchange(address, "POST", "/add-checkpoint", LEDGER.request(0, 10))[0] == 200
        fork = SentLedger(["other", *LEDGER.words], LEDGER.signer)
        assert exchange(address, "POST", "/add-checkpoint", fork.request(10, 20))[0] == 422
    finally:
        serving.terminate()
        serving.communicate()
    evidence = done("evidence")
    assert evidence.returncode == 1 and "CHỨNG CỨ" in evidence.stdout and fork.note(20) in evidence.stdout
    assert LEDGER.note(10) in evidence.stdout and done("key").stdout == made.stdout
    (tmp_path / "witness" / "witness.sqlite").unlink()
    assert done("serve").returncode == 1 and "is lost" in done("key").stderr, "what was signed is not forgotten"
