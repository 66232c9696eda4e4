"""Years of a province, made inside the database: cases, invitations, answers by three channels, reasons and comments.

Four answers in five rate a finished case, the others come by open codes and kiosks; two cases in three are rated, more
than is usual, so that answers make the load. Units differ in size as a province's do, from seven answers in a hundred
to one in four hundred, and in how satisfied their people are; most cases are finished on working days, and people
answer within a week. What is drawn follows from a row's number, alike on both databases. Links of halves that have
long ended are cut, as `hailong work` cuts them.
"""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa

import migrations
from survey.db.engine import Database
from survey.db.types import EPOCH
from survey.i18n import plain_words
from survey.models import Agency, Channel, DeliveryLevel, Level, Placement, Procedure
from survey.periods import half_month
from tests.support import factories
from tests.support.officials import official

ROWS = int(os.environ.get("HAILONG_BENCH_ROWS", "1000000"))
UNITS, MONTHS, PROCEDURES = 200, 36, 6
NOW = dt.datetime(2026, 11, 23, 5, tzinfo=dt.UTC)
FIRST, LAST = dt.date(2023, 12, 1), dt.date(2026, 11, 22)
LINKED_FROM = dt.date(2026, 8, 1)
FIELDS = ("resolving_agency_id", "procedure_id", "respondent")
AT_ONCE = 1_000_000  # cases in one statement: PostgreSQL keeps what it generates in memory
TABLES = ("case", "invitation", "response", "comment")
REASONS = ("login", "form", "upload", "payment", "extra_papers", "visit", "late", "attitude")
WORDS = (
    "Tôi phải nộp lại giấy tờ hai lần, đề nghị đơn vị rà soát thành phần hồ sơ.",
    "Trang nộp hồ sơ hay báo lỗi khi tải tệp lên.",
    "Kết quả trả chậm ba ngày so với giấy hẹn mà không có tin nhắn xin lỗi.",
    "Cán bộ hướng dẫn tận tình, thủ tục nhanh gọn. Xin cảm ơn.",
    "Đề nghị cho thanh toán phí trực tuyến bằng nhiều ngân hàng hơn.",
    "Không đăng nhập được bằng tài khoản định danh vào buổi tối.",
)
ISSUED, EXPIRES = "'2024-01-01 00:00:00.000000'", "'2027-01-01 00:00:00.000000'"
# A square modulo a prime: two draws of one number have nothing to do with each other, which multiples alone would.
PRIME, FACTORS = 2_147_483_647, (7907, 104_729, 1_299_709, 15_485_863, 179_424_673, 48_271, 69_621, 39_373, 16_807)
UNIT, PROCEDURE, WHO, LATE, LAG, RATED, REASON, WRITTEN, REST = range(len(FACTORS))


class Dialect:
    """How one of the two databases writes what differs between them."""

    def __init__(self, kind: str) -> None:
        self.postgresql = kind == "postgresql"
        self.true, self.false = ("true", "false") if self.postgresql else ("1", "0")
        self.json = "::json" if self.postgresql else ""

    def series(self, first: int, last: int) -> str:
        """Return a table of the numbers from the first to the last, as column c."""
        if self.postgresql:
            return f"SELECT generate_series({first}::bigint, {last}::bigint) AS c"
        counting = f"SELECT {first} AS c UNION ALL SELECT c + 1 FROM n WHERE c < {last}"
        return f"WITH RECURSIVE n AS ({counting}) SELECT c FROM n"

    def hashed(self, number: str, size: int) -> str:
        """Return so many bytes that no other number has."""
        if self.postgresql:
            return f"decode(lpad(({number})::text, {size * 2}, '0'), 'hex')"
        return f"CAST(printf('%0{size}d', {number}) AS BLOB)"


