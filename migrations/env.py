"""Alembic's environment: migrate whatever connection the caller hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy.types import TypeDecorator

from survey.models import Base


def render(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write our column types as what the database holds, so that a migration never depends on today's code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=render,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
