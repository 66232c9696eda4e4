"""Everything that a database holds, read around the product: what somebody who takes the dump would see."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from psycopg import sql

from survey.db.engine import Database

Rows = dict[str, list[tuple[Any, ...]]]


def rows(database: Database) -> Rows:
    """Return every row of every table, in an order that does not depend on when it was written."""
    found: Rows = {}
    with database.engine.connect() as connection:
        for name in sorted(sa.inspect(connection).get_table_names()):
            table = sa.Table(name, sa.MetaData(), autoload_with=connection)
            found[name] = sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
        connection.rollback()
    return found


def tables(database: Database) -> dict[str, bytes]:
    """Return each table as bytes: its values one by one, and on PostgreSQL its COPY as pg_dump would write it too."""
    found = {name: b"\n".join(_bytes(value) for row in kept for value in row) for name, kept in rows(database).items()}
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect() as connection:
            cursor = connection.connection.cursor()
            for name in found:
                with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))) as copied:
                    found[name] += b"\n" + b"".join(bytes(block) for block in copied)
            connection.rollback()
    return found


def in_order(connection: sa.Connection) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every table in the order in which a dump lists them, which is that in which they lie."""
    names = sorted(sa.inspect(connection).get_table_names())
    listed = {name: connection.exec_driver_sql(f'SELECT * FROM "{name}"').mappings() for name in names}
    return {name: [dict(row) for row in result] for name, result in listed.items()}


def files(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder: the database with its journal, keys, what a command left behind."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)).encode()
