"""PostgreSQL's own programs that copy a whole database: found, held to the server's version, and run."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from psycopg.conninfo import make_conninfo

from survey.errors import Conflict
from survey.i18n import msgid

DEBIAN = Path("/usr/lib/postgresql")  # holds a folder of each version that is installed
MISSING = msgid(
    "%(program)s is not installed, or is older than the database server, which is version %(version)s. Install it: "
    "apt-get install postgresql-client-%(version)s"
)
FAILED = msgid("%(program)s could not do it: %(reason)s")
FULL = msgid(
    "There is no room left for the copy of the database. Make room in the instance folder; older backups stay."
)


def find(program: str, server: int) -> str:
    """Return the path of a program of at least the server's version, of just that version if it is there.

    A newer one may write what an older server does not read.

    Raises:
        Conflict: there is none; names the package to install.
    """
    versions = {path: _version(path) for path in _candidates(program)}
    fit = [path for path, version in versions.items() if version >= server]
    if not fit:
        raise Conflict(MISSING, program=program, version=server)
    return min(fit, key=lambda path: versions[path])


def _candidates(program: str) -> Iterator[str]:
    """Yield where it may be; those in Debian's folders first, for the one on its PATH guesses a version."""
    yield from (str(path) for path in sorted(DEBIAN.glob(f"*/bin/{program}")))
    if path := shutil.which(program):
        yield path


def _version(path: str) -> int:
    try:
        output = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - found above
    except OSError:
        return 0
    number = re.search(r"\(PostgreSQL\) (\d+)", output)
    return int(number[1]) if number else 0


def server_version(connection: sa.Connection) -> int:
    """Return the server's version as its packages are named."""
    return int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000


def run(path: str, url: sa.URL, folder: Path, *arguments: str) -> None:
    """Run a program on the database of an address; a password goes by a file in a folder that nobody else may read.

    It would be seen by everybody on this machine among the arguments of a process.

    Raises:
        Conflict: it could not do it; says why in its own words.
    """
    parameters = url.translate_connect_args(username="user", database="dbname")
    if password := parameters.pop("password", None):
        parameters["passfile"] = str(_pass_file(folder, str(password)))
    more = {name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()}
    command = [path, f"--dbname={make_conninfo(**parameters, **more)}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603 - our own address and options
    if done.returncode:
        if os.strerror(errno.ENOSPC) in done.stderr:
            raise Conflict(FULL)
        first = next(iter(done.stderr.strip().splitlines()), str(done.returncode))
        raise Conflict(FAILED, program=Path(path).name, reason=first[:300])


def _pass_file(folder: Path, password: str) -> Path:
    """Write a password for whichever server, as libpq reads it."""
    path = folder / "password"
    escaped = re.sub(r"([\\:])", r"\\\1", password)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(f"*:*:*:*:{escaped}\n")
    return path
