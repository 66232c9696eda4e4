"""The operators' manual and what it has copied fit together: user, settings, folder, commands."""

from __future__ import annotations

import getpass
import re
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path

import pytest

from survey.cli import cli
from survey.db.logins import Login
from survey.settings import ROOT, SETTINGS
from tests.support import factories

MANUAL = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
SENDING = (ROOT / "docs" / "sending.md").read_text(encoding="utf-8")
WRAPPER = (ROOT / "deploy" / "hailong").read_text(encoding="utf-8")
FOLDER = "/opt/hailong"
LINE = re.compile(r"^ *((?:DATABASE_URL|SECRET_KEY|PUBLIC_URL|HAILONG_[A-Z_]+)=.*)$", re.M)
UNITS = ("hailong.service", "hailong-work.service", "hailong-seal.service")


def unit(name: str) -> dict[str, str]:
    """Return the section of a unit that says what runs, and how."""
    parser = RawConfigParser(strict=False, delimiters="=")
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # capitals matter to systemd
    parser.read(ROOT / "deploy" / name, encoding="utf-8")
    return dict(parser["Service"])


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_runs_what_there_is_as_the_user_and_in_the_folder_of_the_manual(name: str) -> None:
    service = unit(name)
    group = "--user-group" if service["User"] == service["Group"] else f"--gid {service['Group']}"
    assert re.search(rf"useradd --system {group} --home-dir {FOLDER} .*{service['User']}$", MANUAL, re.M)
    assert (service["Group"], service["WorkingDirectory"]) == ("hailong", FOLDER)
    file = Path(service["EnvironmentFile"]).name  # the last one, which goes before the others
    assert f"/dev/null /etc/{file}" in MANUAL or f"{FOLDER}/deploy/{file}" in MANUAL
    for key in ("ExecStart", "ExecStartPre"):
        program, command, *options = service.get(key, f"{FOLDER}/.venv/bin/hailong doctor").split()
        assert program == f"{FOLDER}/.venv/bin/hailong"
        parameters = cli.commands[command].params
        numbers = {word for word in options if word.isdigit()}
        assert set(options) - numbers <= {word for one in parameters for word in (*one.opts, *one.secondary_opts)}


@pytest.mark.parametrize("name", [name for name in UNITS if "seal" not in name])
def test_the_folder_in_which_a_unit_may_write_is_made_before_it_starts(name: str) -> None:
    """A unit with such a folder missing is not started at all."""
    instance = next(setting.default for setting in SETTINGS if setting.variable == "HAILONG_INSTANCE")
    own, *others = unit(name)["ReadWritePaths"].split()
    assert own == f"{FOLDER}/{instance}"
    assert others == (["-/var/backups/hailong"] if name == "hailong-work.service" else []), "it starts without, too"
    assert "HAILONG_BACKUPS=/var/backups/hailong" in MANUAL
    assert MANUAL.index("hailong secret") < MANUAL.index("systemctl daemon-reload")


def test_each_account_has_its_own_login_in_the_files_that_are_copied() -> None:
    """As `hailong roles` names them after the owner of the manual."""
    ident = (ROOT / "deploy" / "pg_ident.conf").read_text(encoding="utf-8")
    accounts = {login: account for _map, account, login in re.findall(r"^(\S+) +(\S+) +(\S+)$", ident, re.M)}
    owner = "hailong"
    assert accounts == {
        Login.CITIZENS.of(owner): unit("hailong.service")["User"],
        Login.STAFF.of(owner): unit("hailong.service")["User"],
        Login.SEAL.of(owner): unit("hailong-seal.service")["User"],
    }
    assert all(f"createuser {login}'" in MANUAL for login in (owner, *accounts))
    for service, name, logins in (
        ("hailong", "hailong-web", {"DATABASE_URL": Login.STAFF, "HAILONG_CITIZENS_DATABASE_URL": Login.CITIZENS}),
        ("hailong-seal", "hailong-seal", {"DATABASE_URL": Login.SEAL}),
    ):
        used = re.findall(r"^(\w+)=.*//(\w+)@/", (ROOT / "deploy" / f"{name}.env").read_text("utf-8"), re.M)
        assert dict(used) == {variable: login.of(owner) for variable, login in logins.items()}
        files = re.findall(r"^EnvironmentFile=(.+)$", (ROOT / "deploy" / f"{service}.service").read_text("utf-8"), re.M)
        assert files == ["/etc/hailong.env", f"/etc/{name}.env"], "the last one goes before the others"


def test_each_unit_does_its_own_part_alone() -> None:
    """The web does no background work, for which its login has no rights; a key that is there is not made anew."""
    assert unit("hailong.service")["ExecStart"].endswith(" serve --no-work")
    assert unit("hailong-work.service")["ExecStart"].endswith(" work")
    seal = unit("hailong-seal.service")
    assert seal["ExecStartPre"].endswith(" ledger-key --keep") and seal["ExecStart"].endswith(" seal --every 60")


@pytest.mark.parametrize("line", LINE.findall(MANUAL) + LINE.findall(SENDING))
def test_a_setting_of_the_manuals_says_the_same_to_systemd_and_to_a_shell(line: str, tmp_path: Path) -> None:
    """In a file of systemd a comment behind a value is part of it; a shell cuts it off, and divides at blanks."""
    name, _, value = line.partition("=")
    if " hailong " in value:
        return  # a command of the manual, before which a setting stands
    (tmp_path / "env").write_text(f"{line}\n", encoding="utf-8")
    shell = f'. {tmp_path / "env"}; printf %s "${name}"'
    done = subprocess.run(["sh", "-euc", shell], capture_output=True, text=True, check=True)
    assert done.stdout == (value[1:-1] if value[:1] == value[-1:] == "'" else value)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The command as it is installed, for another folder, user and file of settings."""
    program = tmp_path / ".venv" / "bin" / "hailong"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\ncd {ROOT}\nexec {sys.executable} -m survey "$@"\n', encoding="utf-8")
    text = WRAPPER
    for ours, own in {
        FOLDER: str(tmp_path),
        "/etc/hailong.env": str(tmp_path / "env"),
        '" = hailong ]': f'" = {getpass.getuser()} ]',
    }.items():
        assert ours in text, ours
        text = text.replace(ours, own)
    command = tmp_path / "hailong"
    command.write_text(text, encoding="utf-8")
    for file in (command, program):
        file.chmod(0o755)
    return command


def test_the_command_of_operators_speaks_by_the_settings_of_the_services(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "env").write_text(
        f"# ours\nSECRET_KEY={factories.SECRET!r}\nDATABASE_URL=nonsense\nHAILONG_LANGUAGE=en\n", encoding="utf-8"
    )

    def doctor(**environ: str) -> list[str]:
        run = subprocess.run([installed, "doctor"], capture_output=True, text=True, check=False, env=environ)
        assert run.returncode == 1, run
        return [line for line in run.stdout.splitlines() if line.startswith("fault")]

    path = "/usr/sbin:/usr/bin:/sbin:/bin"
    [fault] = doctor(PATH=path)
    assert fault.startswith("fault      settings: ") and "DATABASE_URL" in fault
    faults = doctor(PATH=path, DATABASE_URL=f"sqlite:///{tmp_path / 'tried.db'}")
    assert any("hailong migrate" in line for line in faults), "a look at a copy that was restored"
