"""What people said is nowhere counted by their cases any more; counted is how many answers lie in another half month.

Of links that are cut already only their windows are left: counted is then who may have answered there, so that the
limits of older periods are wider than they need be, and never wrong. Digests on record that held are made anew.
"""

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from survey.db.types import LocalDay, UTCDateTime
from survey.errors import Conflict
from survey.periods import LOCAL_ZONE, half_month, local_day

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CELL = ("agency_id", "procedure_id", "respondent")
COUNTS = ("finished", "invited", "rated")
SAID = ("rated_satisfied", "withdrawn_satisfied")
UNLINKED = ("rated_satisfied", "completed", "withdrawn_satisfied")
MESSAGES = ("messages", "sent", "delivered")
LEVELS = tuple(f"level_{rating}" for rating in range(1, 6))
CELLS = (
    *("agency_id", "procedure_id", "channel", "respondent", "question", "answered", "satisfied"),
    *LEVELS,
    "no_opinion",
)
ABOUT = ("code", "basis", "first", "last", "closed_at", "newest_response_id")
STANDARD = ("target", "confidence", "questionnaire_id", "agencies", "procedures")
TYPES: dict[str, Any] = {"first": LocalDay, "last": LocalDay, "closed_at": UTCDateTime, "agencies": sa.JSON}
TYPES |= {"procedures": sa.JSON, "confidence": sa.Float}

period = sa.table(
    "closed_period",
    sa.column("id"),
    *(sa.column(n, TYPES.get(n)) for n in (*ABOUT, *STANDARD)),
    sa.column("newest_decision_id"),
)
cohort = sa.table(
    "frozen_cohort",
    *(sa.column(n) for n in ("id", "period_id", *CELL, *COUNTS, "withdrawn", "withdrawn_rated", "carried", *SAID)),
)
coverage = sa.table(
    "frozen_coverage", *(sa.column(n) for n in ("id", "period_id", "agency_id", *MESSAGES, "completed"))
)
cells = sa.table("frozen_cell", *(sa.column(n) for n in ("id", "period_id", *CELLS)))
entry = sa.table("audit_entry", sa.column("id"), sa.column("act"), sa.column("about", sa.JSON))
case = sa.table(
    "case",
    *(sa.column(n) for n in ("id", "resolving_agency_id", "procedure_id", "respondent")),
    sa.column("finished_day", LocalDay),
)
invitation = sa.table(
    "invitation",
    sa.column("id"),
    sa.column("case_id"),
    sa.column("used", sa.Boolean),
    *(sa.column(n, UTCDateTime) for n in ("issued_at", "expires_at")),
)
response = sa.table(
    "response",
    sa.column("id"),
    sa.column("invitation_id"),
    sa.column("counted", sa.Boolean),
    sa.column("day", LocalDay),
)
crossing = sa.table(
    "unlinked_crossing", *(sa.column(n) for n in (*CELL, "later", "ahead")), sa.column("half", LocalDay)
)

OWN = (case.c.resolving_agency_id, case.c.procedure_id, case.c.respondent)
LINKED = sa.and_(response.c.invitation_id == invitation.c.id, response.c.counted)
CASES = case.join(invitation, invitation.c.case_id == case.c.id).outerjoin(response, LINKED)
CUT = sa.and_(response.c.id.is_(None), invitation.c.used)


