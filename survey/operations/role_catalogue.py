"""What PostgreSQL itself says of logins, their rights and the policies of rows: read from its catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa

PUBLIC = "PUBLIC"
ATTRIBUTES = ("SUPERUSER", "CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS")
_OWNERS = sa.text("SELECT tablename, tableowner FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
_LOGINS = sa.text(
    "SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles "
    "WHERE rolname = ANY (:logins)"
)
_MEMBERS = sa.text(
    "SELECT m.rolname AS login, r.rolname AS of FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member "
    "JOIN pg_roles r ON r.oid = a.roleid WHERE m.rolname = ANY (:logins)"
)
_RIGHTS = sa.text(
    "SELECT coalesce(r.rolname, 'PUBLIC'), t.relname, coalesce(t.attname, ''), a.privilege_type FROM ("
    "SELECT relname, NULL AS attname, relacl AS acl FROM pg_class WHERE relnamespace = current_schema()::regnamespace "
    "UNION ALL SELECT c.relname, b.attname, b.attacl FROM pg_attribute b JOIN pg_class c ON c.oid = b.attrelid "
    "WHERE c.relnamespace = current_schema()::regnamespace) t "
    "CROSS JOIN LATERAL aclexplode(t.acl) a LEFT JOIN pg_roles r ON r.oid = a.grantee "
    "WHERE a.grantee = 0 OR r.rolname = ANY (:logins)"
)
_SEQUENCES = sa.text(
    "SELECT t.relname, s.relname FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' "
    "JOIN pg_class t ON t.oid = d.refobjid WHERE d.deptype = 'a' "
    "AND t.relnamespace = current_schema()::regnamespace"
)
_POLICIES = sa.text(
    "SELECT c.relname, p.polname, c.relrowsecurity, p.polpermissive AND p.polcmd = '*' AND p.polroles = '{0}', "
    "md5(concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))), "
    "obj_description(p.oid, 'pg_policy') FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid "
    "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' "
    "AND (c.relrowsecurity OR p.oid IS NOT NULL)"
)
_TRIGGERS = sa.text(
    "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"
)


class Right(NamedTuple):
    """One privilege of a login on a table or sequence, or on one column of it."""

    login: str
    name: str
    column: str
    privilege: str


class HeldLogin(NamedTuple):
    """A login as the server has it: whether it may log in, what else it may, and of which roles it is a member."""

    able: bool
    attributes: tuple[str, ...]
    member_of: tuple[str, ...]


class HeldPolicy(NamedTuple):
    """A policy as the server has it, or that rows of a table are held without one (`name` is None)."""

    table: str
    name: str | None
    on: bool  # rows of the table are held to policies at all
    plain: bool  # for everybody and every act, as ours are
    digest: str
    mark: str | None


def owners(connection: sa.Connection) -> dict[str, str]:
    """Return who owns each table."""
    return {table: owner for table, owner in connection.execute(_OWNERS)}  # noqa: C416 - rows are no pairs to dict()


def logins(connection: sa.Connection, names: Iterable[str]) -> dict[str, HeldLogin]:
    """Return those of these logins that there are."""
    wanted, groups = {"logins": list(names)}, dict[str, list[str]]()
    for login, group in connection.execute(_MEMBERS, wanted):
        groups.setdefault(login, []).append(group)
    return {
        name: HeldLogin(
            able,
            tuple(word for word, on in zip(ATTRIBUTES, attributes, strict=True) if on),
            tuple(sorted(groups.get(name, ()))),
        )
        for name, able, *attributes in connection.execute(_LOGINS, wanted)
    }


def rights(connection: sa.Connection, names: Iterable[str]) -> set[Right]:
    """Return every right of these logins, and of everybody, on tables, views and sequences."""
    return {Right(*row) for row in connection.execute(_RIGHTS, {"logins": list(names)})}


def sequences(connection: sa.Connection) -> dict[str, str]:
    """Return the sequence that numbers the rows of a table, by the table."""
    return {table: sequence for table, sequence in connection.execute(_SEQUENCES)}  # noqa: C416 - as above


def policies(connection: sa.Connection) -> list[HeldPolicy]:
    """Return the policies of rows, and the tables that are held to some without having one."""
    return [HeldPolicy(*row) for row in connection.execute(_POLICIES)]


def triggers(connection: sa.Connection) -> set[tuple[str, str]]:
    """Return the triggers that are switched on, each with its table."""
    return {(table, name) for table, name in connection.execute(_TRIGGERS)}


def makes_objects(connection: sa.Connection, login: str) -> bool:
    """Return whether a login may make tables and functions among ours."""
    return bool(connection.scalar(sa.func.has_schema_privilege(login, sa.func.current_schema(), "CREATE").select()))


def may_create_logins(connection: sa.Connection) -> bool:
    """Return whether whoever is connected may create logins."""
    may = sa.text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    return bool(connection.scalar(may))
