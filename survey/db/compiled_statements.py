"""Statements compiled once: for what every citizen's page asks, SQLAlchemy's own work costs more than the search."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.raw_connection import Bare

Store = Session | sa.Connection
Direct = Store | Bare
Convert = Callable[[Any], Any] | None


def connection(store: Direct) -> sa.Connection | Bare:
    """Return the connection behind a session, or the connection itself."""
    return store.connection() if isinstance(store, Session) else store


class Prepared:
    """One statement for either database; types convert as SQLAlchemy would convert them."""

    def __init__(self, statement: Callable[[str], Any] | sa.Select[Any] | sa.Insert) -> None:
        self._statement = statement if callable(statement) else lambda _database: statement
        self._compiled: dict[Any, _Compiled] = {}

    def first(self, store: Direct, values: Mapping[str, Any]) -> Any:
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
        kinds = {name: bound.type.dialect_impl(dialect) for bound, name in compiled.bind_names.items()}
        fixed = {name: value for name, value in compiled.params.items() if name not in names}
        self.named = compiled.positiontup is None
        self.binds = [
            (name, kinds[name].bind_processor(dialect), name in fixed, fixed.get(name))
            for name in compiled.positiontup or kinds
        ]
        columns = compiled.statement.exported_columns if isinstance(statement, sa.Select) else statement._returning
        self.results: list[Convert] = [c.type.dialect_impl(dialect).result_processor(dialect, None) for c in columns]
        self.row = namedtuple("Row", [c.key for c in columns])  # type: ignore[misc]

    def first(self, behind: sa.Connection | Bare, values: Mapping[str, Any]) -> Any:
        bound = []
        for name, convert, is_fixed, fixed in self.binds:
            value = fixed if is_fixed else values[name]
            bound.append(convert(value) if convert else value)
        parameters: Any = (
            {b[0]: value for b, value in zip(self.binds, bound, strict=True)} if self.named else tuple(bound)
        )
        if isinstance(behind, Bare):
            found: Any = next(iter(behind.rows(self.sql, parameters)), None)
        else:
            found = behind.exec_driver_sql(self.sql, parameters).first()
        if found is None:
            return None
        return self.row(*[c(v) if c else v for v, c in zip(found, self.results, strict=True)])
