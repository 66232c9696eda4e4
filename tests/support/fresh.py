"""Try README's commands on bare Debian machines: `make fresh`, before every release.

A machine is a root that debootstrap makes, holding nothing but what README asks for. In a copy of it the last commit is
cloned, as root or as an ordinary user, and `make demo-data` and `make test` are run. As root docs/operators.md is then
walked by its own words, under a systemd that is the machine's first process.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tests.support import bare_machine, operators_walk
from tests.support.bare_machine import CACHE, ISOLATED, LOGS, NoMachine

PASSED = CACHE / "passed.json"
SUITES, USERS, COMMANDS = ("bookworm", "trixie"), ("root", "user"), ("demo-data", "test", "walk")
NEXT, AGAIN = "forky", "again"
USAGE = f"""\
make fresh                    try everything that has not passed at this commit
make fresh FRESH="WORDS"      only {" or ".join(SUITES)}, as {" or ".join(USERS)}, {" or ".join(COMMANDS)};
                              {NEXT}: the Debian to come; {AGAIN}: what has passed, too;
                              walk: docs/operators.md by its own words (as root)"""


class Row(NamedTuple):
    """What became of one command on one machine."""

    suite: str
    user: str
    command: str
    python: str = ""
    outcome: str = ""
    seconds: str = ""
    last_line: str = ""


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
    commit = bare_machine.output("git", "rev-parse", "HEAD")
    print(f"Commit {bare_machine.output('git', 'log', '-1', '--format=%h %s')}")
    if bare_machine.output("git", "status", "--porcelain"):
        print("Changes that are not committed are not tried.")
    rows = _passed(commit)
    suites = [suite for suite in (*SUITES, NEXT) if suite in words] or SUITES
    users = [user for user in USERS if user in words] or USERS
    commands = [command for command in COMMANDS if command in words] or COMMANDS
    wanted = [row for row in itertools.product(suites, users, commands) if row[1:] != ("user", "walk")]
    if AGAIN in words:
        rows = {key: row for key, row in rows.items() if key not in wanted}
    for suite, user in dict.fromkeys(key[:2] for key in wanted):
        left = [command for *at, command in wanted if at == [suite, user] and (suite, user, command) not in rows]
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
        root = bare_machine.machine(suite, user)
        python = bare_machine.step(root, user, "python3 -V", "python").split()[-1]
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
    print(f"{row.suite}, {row.user}: {row.command} (follow it in {log})", flush=True)
    began = time.monotonic()
    if row.command == "walk":
        code = operators_walk.follow(root, log)
    else:
        code = bare_machine.inside(root, row.user, f"cd hailong && make {row.command}", log)
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    if code != 0:
        print("\n".join(f"    {line}" for line in lines[-15:]))
    outcome = "passed" if code == 0 else "too slow" if code is None else f"failed ({code})"
    seconds = f"{time.monotonic() - began:.0f}"
    return row._replace(outcome=outcome, seconds=seconds, last_line=lines[-1].strip(" =") if lines else "")


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
