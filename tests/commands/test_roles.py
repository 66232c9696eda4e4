"""`hailong roles`: sets and checks the logins of PostgreSQL; what else must be the owner's says so in one line."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from survey.audit.acts import Act
from survey.db.engine import Database
from survey.db.logins import Login
from survey.models import AuditEntry
from tests.support import commands, factories, logins


def test_rights_are_set_and_each_that_is_not_as_it_should_be_is_named(
    database_url: str, store: Database, engine_name: str
) -> None:
    environ = {"DATABASE_URL": database_url, "SECRET_KEY": factories.SECRET, "HAILONG_LANGUAGE": "en"}
    if engine_name == "sqlite":
        refused = commands.hailong("roles", **environ)
        assert refused.returncode == 1 and "SQLite has no logins" in refused.stderr
        return
    citizens = Login.CITIZENS.of(str(store.url.username))
    assert commands.hailong("roles", "--check", **environ).returncode == 0
    with store.engine.begin() as connection:
        connection.exec_driver_sql(f"GRANT DELETE ON response TO {citizens}")
    ill = commands.hailong("roles", "--check", **environ)
    assert (ill.returncode, ill.stdout) == (1, f"{citizens} may, and must not: DELETE ON response\n")
    assert (
        commands.hailong("roles", **environ).stdout == "Each login has the rights that it should have, and no others.\n"
    )
    assert commands.hailong("roles", "--check", **environ).returncode == 0
    with store.session(writes=False) as session:
        commanded = AuditEntry.act == Act.COMMAND_EXECUTED.value
        entries = session.scalars(sa.select(AuditEntry.about).where(commanded).order_by(AuditEntry.id)).all()
    assert [entry["command"] for entry in entries] == ["roles"], "who only looks leaves no entry"


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_background_work_by_another_login_than_the_owner_s_is_refused(database_url: str) -> None:
    environ = {"DATABASE_URL": logins.address(database_url, Login.STAFF), "SECRET_KEY": factories.SECRET}
    refused = commands.hailong("work", "--once", **environ)
    assert refused.returncode == 1 and f"_{Login.STAFF} " in refused.stderr and len(refused.stderr.splitlines()) == 1