def fill(database: Database, rows: int = ROWS) -> None:
    """Make the schema, the province and so many answers with their cases; what keeps order follows at the end."""
    migrations.migrate(database)
    dialect, least = Dialect(database.url.get_backend_name()), _furnished(database)
    cases = rows * 6 // 5
    with _bulk(database) as execute:
        for first in range(1, cases + 1, AT_ONCE):
            source = _drawn(dialect, first, min(first + AT_ONCE - 1, cases), cases)
            execute(f"CREATE TEMP TABLE drawn AS {source}")
            for into, values, where in _tables(dialect, least):
                execute(f"INSERT INTO {into} SELECT {values} FROM drawn WHERE {where}")
            execute(_crossing(least))
            execute("DROP TABLE drawn")


def _furnished(database: Database) -> int:
    """Make the province with its units, procedures and placements; return the first unit's number."""
    with database.session(writes=True) as session:
        factories.furnish(session)
        province = factories.agency_id(session, "H61")
        for number in range(100, 100 + UNITS - len(factories.UNITS)):
            factories.agency(session, f"H61.{number}", Level.COMMUNE, f"Xã số {number}", f"Commune {number}", province)
        for number in range(len(factories.PROCEDURES), PROCEDURES):
            session.execute(sa.insert(Procedure), [_procedure(number)])
        official(session)
        session.execute(sa.update(Agency).values(valid_from=FIRST))
        units = session.scalars(sa.select(Agency.id).where(Agency.parent_id == province).order_by(Agency.id)).all()
        assert len(units) == UNITS and units[-1] - units[0] == UNITS - 1
        for channel in (Channel.OPEN, Channel.KIOSK):
            for unit in units:
                code = f"{channel.name[0]}{unit}"
                session.add(Placement(code=code, channel=channel, agency_id=unit, created_at=NOW))
            session.flush()
        session.commit()
    return units[0]


def _procedure(number: int) -> dict[str, Any]:
    name = {"vi": f"Thủ tục số {number}", "en": f"Procedure {number}"}
    field = {"vi": "Đất đai", "en": "Land"}
    delivery, day = DeliveryLevel.FULLY_ONLINE, FIRST
    return {"code": f"1.{number:06}", "name": name, "field": field, "delivery": delivery, "valid_from": day}


@contextmanager
def _bulk(database: Database) -> Iterator[Callable[[str], Any]]:
    """Let statements run for as long as they take, on a connection of their own without what guards single rows.

    Indexes and triggers are made anew when all is written: kept up row by row they take longer than the rows.
    """
    database.dispose()
    if database.url.get_backend_name() == "postgresql":
        with psycopg.connect(
            database.url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
        ) as own:
            yield from _of_postgresql(own)
    else:
        with closing(sqlite3.connect(str(database.url.database), isolation_level=None)) as own_file:
            yield from _of_sqlite(own_file)


def _of_postgresql(connection: psycopg.Connection[Any]) -> Iterator[Callable[[str], Any]]:
    for setting in ("session_replication_role = replica", "synchronous_commit = off", "maintenance_work_mem = '256MB'"):
        connection.execute(f"SET {setting}".encode())
    named = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT IN"
    indexes = connection.execute(f"{named} (SELECT conname FROM pg_constraint)".encode(), [list(TABLES)]).fetchall()
    for name, _definition in indexes:
        connection.execute(f"DROP INDEX {name}".encode())
    yield lambda statement: connection.execute(statement.encode())
    for _name, definition in indexes:
        connection.execute(definition.encode())
    for table in TABLES[:3]:  # numbers go on after those that were written
        top = f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), max(id)) FROM \"{table}\""
        connection.execute(top.encode())
    connection.execute("VACUUM ANALYZE")


def _of_sqlite(connection: sqlite3.Connection) -> Iterator[Callable[[str], Any]]:
    for setting in ("foreign_keys = OFF", "synchronous = OFF", "cache_size = -200000"):
        connection.execute(f"PRAGMA {setting}")
    named = f"SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND tbl_name IN {TABLES}"
    kept = connection.execute(f"{named} AND sql IS NOT NULL").fetchall()
    for kind, name, _sql in kept:
        connection.execute(f"DROP {kind} {name}")
    yield connection.execute
    for _kind, _name, sql in kept:
        connection.execute(sql)
    connection.execute("ANALYZE")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _draw(name: int, most: int) -> str:
    """Return what is drawn for case c from 0 to below `most`, of one of the draws."""
    line = f"(c * {FACTORS[name]} % {PRIME})"
    return f"({line} * {line} % {PRIME}) / 64 % {most}"


