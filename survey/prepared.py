"""Statements compiled once: for what every citizen's page asks, SQLAlchemy's own work costs more than the search."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

Store = Session | sa.Connection
Convert = Callable[[Any], Any] | None


def connection(store: Store) -> sa.Connection:
    """Return the connection behind a session, or the connection itself."""
    return store.connection() if isinstance(store, Session) else store


class Prepared:
    """One statement for either database; types convert as SQLAlchemy would convert them."""

    def __init__(self, statement: Callable[[str], Any] | sa.Select[Any]) -> None:
        self._statement = statement if callable(statement) else lambda _database: statement
        self._compiled: dict[Any, _Compiled] = {}

    def first(self, store: Store, values: Mapping[str, Any]) -> Any:
        """Return the first row as a named tuple, or None."""
        behind = connection(store)
        known = (behind.dialect.name, *values)
        if known not in self._compiled:
            self._compiled[known] = _Compiled(self._statement(behind.dialect.name), behind.dialect, list(values))
        return self._compiled[known].first(behind, values)


class _Compiled:
    def __init__(self, statement: Any, dialect: sa.Dialect, names: list[str]) -> None:
        keys = names if isinstance(statement, sa.Insert) else None
        compiled = statement.compile(dialect=dialect, column_keys=keys)
        self.sql = str(compiled)
        self.order: list[str] | None = compiled.positiontup
        binds = compiled.bind_names.items()
        self.binds = {name: b.type.dialect_impl(dialect).bind_processor(dialect) for b, name in binds}
        self.fixed = {name: value for name, value in compiled.params.items() if name not in names}
        columns = compiled.statement.exported_columns if isinstance(statement, sa.Select) else statement._returning
        self.results: list[Convert] = [c.type.dialect_impl(dialect).result_processor(dialect, None) for c in columns]
        self.row = namedtuple("Row", [c.key for c in columns])  # type: ignore[misc]

    def first(self, behind: sa.Connection, values: Mapping[str, Any]) -> Any:
        given = {**self.fixed, **values}
        bound = {name: convert(given[name]) if convert else given[name] for name, convert in self.binds.items()}
        parameters: Any = bound if self.order is None else tuple(bound[name] for name in self.order)
        found = behind.exec_driver_sql(self.sql, parameters).first()
        if found is None:
            return None
        return self.row(*[c(v) if c else v for v, c in zip(found, self.results, strict=True)])
