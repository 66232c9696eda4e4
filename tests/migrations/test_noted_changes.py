"""What notes a change of a day finds its rows by an index: else whoever changes many rows holds up all who answer."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # PostgreSQL takes an index by its statistics
def test_no_trigger_reads_a_whole_table(session: Session) -> None:
    named = sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%\\_noted' ESCAPE '\\'")
    triggers = session.execute(named).all()
    assert len(triggers) == 9
    for name, written in triggers:
        body = re.search(r"BEGIN (.*) END", written, re.DOTALL)
        assert body is not None
        for statement in filter(None, map(str.strip, body[1].split(";"))):
            steps = session.connection().exec_driver_sql(
                "EXPLAIN QUERY PLAN " + re.sub(r"\b(?:NEW|OLD)\.\w+", "1", statement)
            )
            read = [
                step
                for *_numbers, step in steps
                if re.match(r"SCAN (?:response|case|invitation|counted|changed)", step)
            ]
            assert read == [], (name, statement)
