"""The secret key of an installation in a file of its own: made once, and read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from survey.setting import SettingsError, secret_key

SECRET_FILE = "secret_key"  # noqa: S105 - its name


def make_secret(instance: Path) -> None:
    """Write a new secret key, readable by its owner only; keep one that is there, if it is one."""
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = instance / SECRET_FILE
    if path.is_file() and not path.stat().st_size:
        path.unlink()  # nothing was sealed by it: the writing of it was cut short
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        secret_from(instance)
        return
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))


def secret_from(instance: Path) -> str:
    """Return the secret key of an instance folder.

    Raises:
        SettingsError: there is none, or it is no key.
    """
    path = instance / SECRET_FILE
    if not path.is_file():
        raise SettingsError(
            "No secret key. Set SECRET_KEY to at least 32 random characters, or run `hailong secret` once to make "
            "secret_key in the instance folder."
        )
    return secret_key(str(path), path.read_bytes().decode("utf-8", "replace").strip())
