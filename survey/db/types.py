"""The column types that both databases share."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from survey.security.characters import writable

EPOCH = dt.date(1970, 1, 1)


class UTCDateTime(TypeDecorator[dt.datetime]):
    """An instant in UTC; refuses a time that does not know its zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        """Store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        """Give UTC back."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class LocalDay(TypeDecorator[dt.date]):
    """A day in Asia/Ho_Chi_Minh, kept as days since 1970-01-01: four bytes on either database."""

    impl = sa.Integer
    cache_ok = True

    def process_bind_param(self, value: dt.date | None, dialect: sa.Dialect) -> int | None:
        """Store the number of days."""
        return None if value is None else (value - EPOCH).days

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> dt.date | None:
        """Give the date back."""
        return None if value is None else EPOCH + dt.timedelta(days=value)


class Code(TypeDecorator[Any]):
    """A member of an enumeration, kept as its number: two bytes on either database."""

    impl = sa.SmallInteger
    cache_ok = True

    def __init__(self, kind: type[enum.IntEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: enum.IntEnum | None, dialect: sa.Dialect) -> int | None:
        """Store the number."""
        return None if value is None else int(self.kind(value))

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> enum.IntEnum | None:
        """Give the member back."""
        return None if value is None else self.kind(value)


class WritableText(TypeDecorator[str]):
    """Text that every kind of file can hold when it is read, whatever stood in the database before that was checked."""

    impl = sa.Text
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """Show a character that no document may hold as one that cannot be shown."""
        return None if value is None else writable(value)


class WritableJSON(TypeDecorator[Any]):
    """JSON whose texts every kind of file can hold when they are read."""

    impl = sa.JSON
    cache_ok = True

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Any:
        """Show a character that no document may hold as one that cannot be shown."""
        if isinstance(value, str):
            return writable(value)
        if isinstance(value, dict):
            return {key: self.process_result_value(part, dialect) for key, part in value.items()}
        if isinstance(value, list):
            return [self.process_result_value(part, dialect) for part in value]
        return value
