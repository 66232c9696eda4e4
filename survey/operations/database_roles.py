"""The logins of PostgreSQL: set to what the table of rights says, and checked against it.

A process that is taken over can do what its login may, and no more. That of citizens' pages adds answers; it cannot
change or delete one, nor read accounts and the audit trail. That of officials' pages sees, in each transaction, the
rows of the agencies that the transaction names: this stops a page that forgets to ask, not somebody who runs code of
their own in that process. Neither can change what the ledger or the audit trail hold. Both are used by the web
processes, so whoever has taken over one of these has the rights of both; the owner's login belongs to another account
of the machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from survey.db.logins import Login
from survey.errors import Conflict
from survey.i18n import msgid
from survey.operations import role_catalogue
from survey.operations.role_catalogue import PUBLIC, HeldLogin, HeldPolicy, Right
from survey.operations.row_policies import NAME, POLICIES, RowPolicy
from survey.operations.table_rights import TABLES, TRIGGERS

NO_LOGINS = msgid("SQLite has no logins: whoever may write its file may change everything in it. Use PostgreSQL.")
NOT_MIGRATED = msgid("The database is empty. Run `hailong migrate` first.")
NOT_OWNER = msgid("Only %(owner)s, who owns the tables, can set rights. Check DATABASE_URL.")
NO_LOGIN = msgid("There is no login %(login)s. As administrator of the database server, type: createuser %(login)s")
_RIGHT = re.compile(r"([A-Z]+)(?: \(([^)]*)\))?")
_READABLE = ("alembic_version",)  # at which schema the database stands: every process asks before it serves


class RoleDeviation(NamedTuple):
    """Something about the logins that is not as it should be: a msgid and its values."""

    message: str
    values: dict[str, Any]


def owner_of(connection: sa.Connection) -> str:
    """Return who owns the tables.

    Raises:
        Conflict: it is no PostgreSQL, or there are no tables yet.
    """
    if connection.dialect.name != "postgresql":
        raise Conflict(NO_LOGINS)
    owner = role_catalogue.owners(connection).get("response")
    if owner is None:
        raise Conflict(NOT_MIGRATED)
    return owner


def in_use(connection: sa.Connection) -> bool:
    """Return whether logins of their own have any right here."""
    names = [login.of(owner_of(connection)) for login in Login]
    return any(right.login != PUBLIC for right in role_catalogue.rights(connection, names))


def keep_up(connection: sa.Connection) -> None:
    """Let logins that are in use have their rights on tables that a migration has added.

    Raises:
        Conflict: whoever is connected does not own the tables.
    """
    if connection.dialect.name == "postgresql" and in_use(connection):
        set_up(connection)


def set_up(connection: sa.Connection) -> None:
    """Give each login its rights and take all others, let each table have its policy; nothing that is right is touched.

    Logins that are missing are created where whoever is connected may do that; they get no password.

    Raises:
        Conflict: whoever is connected does not own the tables, or a login is missing and cannot be created.
    """
    owner = owner_of(connection)
    if connection.scalar(sa.text("SELECT NOT pg_has_role(current_user, :owner, 'USAGE')"), {"owner": owner}):
        raise Conflict(NOT_OWNER, owner=owner)
    names = [login.of(owner) for login in Login]
    for name in sorted(set(names) - set(role_catalogue.logins(connection, names))):
        if not role_catalogue.may_create_logins(connection):
            raise Conflict(NO_LOGIN, login=name)
        connection.exec_driver_sql(f"CREATE ROLE {_quoted(name)} LOGIN")
    wanted, numbering = _wanted(connection, owner), set(role_catalogue.sequences(connection).values())
    for right in sorted(role_catalogue.rights(connection, names) - wanted):
        connection.exec_driver_sql(f"REVOKE {_granted(right, numbering)} FROM {_grantee(right.login)}")
    # Read anew: to take a right on a table takes it on each column, too.
    for right in sorted(wanted - role_catalogue.rights(connection, names)):
        connection.exec_driver_sql(f"GRANT {_granted(right, numbering)} TO {_grantee(right.login)}")
    _set_policies(connection)


def deviations(connection: sa.Connection) -> Iterator[RoleDeviation]:
    """Yield what is not as it should be, by login, table, policy and trigger; nothing is changed.

    Raises:
        Conflict: it is no PostgreSQL, or there are no tables yet.
    """
    owner = owner_of(connection)
    names = [login.of(owner) for login in Login]
    held = role_catalogue.logins(connection, names)
    for name in names:
        yield from _of_login(connection, name, held.get(name))
    for table, other in role_catalogue.owners(connection).items():
        if other != owner:
            yield RoleDeviation(msgid("%(table)s belongs to %(login)s"), {"table": table, "login": other})
    wanted, present = _wanted(connection, owner), role_catalogue.rights(connection, names)
    for right in sorted(present - wanted):
        yield RoleDeviation(msgid("%(login)s may, and must not: %(right)s"), _shown(right))
    for right in sorted(right for right in wanted - present if right.login in held):
        yield RoleDeviation(msgid("%(login)s may not, and must: %(right)s"), _shown(right))
    for table in sorted(_wrong_policies(connection)):
        yield RoleDeviation(msgid("rows of %(table)s are not held to their agencies"), {"table": table})
    for table, trigger in sorted(TRIGGERS - role_catalogue.triggers(connection)):
        values = {"table": table, "trigger": trigger}
        yield RoleDeviation(msgid("%(table)s can be changed: its trigger %(trigger)s is off or missing"), values)


def _of_login(connection: sa.Connection, name: str, held: HeldLogin | None) -> Iterator[RoleDeviation]:
    """Yield what a login is or may beyond its rights on tables."""
    if held is None:
        yield RoleDeviation(msgid("the login %(login)s is missing"), {"login": name})
        return
    if not held.able:
        yield RoleDeviation(msgid("%(login)s may not log in"), {"login": name})
    for word in held.attributes:
        yield RoleDeviation(msgid("%(login)s is %(right)s"), {"login": name, "right": word})
    for group in held.member_of:
        yield RoleDeviation(msgid("%(login)s is a member of %(group)s"), {"login": name, "group": group})
    if role_catalogue.makes_objects(connection, name):
        yield RoleDeviation(msgid("%(login)s may make tables and functions"), {"login": name})


def _wanted(connection: sa.Connection, owner: str) -> set[Right]:
    """Return the rights that each login must have, as far as its tables are there."""
    there, numbering = role_catalogue.owners(connection), role_catalogue.sequences(connection)
    wanted = set[Right]()
    for login in Login:
        name = login.of(owner)
        wanted |= {Right(name, table, "", "SELECT") for table in _READABLE if table in there}
        for table, rights in TABLES.items():
            if table in there:
                own = set(_each(name, table, rights.of(login)))
                wanted |= own
                if numbering.get(table) and any(right.privilege == "INSERT" for right in own):
                    wanted.add(Right(name, numbering[table], "", "USAGE"))
    return wanted


def _each(login: str, table: str, rights: str) -> Iterator[Right]:
    """Yield the rights that a line of the table of rights names.

    >>> [right[2:] for right in _each("hailong_citizens", "response", "SELECT, UPDATE (counted, day)")]
    [('', 'SELECT'), ('counted', 'UPDATE'), ('day', 'UPDATE')]
    """
    for privilege, columns in _RIGHT.findall(rights):
        for column in columns.split(", ") if columns else [""]:
            yield Right(login, table, column, privilege)


def _set_policies(connection: sa.Connection) -> None:
    wrong, texts = _wrong_policies(connection), {policy.table: policy for policy in POLICIES}
    for held in role_catalogue.policies(connection):
        if held.table in wrong and held.name is not None:
            connection.exec_driver_sql(f"DROP POLICY {_quoted(held.name)} ON {_quoted(held.table)}")
    for table in sorted(wrong):
        if table not in texts:
            connection.exec_driver_sql(f"ALTER TABLE {_quoted(table)} DISABLE ROW LEVEL SECURITY")
            continue
        place = f"{NAME} ON {_quoted(table)}"
        connection.exec_driver_sql(f"CREATE POLICY {place} USING ({texts[table].condition})")
        connection.exec_driver_sql(f"ALTER TABLE {_quoted(table)} ENABLE ROW LEVEL SECURITY")
        held = next(one for one in role_catalogue.policies(connection) if one.table == table)
        connection.exec_driver_sql(f"COMMENT ON POLICY {place} IS '{_mark(texts[table], held)}'")


def _wrong_policies(connection: sa.Connection) -> set[str]:
    """Return the tables whose rows are not held to just the policy that they should have, if any."""
    there, held = role_catalogue.owners(connection), dict[str, list[HeldPolicy]]()
    for one in role_catalogue.policies(connection):
        held.setdefault(one.table, []).append(one)
    texts = {policy.table: policy for policy in POLICIES if policy.table in there}
    wrong = held.keys() - texts.keys()
    for table, policy in texts.items():
        match held.get(table, []):
            case [one] if (one.name, one.on, one.plain, one.mark) == (NAME, True, True, _mark(policy, one)):
                pass
            case _:
                wrong.add(table)
    return wrong


def _mark(policy: RowPolicy, held: HeldPolicy) -> str:
    """Return what is noted beside a policy: what we asked for, and what the server has made of it."""
    return f"{policy.digest} {held.digest}"


def _granted(right: Right, sequences: set[str]) -> str:
    """Return a right as it is granted or taken."""
    kind = "SEQUENCE " if right.name in sequences else ""
    columns = f" ({_quoted(right.column)})" if right.column else ""
    return f"{right.privilege}{columns} ON {kind}{_quoted(right.name)}"


def _grantee(login: str) -> str:
    return PUBLIC if login == PUBLIC else _quoted(login)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _shown(right: Right) -> dict[str, str]:
    column = f" ({right.column})" if right.column else ""
    return {"login": right.login, "right": f"{right.privilege}{column} ON {right.name}"}
