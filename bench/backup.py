"""A backup of many answers and its restore, by the product's own commands, beside what copying alone takes.

Expected: 1 M answers restored in at most 15 minutes, on both databases. One million rows by default;
`HAILONG_BENCH_ROWS` names another number.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.databases import PROGRAMS, postgres, url_of
from bench.filling import NOW, ROWS, UNITS, fill
from survey.db.engine import Database
from survey.periods import parse
from survey.results import closing
from tests.support import factories
from tests.support.backups import PUBLIC, key_file
from tests.support.commands import environment
from tests.support.figures import STANDARD

LONGEST = 15 * 60


def run() -> None:
    """Print the seconds and the bytes of a backup and its restore, and their ratio to copying alone."""
    for name in ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory() as path, postgres(Path(path)) as server:
            folder = Path(path)
            (folder / "backups").mkdir()
            url, other = (url_of(name, folder, server, database) for database in ("postgres", "restored"))
            if name == "postgresql":
                server.psql("CREATE DATABASE restored TEMPLATE template0")
                server.psql("CREATE DATABASE copied TEMPLATE template0")
            with Database(url) as database:
                fill(database)
                with database.session(writes=True) as session:
                    closing.close(session, parse("2026-10"), NOW, STANDARD)
                    session.commit()
            print(f"  {name}: {ROWS:,} answers, {UNITS} units; restored within {LONGEST} s")
            bare = _bare_files(folder) if name == "sqlite" else _bare_programs(folder, server.get_uri)
            _measure(folder, url, other, bare)


def _measure(folder: Path, url: str, other: str, bare: tuple[float, float]) -> None:
    backup = _timed(lambda: _hailong(folder, url, "backup"))
    (path,) = (folder / "backups").iterdir()
    restored = _timed(lambda: _hailong(folder, other, "restore", str(path), "--key", str(key_file(folder))))
    for label, seconds, alone in (("backup", backup, bare[0]), ("restore", restored, bare[1])):
        beyond = "  beyond the limit" if label == "restore" and seconds > LONGEST else ""
        print(f"    {label:8} {seconds:7.1f} s, copying alone {alone:6.1f} s, ratio {seconds / alone:5.1f}{beyond}")
    print(f"    its file {path.stat().st_size / 1e6:7.0f} MB", flush=True)


def _hailong(folder: Path, url: str, *arguments: str) -> None:
    ours = {"DATABASE_URL": url, "SECRET_KEY": factories.SECRET, "HAILONG_INSTANCE": str(folder / "instance")}
    ours |= {"HAILONG_BACKUPS": str(folder / "backups"), "HAILONG_BACKUP_KEY": PUBLIC, "HAILONG_LANGUAGE": "en"}
    environ = environment(**ours) | {"PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run([sys.executable, "-m", "survey", *arguments], env=environ, check=True)


def _bare_files(folder: Path) -> tuple[float, float]:
    """Return what it takes to copy the file, durably, there and back."""
    source, copy, back = folder / "postgres.db", folder / "copy", folder / "back"
    seconds = (_timed(lambda: _copy(source, copy)), _timed(lambda: _copy(copy, back)))
    copy.unlink()
    back.unlink()
    return seconds


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["dd", f"if={source}", f"of={target}", "bs=1M", "conv=fsync", "status=none"], check=True)


def _bare_programs(folder: Path, uri: Callable[[str], str]) -> tuple[float, float]:
    """Return what PostgreSQL's own programs take, there and back."""
    dump = folder / "dump"
    there: list[str | Path] = [PROGRAMS / "pg_dump", "--format=custom", f"--file={dump}", uri("postgres")]
    back: list[str | Path] = [PROGRAMS / "pg_restore", "--single-transaction", f"--dbname={uri('copied')}", dump]
    seconds = _timed(lambda: subprocess.run(there, check=True)), _timed(lambda: subprocess.run(back, check=True))
    dump.unlink()
    return seconds


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
