"""Where the secret keys of an installation lie: today's in a file of its instance folder, each former one in its own.

A key that another one has taken the place of stays good for what was made with it until its file is removed.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
from pathlib import Path

from survey.setting import SettingsError, unguessable

SECRET_FILE = "secret_key"  # noqa: S105 - its name
MOST_READERS = 0o640  # the group, too, where the services have an account each: docs/operators.md
STAMP = "%Y%m%dT%H%M%SZ"  # when another key took its place; sorts as time goes


def make(instance: Path) -> None:
    """Write a new secret key, readable by its owner only; keep one that is there, if it is one."""
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = instance / SECRET_FILE
    if path.is_file() and not path.stat().st_size:
        path.unlink()  # nothing was sealed by it: the writing of it was cut short
    try:
        _write(path, secrets.token_urlsafe(48))
    except FileExistsError:
        read(instance)


def replace(instance: Path, when: dt.datetime) -> Path:
    """Let a new key take the place of today's, which becomes a former one; return the file of the latter.

    Cut short at any point, what was made with either key stays good.

    Raises:
        SettingsError: there is no key yet, the file holds none, or one was made in the same second.
    """
    today, readers = read(instance), (instance / SECRET_FILE).stat().st_mode & MOST_READERS
    former = instance / f"{SECRET_FILE}.{when:{STAMP}}"
    try:
        _write(former, today, readers)
    except FileExistsError as error:
        raise SettingsError("A new secret key was made this very second. One is enough.") from error
    new = instance / f"{SECRET_FILE}.new"
    new.unlink(missing_ok=True)
    _write(new, secrets.token_urlsafe(48), readers)
    new.replace(instance / SECRET_FILE)
    return former


def read(instance: Path) -> str:
    """Return today's key.

    Raises:
        SettingsError: there is none, or what is there can be guessed.
    """
    path = instance / SECRET_FILE
    if not path.is_file():
        raise SettingsError(
            "No secret key. Set SECRET_KEY to at least 32 random characters, or run `hailong secret` once to make "
            "secret_key in the instance folder."
        )
    return _content(path)


def former(instance: Path) -> list[Path]:
    """Return the files of former keys, the newest first."""
    return sorted((path for path in instance.glob(f"{SECRET_FILE}.[0-9]*Z") if path.is_file()), reverse=True)


def read_former(instance: Path) -> list[str]:
    """Return the former keys, the newest first.

    Raises:
        SettingsError: a file of one holds none.
    """
    return [_content(path) for path in former(instance)]


def _content(path: Path) -> str:
    return unguessable(str(path), path.read_bytes().decode("utf-8", "replace").strip())


def _write(path: Path, content: str, readers: int = 0o600) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        os.fchmod(handle, readers)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
