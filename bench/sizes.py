"""What a database takes on disk, in all and for each answer."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from survey.db.engine import Database


def of_answers(database: Database) -> tuple[int, int]:
    """Return the bytes of all answers and of their indexes; SQLite tells by what a copy without them saves.

    Receipts are unique by the table's own index, which is counted with its rows.
    """
    if database.url.get_backend_name() == "postgresql":
        sizes = "SELECT pg_total_relation_size('response'), pg_indexes_size('response')"
        with database.engine.connect() as connection:
            whole, indexes = connection.exec_driver_sql(sizes).one()
            return int(whole), int(indexes)
    return _pages_of(Path(str(database.url.database)))


def of_database(database: Database) -> int:
    """Return the bytes of a whole database."""
    with database.engine.connect() as connection:
        if database.url.get_backend_name() == "postgresql":
            return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())
        return _used(connection.connection.driver_connection)


def _pages_of(path: Path) -> tuple[int, int]:
    copy = path.with_suffix(".copy")
    shutil.copy(path, copy)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        used = [_used(connection)]
        named = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'response' AND sql IS NOT NULL"
        for (name,) in connection.execute(named).fetchall():
            connection.execute(f"DROP INDEX {name}")
        used.append(_used(connection))
        connection.execute("DROP TABLE response")
        used.append(_used(connection))
    copy.unlink()
    return used[0] - used[2], used[0] - used[1]


def _used(connection: Any) -> int:
    names = ("page_count", "freelist_count", "page_size")
    pages, free, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
    return int((pages - free) * size)
