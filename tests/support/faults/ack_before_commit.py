"""The product with its durability switched off, to show that the harness can see a loss.

On SQLite every commit is put off for a second, so that a reply leaves before its row is stored; on PostgreSQL
synchronous_commit is off, so that the database itself does so.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from sqlalchemy import Connection, Engine, event

from survey.app import create_app
from survey.web.survey import survey_of

application = create_app()
database = survey_of(application).database

if database.engine.dialect.name == "postgresql":

    @event.listens_for(Engine, "connect")  # lone statements have an engine of their own
    def _careless(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")
        connection.commit()
else:
    commit = Connection.commit
    close = Connection.close

    def _later(connection: Connection) -> None:
        connection.info["late"] = True

        def finish() -> None:
            time.sleep(1.0)
            commit(connection)
            del connection.info["late"]
            close(connection)

        threading.Thread(target=finish).start()

    def _close(connection: Connection) -> None:
        if not connection.info.get("late"):
            close(connection)

    Connection.commit = _later  # type: ignore[method-assign]
    Connection.close = _close  # type: ignore[method-assign]