def _drawn(dialect: Dialect, first: int, last: int, cases: int) -> str:
    """Return the SELECT of what is drawn for each of some cases.

    The number of a case is c, of its answer a. Of six cases four are rated (`slot` 0 to 3); of the others one has the
    number of an answer by another channel (4).
    """
    days, start = (LAST - FIRST).days, (FIRST - EPOCH).days
    line = f"{start} + c * {days} / {cases}"
    # Day 0 was a Thursday. Two in three of what would be finished at a weekend are finished two days before.
    finished = f"{line} - CASE WHEN ({line} + 3) % 7 >= 5 AND {_draw(WHO, 3)} > 0 THEN 2 ELSE 0 END"
    lag = f"CASE {_draw(LAG, 10)} WHEN 0 THEN 1 WHEN 1 THEN 1 WHEN 2 THEN 2 WHEN 3 THEN 6 ELSE 0 END"
    columns = {
        "c": "c",
        "a": "(c - 1) / 6 * 5 + (c - 1) % 6 + 1",
        "slot": "(c - 1) % 6",
        "unit": f"({_draw(UNIT, 10000)}) * ({_draw(UNIT, 10000)}) / {10000 * 10000 // UNITS}",
        "procedure_id": f"1 + ({_draw(PROCEDURE, 1000)}) * ({_draw(PROCEDURE, 1000)}) / {1000 * 1000 // PROCEDURES}",
        "respondent": f"CASE WHEN {_draw(WHO, 100)} < 80 THEN 1 ELSE 2 END",
        "late": f"CASE WHEN {_draw(LATE, 100)} < 8 THEN 2 ELSE 1 END",
        "finished": f"max({finished}, {start})" if not dialect.postgresql else f"greatest({finished}, {start})",
        "lag": lag,
        "rated": _draw(RATED, 100),
        "reason": _draw(REASON, 64),
        "written": _draw(WRITTEN, 1000),
        "rest": _draw(REST, 100_000),
    }
    drawn = ", ".join(f"{value} AS {name}" for name, value in columns.items())
    smallest = "least" if dialect.postgresql else "min"
    end = (LAST - EPOCH).days
    # Between 84 and 94 in a hundred are satisfied, by unit; whoever waited too long, ten fewer.
    level = "CASE WHEN rated < 50 + unit % 11 THEN 5 WHEN rated < 84 + unit % 11 - (late - 1) * 10 THEN 4"
    level += " WHEN rated < 95 THEN 3 WHEN rated < 98 THEN 2 ELSE 1 END"
    once = "OFFSET 0" if dialect.postgresql else "LIMIT -1 OFFSET 0"  # so that nothing is drawn twice
    inner = f"SELECT {drawn} FROM ({dialect.series(first, last)}) AS numbers {once}"
    return f"SELECT *, {level} AS overall, {smallest}(finished + lag, {end}) AS day FROM ({inner}) AS every"


