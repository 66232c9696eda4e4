"""The units of systemd as systemd itself reads and rates them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from survey.settings import ROOT
from tests.support import debian_program

UNITS = ("hailong.service", "hailong-work.service", "hailong-seal.service")
MOST_EXPOSED = 20  # of 100, as its table counts


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    program = debian_program.command("systemd-analyze", "systemd")
    return subprocess.run([*program, *words], capture_output=True, text=True, check=False)


def rated(unit: Path) -> subprocess.CompletedProcess[str]:
    return analyze("security", "--offline=yes", f"--threshold={MOST_EXPOSED}", "--json=short", str(unit))


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_shut_off_from_what_it_does_not_need(name: str, tmp_path: Path) -> None:
    rating = rated(ROOT / "deploy" / name)
    assert rating.returncode == 0, rating.stdout + rating.stderr
    words = {row["name"] for row in json.loads(rating.stdout)}
    assert "NoNewPrivileges=" in words, "it has been looked at"
    open_one = re.sub(r"^(NoNew|Private|Protect|Restrict|SystemCall|Capability).*\n", "", _text(name), flags=re.M)
    (tmp_path / name).write_text(open_one, encoding="utf-8")
    assert rated(tmp_path / name).returncode != 0, "the measure is one"


@pytest.mark.parametrize("name", UNITS)
def test_systemd_understands_every_line_of_a_unit(name: str, tmp_path: Path) -> None:
    """But for the program, which is installed elsewhere."""
    (tmp_path / name).write_text(_text(name).replace("/opt/hailong/.venv/bin/hailong", "/bin/true"), encoding="utf-8")
    verified = analyze("verify", "--man=no", str(tmp_path / name))
    told = [line for line in verified.stderr.splitlines() if name in line and "NOT_FOUND" not in line]
    assert told == [], told


def test_the_signing_process_has_no_network_and_nobody_else_its_key() -> None:
    unit = _text("hailong-seal.service")
    assert re.search(r"^PrivateNetwork=yes$", unit, re.M) and re.search(
        r"^RestrictAddressFamilies=AF_UNIX$", unit, re.M
    )
    [folder] = re.findall(r"^StateDirectory=(.+)$", unit, re.M)
    [key] = re.findall(r"^HAILONG_LEDGER_KEY=(.+)$", (ROOT / "deploy" / "hailong-seal.env").read_text("utf-8"), re.M)
    assert Path(key).parent == Path("/var/lib") / folder and "StateDirectoryMode=0700" in unit
    assert {_account(name) for name in UNITS} == {"hailong", "hailong-web", "hailong-seal"}


def _account(name: str) -> str:
    return re.findall(r"^User=(.+)$", _text(name), re.M)[0]


def _text(name: str) -> str:
    return (ROOT / "deploy" / name).read_text(encoding="utf-8")
