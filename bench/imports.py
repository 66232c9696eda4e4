"""Import 100,000 finished cases with the product's own command: seconds and memory, beside what this machine can do.

python -m bench.imports [rows]      DATABASE_URL names a PostgreSQL to run on it too
"""

from __future__ import annotations

import csv
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import xlsxwriter

from bench.databases import postgres, url_of

ROWS = 100_000
HEADERS = (
    *("Mã hồ sơ", "Mã thủ tục", "Cơ quan tiếp nhận", "Cơ quan giải quyết"),
    *("Ngày tiếp nhận", "Ngày hẹn trả", "Ngày trả", "Kênh nộp", "Đối tượng"),
)
PROCEDURES = ("1.001193", "1.000894", "2.000815", "1.004873", "2.000635")
COMMAND = """
import sys
from pathlib import Path
from survey.__main__ import main
try:
    main()
finally:
    print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0], file=sys.stderr)
"""
PROCEDURE_FILE = Path(__file__).parent.parent / "survey" / "data" / "procedures.csv"


def rows(number: int) -> list[tuple[str, ...]]:
    """Make a feed that looks like a province's."""
    table: list[tuple[str, ...]] = []
    for i in range(number):
        agency, day = f"H61.{101 + i % 41}", i % 28 + 1
        code, received, finished = f"{agency}-2609{day:02}-{i:07}", f"{day:02}/09/2026", f"{day:02}/10/2026"
        respondent = "Doanh nghiệp" if i % 7 == 0 else "Người dân"
        table.append(
            (code, PROCEDURES[i % 5], agency, agency, received, finished, finished, str(i % 3 + 1), respondent)
        )
    return table


def write_csv(path: Path, table: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEADERS)
        lines.writerows(table)


def write_xlsx(path: Path, table: list[tuple[str, ...]]) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate([HEADERS, *table]):
            sheet.write_row(line, 0, row)


def command(arguments: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Run one command and return its seconds and its largest memory in MB."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", COMMAND, *arguments], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return time.perf_counter() - began, int(done.stderr.split()[-1]) / 1024


def bare(folder: Path) -> float:
    """Return the seconds that Python and SQLite need to read the file and keep its rows as they are."""
    began = time.perf_counter()
    with (
        closing(sqlite3.connect(folder / "bare.db")) as store,
        (folder / "cases.csv").open(encoding="utf-8-sig", newline="") as file,
    ):
        store.execute(f"CREATE TABLE feed ({', '.join(f'c{i}' for i in range(len(HEADERS)))}, UNIQUE (c0))")
        store.executemany(f"INSERT INTO feed VALUES ({','.join('?' * len(HEADERS))})", csv.reader(file))
        store.commit()
        return time.perf_counter() - began


def measure(folder: Path, url: str, base: float) -> None:
    environment = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": "only for measuring, thirty-two characters"}
    command(["migrate"], environment)
    command(["import", "agencies", "--profile", "vinh_long_2025"], environment)
    command(["import", "procedures", str(PROCEDURE_FILE)], environment)
    _, idle = command(["import", "procedures", str(PROCEDURE_FILE)], environment)
    kind = url.partition(":")[0].partition("+")[0]
    for what, name in (("CSV, new", "cases.csv"), ("CSV, again", "cases.csv"), ("XLSX, again", "cases.xlsx")):
        seconds, memory = command(["import", "cases", str(folder / name)], environment)
        times = f"{kind:<11}{what:<13}{seconds:7.1f} s  {seconds / base:6.1f} × bare"
        print(f"{times}  {memory:6.0f} MB (+{memory - idle:.0f} MB over a small import)", flush=True)
    asked = ["invite", "--cases", str(folder / "cases.csv"), "--links", str(folder / f"links_{kind}.csv")]
    seconds, memory = command(asked, environment)
    print(f"{kind:<11}{'invite all':<13}{seconds:7.1f} s  {seconds / base:6.1f} × bare  {memory:6.0f} MB", flush=True)


def run(number: int = ROWS) -> None:
    """Print seconds, ratios and memory for both databases."""
    with tempfile.TemporaryDirectory() as name, postgres(Path(name)) as server:
        folder = Path(name)
        table = rows(number)
        write_csv(folder / "cases.csv", table)
        write_xlsx(folder / "cases.xlsx", table)
        base = bare(folder)
        print(f"{number} cases; bare: csv + sqlite3 keep them in {base:.2f} s")
        for engine in ("sqlite", "postgresql"):
            measure(folder, url_of(engine, folder, server), base)


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
