"""Try README's commands on bare Debian machines: `make fresh`, before every release.

A machine is a root that debootstrap makes, holding nothing but what README asks for. In a copy of it the last commit is
cloned, as root or as an ordinary user, and `make demo-data` and `make test` are run. The way in which this computer
reaches packages (name servers, proxies, certificates, settings of apt, pip and npm) is carried into it.

Each step has mount and process namespaces of its own: when it ends, or this program does in whatever way, the kernel
takes the mounts away and ends what still runs. Nothing is left to unmount, and a root can simply be deleted.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parent.parent.parent
CACHE = PROJECT / ".cache" / "fresh"
LOGS, PASSED = CACHE / "logs", CACHE / "passed.json"
SUITES, USERS, COMMANDS = ("bookworm", "trixie"), ("root", "user"), ("demo-data", "test")
NEXT, AGAIN = "forky", "again"
PACKAGES = "python3,make,git,ca-certificates"
MOST_SECONDS = 5400
USAGE = f"""\
make fresh                    try everything that has not passed at this commit
make fresh FRESH="WORDS"      only {" or ".join(SUITES)}, as {" or ".join(USERS)}, {" or ".join(COMMANDS)};
                              {NEXT}: the Debian to come; {AGAIN}: what has passed, too"""

ISOLATED = ("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child")
# The shell stays, as the first process of the machine, and takes in the orphans of others.
ENTER = """
set -e
root=$1 user=$2 script=$3
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount -t devpts -o newinstance,gid=5,mode=620,ptmxmode=666 devpts "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
chroot --userspec="$user" "$root" /bin/sh -c "cd && $script" || exit $?
"""

VARIABLE = re.compile(r".*_proxy|pip_.*|npm_config_.*|ssl_cert_.*|.*_ca_.*|.*_cainfo", re.IGNORECASE)
ACQUIRE = re.compile(r"Acquire::(https?|Check-|Retries|ForceIPv)", re.IGNORECASE)
PROXY = re.compile(r'^Acquire::(https?)::Proxy "(.+)";$', re.IGNORECASE | re.MULTILINE)
SYSTEM = (
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/apt/auth.conf",
    "/etc/apt/auth.conf.d",
    "/etc/pip.conf",
    "/etc/xdg/pip",
)
HOME = (".config/pip/pip.conf", ".pip/pip.conf", ".netrc")
NPM = ("/etc/npmrc", "/usr/etc/npmrc", "/usr/local/etc/npmrc", "~/.npmrc")


class Row(NamedTuple):
    """What became of one command on one machine."""

    suite: str
    user: str
    command: str
    python: str = ""
    outcome: str = ""
    seconds: str = ""
    last_line: str = ""


class NoMachine(Exception):
    """A machine could not be made; carries where to read why."""


def main(words: Sequence[str]) -> int:
    """Try what the words choose; exit code 0 if all of it passed, 1 if not, 2 if it cannot be tried here."""
    if strange := sorted({*words} - {*SUITES, NEXT, *USERS, *COMMANDS, AGAIN}):
        print(f"There is no {', '.join(strange)}.\n{USAGE}", file=sys.stderr)
        return 2
    if missing := _missing():
        print(missing, file=sys.stderr)
        return 2
    LOGS.mkdir(parents=True, exist_ok=True)
    CACHE.chmod(0o700)  # settings that are carried may hold passwords
    with (CACHE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another make fresh is at work here.", file=sys.stderr)
            return 2
        return _all(words)


def _all(words: Sequence[str]) -> int:
    commit = _output("git", "rev-parse", "HEAD")
    print(f"Commit {_output('git', 'log', '-1', '--format=%h %s')}")
    if _output("git", "status", "--porcelain"):
        print("Changes that are not committed are not tried.")
    rows = _passed(commit)
    suites = [suite for suite in (*SUITES, NEXT) if suite in words] or SUITES
    users = [user for user in USERS if user in words] or USERS
    commands = [command for command in COMMANDS if command in words] or COMMANDS
    wanted = list(itertools.product(suites, users, commands))
    if AGAIN in words:
        rows = {key: row for key, row in rows.items() if key not in wanted}
    for suite, user in dict.fromkeys(key[:2] for key in wanted):
        left = [command for command in commands if (suite, user, command) not in rows]
        for row in _tried(suite, user, left):
            rows[row[:3]] = row
            passed = [row for row in rows.values() if row.outcome == "passed"]
            PASSED.write_text(json.dumps({"commit": commit, "rows": passed}), encoding="utf-8")
    _print([rows[key] for key in wanted])
    return int(any(rows[key].outcome != "passed" for key in wanted))


def _missing() -> str:
    """Return what keeps this computer from making machines, with the cure."""
    if os.geteuid():
        return "Bare machines can be made by root only: sudo make fresh"
    if not shutil.which("debootstrap"):
        subprocess.run(["apt-get", "install", "--yes", "debootstrap"], check=False)
    if not shutil.which("debootstrap"):
        return "debootstrap is missing: apt-get update && apt-get install debootstrap"
    if subprocess.run([*ISOLATED, "true"], check=False).returncode:
        return "Namespaces are not allowed here, as in many containers: use a computer or virtual machine of your own."
    return ""


def _passed(commit: str) -> dict[tuple[str, str, str], Row]:
    """Return what has passed at this commit, in a run that was broken off or chose other words."""
    with suppress(OSError, ValueError):
        kept = json.loads(PASSED.read_text(encoding="utf-8"))
        if kept["commit"] == commit:
            return {row[:3]: row for row in itertools.starmap(Row, kept["rows"])}
    return {}


def _tried(suite: str, user: str, commands: Sequence[str]) -> Iterator[Row]:
    """Run the commands one after the other on one new machine, and yield what became of each."""
    if not commands:
        return
    try:
        root = _machine(suite, user)
        python = _step(root, user, "python3 -V", "python").split()[-1]
    except NoMachine as why:
        yield from (Row(suite, user, command, outcome="no machine", last_line=str(why)) for command in commands)
        return
    rows = []
    for command in commands:
        rows.append(_command(root, Row(suite, user, command, python)))
        yield rows[-1]
    if all(row.outcome == "passed" for row in rows):
        shutil.rmtree(root)  # one with a failure stays, for a look


def _command(root: Path, row: Row) -> Row:
    log = LOGS / f"{root.name}-{row.command}.log"
    print(f"{row.suite}, {row.user}: make {row.command} (follow it in {log})", flush=True)
    began = time.monotonic()
    code = _inside(root, row.user, f"cd hailong && make {row.command}", log)
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    if code != 0:
        print("\n".join(f"    {line}" for line in lines[-15:]))
    outcome = "passed" if code == 0 else "too slow" if code is None else f"failed ({code})"
    seconds = f"{time.monotonic() - began:.0f}"
    return row._replace(outcome=outcome, seconds=seconds, last_line=lines[-1].strip(" =") if lines else "")


def _machine(suite: str, user: str) -> Path:
    """Return the root of a new machine of this suite, on which the user has cloned the project."""
    root = CACHE / f"{suite}-{user}"
    shutil.rmtree(root, ignore_errors=True)
    base = _base(suite)
    print(f"{suite}, {user}: a new machine", flush=True)
    subprocess.run(["cp", "--archive", "--reflink=auto", str(base), str(root)], check=True)
    _carry(root, root / ("root" if user == "root" else "etc/skel"))
    _step(root, "root", "apt-get update" + ("" if user == "root" else f" && useradd --create-home {user}"), "setup")
    _output("git", "bundle", "create", "--quiet", str(root / "hailong.bundle"), "HEAD")
    _step(root, user, "git clone --quiet /hailong.bundle hailong", "clone")
    return root


def _base(suite: str) -> Path:
    """Return the bare root of a suite, made once and copied from then on."""
    base, unfinished, log = CACHE / suite, CACHE / f"{suite}.part", LOGS / f"{suite}-debootstrap.log"
    if not base.is_dir():
        print(f"{suite}: debootstrap (follow it in {log})", flush=True)
        shutil.rmtree(unfinished, ignore_errors=True)
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, str(unfinished), *_mirror()]
        proxies = {f"{scheme.lower()}_proxy": url for scheme, url in PROXY.findall(_output("apt-config", "dump"))}
        if _run([*ISOLATED, *command], log, {**os.environ, **proxies}) != 0:
            raise NoMachine(f"debootstrap failed: {log}")
        unfinished.rename(base)
    return base


def _mirror() -> list[str]:
    """Return where this computer has Debian's packages from, if it has any, and the script of all its newer suites.

    debootstrap has an address of its own, and scripts for the suites that it knows.
    """
    asked = ["apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)", "Created-By: Packages"]
    targets = [line.split("|") for line in _output(*asked).splitlines()]
    found = [at for origin, label, at in targets if origin == label == "Debian" and at.startswith("http")]
    return [found[0], "sid"] if found else []


def _carry(root: Path, home: Path) -> None:
    """Let a machine reach packages as this computer does."""
    named = {value for value in _environment().values() if value.startswith("/")}
    for name in sorted({*SYSTEM, *named}):
        _copy(Path(name), root / name[1:])
    for name in HOME:
        _copy(Path.home() / name, home / name)
    if found := [path for name in NPM if (path := Path(name).expanduser()).is_file()]:
        (home / ".npmrc").write_text("\n".join(path.read_text(encoding="utf-8") for path in found), encoding="utf-8")
    lines = [line for line in _output("apt-config", "dump").splitlines() if ACQUIRE.match(line)]
    (root / "etc/apt/apt.conf.d/99carried").write_text("\n".join([*lines, ""]), encoding="utf-8")


def _copy(source: Path, target: Path) -> None:
    """Copy a file, or the files of a folder, if it is there; a link in the way could lead out of the machine."""
    if source.is_dir():
        for path in source.iterdir():
            if path.is_file():
                _copy(path, target / path.name)
    elif source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        shutil.copy(source, target)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if VARIABLE.fullmatch(name)}


def _step(root: Path, user: str, script: str, name: str) -> str:
    """Run what a machine needs before the commands, and return what it printed."""
    log = LOGS / f"{root.name}-{name}.log"
    if _inside(root, user, script, log) != 0:
        raise NoMachine(f"`{script}` failed: {log}")
    return log.read_text(encoding="utf-8")


def _inside(root: Path, user: str, script: str, log: Path) -> int | None:
    variables = {
        "HOME": "/root" if user == "root" else f"/home/{user}",
        "USER": user,
        "LANG": "C.UTF-8",
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "DEBIAN_FRONTEND": "noninteractive",
        **_environment(),
    }
    return _run([*ISOLATED, "bash", "-c", ENTER, "enter", str(root), user, script], log, variables)


def _run(command: Sequence[str], log: Path, variables: Mapping[str, str]) -> int | None:
    """Run to the end and return the exit code; nothing if it took too long and was ended."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, env=variables, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
        )
        try:
            return process.wait(MOST_SECONDS)
        except subprocess.TimeoutExpired:
            return None
        finally:
            process.kill()
            process.wait()


def _output(*command: str) -> str:
    return subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True).stdout.strip()


def _print(rows: Sequence[Row]) -> None:
    table = [Row("machine", "user", "make", "Python", "outcome", "seconds", "last line"), *rows]
    widths = [max(len(cell) for cell in column) for column in zip(*table, strict=True)]
    print()
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()[:160])


if __name__ == "__main__":
    for ended in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ended, lambda number, _frame: sys.exit(128 + number))
    sys.exit(main(sys.argv[1:]))
