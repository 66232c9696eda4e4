"""Where the database is, as a setting says it: here or elsewhere, one server or several of which one writes."""

from __future__ import annotations

import re

import sqlalchemy as sa

from survey.setting import LOOPBACK, SettingsError

POSTGRESQL = re.compile(r"^postgres(?:ql)?://")  # as hosts of databases write it
SEVERAL = re.compile(r"(?P<scheme>[^:/]+://)(?:(?P<login>[^/?]*)@)?(?P<servers>[^/?@]*,[^/?@]*)(?P<rest>/.*)")
DRIVERS = ("sqlite", "postgresql+psycopg")
# Of several servers one takes answers, and it is found again whenever another one has been promoted.
WRITES = {"target_session_attrs": "read-write"}


def database_address(variable: str, text: str) -> str:
    """Return the address of a database as our driver has it; a refusal does not repeat it: it may hold a password.

    One on another machine must be reached over a line that is encrypted, and shown to be the machine that is meant.
    Several servers stand between commas, as PostgreSQL's own programs have it; of them the one that writes is meant.

    >>> database_address("DATABASE_URL", "postgres://hailong@db.example.vn/hailong?sslmode=verify-full")
    'postgresql+psycopg://hailong@db.example.vn/hailong?sslmode=verify-full'
    >>> database_address("DATABASE_URL", "postgresql://a@127.0.0.1:5432,127.0.0.1:5433/b")
    'postgresql+psycopg://a@/b?host=127.0.0.1%2C127.0.0.1&port=5432%2C5433&target_session_attrs=read-write'

    Raises:
        SettingsError: it is no such address, or one over a line that somebody else may read.
    """
    text = POSTGRESQL.sub("postgresql+psycopg://", text, count=1)
    try:
        url = _several(text) or sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        url = None
    # A database in memory would be another one in each process, and gone with it.
    lost = url is not None and url.drivername == "sqlite" and (url.host or url.database == ":memory:")
    if url is None or url.drivername not in DRIVERS or not url.database or lost:
        raise SettingsError(
            "%(variable)s is no address of a database. Write sqlite:////FOLDER/FILE or "
            "postgresql://NAME:PASSWORD@HOST/DATABASE.",
            variable=variable,
        )
    if not _own_machine(url) and url.query.get("sslmode") != "verify-full":
        raise SettingsError(
            "%(variable)s names another machine. Add ?sslmode=verify-full&sslrootcert=FILE to it, so that the line is "
            "encrypted and the machine is the right one.",
            variable=variable,
        )
    return url.render_as_string(hide_password=False) if "," in str(url.query.get("host", "")) else text


def _several(text: str) -> sa.URL | None:
    """Return the address of several servers as one that SQLAlchemy, psycopg and libpq all read; None for one server.

    Raises:
        ArgumentError: it is no address.
        ValueError: a port is no number.
    """
    servers = SEVERAL.fullmatch(text)
    if servers is None:
        url = sa.make_url(text)
        hosts, ports = (_parts(url.query.get(name, ())) for name in ("host", "port"))
        if len(hosts) < 2 or url.drivername not in DRIVERS[1:]:
            return None
        pairs = list(zip(hosts, ports, strict=True)) if ports else [_host_and_port(host) for host in hosts]
    else:
        login = f"{servers['login']}@" if servers["login"] else ""
        url = sa.make_url(f"{servers['scheme']}{login}{servers['rest']}")
        pairs = [_host_and_port(one) for one in servers["servers"].split(",")]
    places = {"host": ",".join(host for host, _ in pairs), "port": ",".join(port for _, port in pairs)}
    return url.set(query={**WRITES, **url.query, **places})


def _host_and_port(server: str) -> tuple[str, str]:
    """Return a server's host and its port, PostgreSQL's own where none is named.

    >>> [_host_and_port(one) for one in ("db1", "db2:5433", "[fd00::1]:5434", "fd00::1", "/run/pg")]
    [('db1', '5432'), ('db2', '5433'), ('fd00::1', '5434'), ('fd00::1', '5432'), ('/run/pg', '5432')]

    Raises:
        ValueError: there is no host, or the port is no number.
    """
    if server.count(":") > 1 and not server.startswith("["):
        return server, "5432"
    inner, closed, after = server[1:].partition("]") if server.startswith("[") else ("", "", server)
    host, _, port = after.partition(":")
    if not (inner or host) or (closed and host) or (port and not 0 < int(port) < 65_536):
        raise ValueError(server)
    return inner or host, port or "5432"


def _own_machine(url: sa.URL) -> bool:
    """Return whether a database is on this machine: reached by a socket, or by the loopback.

    >>> [_own_machine(sa.make_url(f"postgresql://{at}")) for at in ("a@/b", "a@[::1]/b", "/b?host=/run", "a@db/b")]
    [True, True, True, False]
    """
    named = [url.query.get(name, ()) for name in ("host", "hostaddr")]
    hosts = [part for value in (url.host or "", *named) for part in _parts(value)]
    return all(host in LOOPBACK or host.startswith("/") for host in hosts)


def _parts(value: str | tuple[str, ...]) -> list[str]:
    """Return what stands between commas, and in several options of one name.

    >>> _parts(("db1,db2", "db3"))
    ['db1', 'db2', 'db3']
    """
    return [part for one in ((value,) if isinstance(value, str) else value) for part in one.split(",")]
