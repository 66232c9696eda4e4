"""Past what the database refuses, as whoever owns its server or holds its file can get."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

LEDGER = ("ledger_entry", "ledger_subtree", "ledger_checkpoint")


def without_triggers(session: Session, *tables: str) -> None:
    """Let this transaction change tables that are only added to."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        return
    for name, table in session.execute(
        sa.text("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'")
    ).all():
        if table in tables:
            session.execute(sa.text(f"DROP TRIGGER {name}"))