def _tables(dialect: Dialect, least: int) -> Iterator[tuple[str, str, str]]:
    """Yield each table with its columns, what stands in them, and of which of what is drawn."""
    linked = (LINKED_FROM - EPOCH).days
    unit = f"{least} + unit"
    cut = f"slot < 4 AND day < {linked}"
    yield (
        '"case" (id, code_hash, receiving_agency_id, procedure_id, respondent, filing, resolving_agency_id, '
        "finished_day, outcome)",
        f"c, {dialect.hashed('c', 16)}, {unit}, procedure_id, respondent, 2, {unit}, finished, 1",
        "true" if dialect.postgresql else "1",
    )
    used = f"CASE WHEN {cut} THEN {dialect.true} ELSE {dialect.false} END"
    yield (
        "invitation (id, case_id, token_hash, issued_at, expires_at, used)",
        f"c, c, {dialect.hashed('c', 32)}, {ISSUED}, {EXPIRES}, {used}",
        "slot < 5 OR rest % 2 = 0",
    )
    columns = "id, receipt, submitted_at, invitation_id, placement_id, agency_id, procedure_id, questionnaire_id, day, "
    columns += (
        "counted, channel, respondent, outcome, timeliness, seconds, overall, r1, r2, r3, r4, r5, language, other"
    )
    channel = "CASE WHEN slot < 4 THEN 1 WHEN rest % 4 > 0 THEN 2 ELSE 3 END"
    place = f"CASE WHEN slot < 4 THEN NULL WHEN rest % 4 > 0 THEN unit + 1 ELSE unit + 1 + {UNITS} END"
    link = f"CASE WHEN slot < 4 AND day >= {linked} THEN c END"
    case = ", ".join(f"CASE WHEN slot < 4 THEN {name} END" for name in ("respondent", "1", "late"))
    chosen = f"CASE WHEN overall <= 3 AND rest % 5 > 0 THEN ({_reasons()}){dialect.json} END"
    yield (
        f"response ({columns})",
        f"a, {dialect.hashed('a', 10)}, {ISSUED}, {link}, {place}, {unit}, procedure_id, {factories.ASKED}, day, "
        f"{dialect.true}, {channel}, {case}, 5 + rest % 300, overall, {', '.join(map(_rating, range(5)))}, 'vi', "
        f"{chosen}",
        "slot < 5",
    )
    words, plain = (_one_of([one(line) for line in WORDS], "written") for one in (str, plain_words))
    yield (
        "comment (response_id, question, text, plain)",
        f"a, 'S8', {words}, {plain}",
        "slot < 5 AND (written < 5 OR overall <= 3 AND written < 200)",
    )


def _rating(place: int) -> str:
    """Return the rating of another question: mostly that of all, sometimes a level off, "no opinion" or none."""
    draw = f"(rest / {(1, 7, 77, 777, 3)[place]}) % 20"
    off = f"CASE WHEN overall > 1 THEN overall - 1 ELSE 2 END WHEN {draw} < 15 THEN overall"
    return (
        f"CASE WHEN {draw} < {2 + place % 3} THEN {off} WHEN {draw} < 17 THEN 9 WHEN {draw} < 18 THEN NULL ELSE 5 END"
    )


def _reasons() -> str:
    one, two = (_one_of(REASONS, number) for number in ("reason", "reason / 8"))
    several = "reason % 3 = 0 AND reason % 8 <> reason / 8 % 8"
    begun = f'\'{{"S7": ["\' || {one}'
    return f"CASE WHEN {several} THEN {begun} || '\", \"' || {two} || '\"]}}' ELSE {begun} || '\"]}}' END"


def _one_of(words: tuple[str, ...] | list[str], number: str) -> str:
    whens = " ".join(f"WHEN {place} THEN '{word}'" for place, word in enumerate(words))
    return f"CASE ({number}) % {len(words)} {whens} END"


def _crossing(least: int) -> str:
    """Return what is kept of answers whose links are cut: how many came after an edge, to cases of before it."""
    edges, day = list[int](), half_month(FIRST)[1] + dt.timedelta(days=1)
    while day <= LINKED_FROM:
        edges.append((day - EPOCH).days)
        day = half_month(day)[1] + dt.timedelta(days=1)
    edge = "".join(f" WHEN finished < {day} AND day >= {day} THEN {day}" for day in edges)
    keys = "unit, procedure_id, respondent"
    return (
        "INSERT INTO unlinked_crossing (half, agency_id, procedure_id, respondent, later, ahead) "
        f"SELECT edge, {least} + unit, procedure_id, respondent, count(*), 0 FROM "
        f"(SELECT {keys}, CASE{edge} END AS edge FROM drawn WHERE slot < 4 AND finished < day AND day < {edges[-1]}) "
        f"AS crossing WHERE edge IS NOT NULL GROUP BY edge, {keys}"
    )
