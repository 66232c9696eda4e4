"""What the machine itself can do: single wide inserts, durably committed, without any web server."""

from __future__ import annotations

import re
import subprocess
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

from survey.db.engine import Database
from survey.models.response import SLOTS

TABLE = (
    "CREATE TABLE wide (id {key}, receipt {bytes} UNIQUE, submitted_at {time}, agency_id integer, day integer, "
    + ", ".join(f"{slot} smallint" for slot in SLOTS[:7])
    + ")"
)
INDEX = "CREATE INDEX wide_agency_day ON wide (agency_id, day)"
COLUMNS = "receipt, submitted_at, agency_id, day, " + ", ".join(SLOTS[:7])


def pgbench(uri: str, program: Path, clients: int, seconds: int) -> float:
    """Return single wide inserts per second that PostgreSQL commits for so many clients."""
    import psycopg

    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS wide")
        table = TABLE.format(key="bigint generated always as identity primary key", bytes="bytea", time="timestamptz")
        connection.execute(table.encode())
        connection.execute(INDEX.encode())
    values = "decode(md5(random()::text || clock_timestamp()::text), 'hex'), now(), 1 + (random()*199)::int, 20000, "
    script = f"INSERT INTO wide ({COLUMNS}) VALUES ({values} 5,4,4,9,5,9,3);\n"
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        command = [str(program), "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(clients, 2))]
        command += ["-T", str(seconds), "-f", file.name, uri]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rate = re.search(r"tps = ([\d.]+)", output)
    assert rate, output
    return float(rate[1])


def sqlite_single(folder: Path, clients: int, seconds: float) -> float:
    """Return single wide inserts per second that SQLite commits, each in its own transaction."""
    done = [0] * clients

    def work(number: int) -> None:
        with closing(database.engine.raw_connection()) as pooled:
            connection = pooled.driver_connection
            assert connection is not None
            connection.execute("PRAGMA busy_timeout = 60000")  # the machine is measured here, and nobody's patience
            while time.perf_counter() < until:
                receipt = f"{number}-{done[number]}".encode()
                connection.execute("BEGIN IMMEDIATE")
                values = (receipt, "2026-10-01", number, 20000, 5, 4, 4, 9, 5, 9, 3)
                connection.execute(f"INSERT INTO wide ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?)", values)
                connection.execute("COMMIT")
                done[number] += 1

    with Database(f"sqlite:///{folder / 'wide.db'}", pool_size=clients) as database:
        with database.engine.begin() as connection:
            connection.exec_driver_sql(TABLE.format(key="integer primary key", bytes="blob", time="text"))
            connection.exec_driver_sql(INDEX)
        until = time.perf_counter() + seconds
        threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return sum(done) / seconds