def upgrade() -> None:
    connection = op.get_bind()
    closings = connection.execute(sa.select(period)).all()
    held = {
        one.id
        for one in closings
        if _recorded(connection, one) in (_digest(connection, one, 1), _digest(connection, one, 2))
    }
    op.create_table(
        "unlinked_crossing",
        sa.Column("id", BIG, nullable=False),
        sa.Column("half", sa.Integer(), nullable=False),
        sa.Column("agency_id", BIG, nullable=False),
        sa.Column("procedure_id", BIG, nullable=False),
        sa.Column("respondent", sa.SmallInteger(), nullable=False),
        sa.Column("later", sa.Integer(), nullable=False),
        sa.Column("ahead", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_unlinked_crossing_agency_id")),
        sa.ForeignKeyConstraint(["procedure_id"], ["procedure.id"], name=op.f("fk_unlinked_crossing_procedure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unlinked_crossing")),
    )
    op.create_index(op.f("ix_unlinked_crossing_half"), "unlinked_crossing", ["half"])
    _count_crossings(connection)
    op.drop_table("unlinked_cohort")
    _rewritten("frozen_cohort", SAID, "carried")
    for one in closings:
        _count_carried(connection, one)
    _rewritten("frozen_coverage", ("completed",))
    for one in closings:
        if one.id in held:
            _record(connection, one, 3)


def downgrade() -> None:
    connection = op.get_bind()
    if connection.scalar(sa.select(cohort.c.id).where(cohort.c.rated > 0)) or connection.scalar(
        sa.select(crossing.c.half)
    ):
        raise Conflict(
            "Periods are closed or links are cut, and what the older program needs of them is kept no more; nothing was "
            "changed. Restore a backup from before that instead."
        )
    closings = connection.execute(sa.select(period)).all()
    held = {one.id for one in closings if _recorded(connection, one) == _digest(connection, one, 3)}
    _rewritten("frozen_coverage", (), "completed")
    with op.batch_alter_table("frozen_cohort") as batch_op:
        batch_op.drop_column("carried")
        batch_op.add_column(sa.Column("rated_satisfied", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("withdrawn_satisfied", sa.Integer(), nullable=False, server_default="0"))
    op.drop_table("unlinked_crossing")
    op.create_table(
        "unlinked_cohort",
        sa.Column("id", BIG, nullable=False),
        sa.Column("half", sa.Integer(), nullable=False),
        sa.Column("agency_id", BIG, nullable=False),
        sa.Column("procedure_id", BIG, nullable=False),
        sa.Column("respondent", sa.SmallInteger(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in UNLINKED),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_unlinked_cohort_agency_id")),
        sa.ForeignKeyConstraint(["procedure_id"], ["procedure.id"], name=op.f("fk_unlinked_cohort_procedure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unlinked_cohort")),
    )
    op.create_index(op.f("ix_unlinked_cohort_half"), "unlinked_cohort", ["half"])
    for one in closings:
        if one.id in held:
            _record(connection, one, 2)


def _rewritten(table: str, gone: tuple[str, ...], new: str = "") -> None:
    """Change the columns of a table so that nothing of those that go lies on in its file."""
    with op.batch_alter_table(table) as batch_op:
        for name in gone:
            batch_op.drop_column(name)
        if new:
            batch_op.add_column(sa.Column(new, sa.Integer(), nullable=False, server_default="0"))
    if new:
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column(new, server_default=None)
    if op.get_bind().dialect.name == "postgresql":  # a dropped column is only hidden; SQLite has written all anew
        op.execute(f"CLUSTER {table} USING pk_{table}")


def _count_carried(connection: sa.Connection, one: Any) -> None:
    """Count for a closing the answers of its days to other cases, and those that may be among them."""
    begin, end = (_midnight(day) for day in (one.first, one.last + dt.timedelta(days=1)))
    there = sa.and_(CUT, invitation.c.issued_at < end, invitation.c.expires_at > begin)
    counted = sa.select(*OWN, sa.func.count()).select_from(CASES).group_by(*OWN)
    counted = counted.where(sa.not_(case.c.finished_day.between(one.first, one.last)))
    counted = counted.where(sa.or_(response.c.day.between(one.first, one.last), there))
    for *key, number in connection.execute(counted).all():
        cell = dict(zip(CELL, key, strict=True)) | {"period_id": one.id}
        own = sa.update(cohort).where(*(cohort.c[name] == value for name, value in cell.items()))
        if not connection.execute(own.values(carried=number)).rowcount:
            nothing = dict.fromkeys((*COUNTS, "withdrawn", "withdrawn_rated"), 0)
            connection.execute(sa.insert(cohort).values(**cell, **nothing, carried=number))


def _count_crossings(connection: sa.Connection) -> None:
    """Count at each edge of a half month the cases of before that may have been rated after it, and the other way round."""
    columns = (*OWN, case.c.finished_day, invitation.c.issued_at, invitation.c.expires_at)
    windows = sa.select(*columns, sa.func.count()).select_from(CASES).where(CUT).group_by(*columns)
    crossed: Counter[tuple[Any, ...]] = Counter()
    for *cell, day, issued, expires, number in connection.execute(windows):
        for edge in _edges(day, local_day(expires - dt.timedelta(microseconds=1))):
            crossed[edge, *cell, "later"] += number
        for edge in _edges(local_day(issued), day):
            crossed[edge, *cell, "ahead"] += number
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for (edge, *cell, name), number in crossed.items():
        row = rows.setdefault(
            (edge, *cell), {"half": edge, **dict(zip(CELL, cell, strict=True)), "later": 0, "ahead": 0}
        )
        row[name] = number
    if rows:
        connection.execute(sa.insert(crossing), list(rows.values()))


def _edges(before: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Yield the first day of each half of a month after the day `before` until `last`."""
    while (before := half_month(before)[1] + dt.timedelta(days=1)) <= last:
        yield before


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), LOCAL_ZONE)


def _digest(connection: sa.Connection, one: Any, form: int) -> str:
    """Return the digest of a closing as it was made first (1), with what became of messages (2), and now (3)."""
    about = {1: (*ABOUT, *STANDARD), 2: (*ABOUT, *STANDARD, "newest_decision_id")}
    names = about.get(form, (*ABOUT, "newest_decision_id", *STANDARD))
    said, withdrawn = ("rated_satisfied",), ("withdrawn", "withdrawn_rated", "withdrawn_satisfied")
    of_cases = (*CELL, *COUNTS, *said, *withdrawn) if form < 3 else (*CELL, *COUNTS, *withdrawn[:2], "carried")
    of_messages = ("agency_id", *MESSAGES, *(("completed",) if form < 3 else ()))
    frozen: list[list[Any]] = [[tuple(getattr(one, name) for name in names)]]
    for table, columns in ((cells, CELLS), (cohort, of_cases), (coverage, of_messages)):
        query = sa.select(*(table.c[name] for name in columns)).where(table.c.period_id == one.id).order_by(table.c.id)
        frozen.append([tuple(row) for row in connection.execute(query)])
    if form < 3:
        frozen[2] = [row if any(row[-3:]) else row[:-3] for row in frozen[2]]
    kept = frozen if form > 1 else frozen[:3]
    number = hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode()).hexdigest()
    return number if form == 1 else f"{form}:{number}"


def _entry(connection: sa.Connection, one: Any) -> Any:
    entries = connection.execute(sa.select(entry.c.id, entry.c.about).where(entry.c.act == "period.closed"))
    about = {"period": one.code, "basis": one.basis}
    return next((row for row in entries.all() if about.items() <= row.about.items() and "digest" in row.about), None)


def _recorded(connection: sa.Connection, one: Any) -> str | None:
    row = _entry(connection, one)
    return None if row is None else row.about["digest"]


def _record(connection: sa.Connection, one: Any, form: int) -> None:
    """Put a closing's digest on record anew: what the old one was made of is not kept, and could be tried out by it."""
    row = _entry(connection, one)
    about = row.about | {"digest": _digest(connection, one, form)}
    connection.execute(sa.update(entry).where(entry.c.id == row.id).values(about=about))
