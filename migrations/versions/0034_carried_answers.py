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
WITHDRAWN = ("withdrawn", "withdrawn_rated")
NOW = (*CELL, *COUNTS, *WITHDRAWN, "carried")
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
    *(sa.column(n) for n in ("id", "period_id", *CELL, *COUNTS, *WITHDRAWN, "carried", *SAID)),
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
    *(sa.column(n) for n in ("id", "invitation_id", "supersedes_id", "channel", "overall", *CELL)),
    sa.column("counted", sa.Boolean),
    sa.column("day", LocalDay),
)
withdrawal = sa.table(
    "withdrawal", sa.column("case_id"), *(sa.column(n, UTCDateTime) for n in ("recorded_at", "restored_at"))
)
crossing = sa.table(
    "unlinked_crossing", *(sa.column(n) for n in (*CELL, "later", "ahead")), sa.column("half", LocalDay)
)

OWN = (case.c.resolving_agency_id, case.c.procedure_id, case.c.respondent)
LINKED = sa.and_(response.c.invitation_id == invitation.c.id, response.c.counted)
CASES = case.join(invitation, invitation.c.case_id == case.c.id).outerjoin(response, LINKED)
CUT = sa.and_(response.c.id.is_(None), invitation.c.used)
OF_ANSWER = tuple(response.c[name] for name in CELL)
LEFT_BEHIND = sa.or_(*(own.is_distinct_from(answer) for own, answer in zip(OWN, OF_ANSWER, strict=True)))


def upgrade() -> None:
    connection = op.get_bind()
    closings = connection.execute(sa.select(period)).all()
    held = list(_held(connection, closings, old=True))
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
    for one, covering in held:
        _record(connection, one, old=False, covering=covering)


def downgrade() -> None:
    connection = op.get_bind()
    cut = sa.select(sa.func.count()).where(response.c.channel == 1, response.c.invitation_id.is_(None))
    if connection.scalar(cut):
        raise Conflict(
            "Links between answers and cases have been cut, which the older program needs; nothing was changed. "
            "Restore a backup from before that instead."
        )
    closings = connection.execute(sa.select(period)).all()
    held = list(_held(connection, closings, old=False))
    connection.execute(sa.delete(coverage))  # the older program freezes it again, as long as links are there
    with op.batch_alter_table("frozen_coverage") as batch_op:
        batch_op.add_column(sa.Column("completed", sa.Integer(), nullable=False))
    with op.batch_alter_table("frozen_cohort") as batch_op:
        batch_op.drop_column("carried")
        batch_op.add_column(sa.Column("rated_satisfied", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("withdrawn_satisfied", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("frozen_cohort") as batch_op:
        batch_op.alter_column("rated_satisfied", server_default=None)
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
        _count_satisfied(connection, one)
    for one, _covering in held:
        _record(connection, one, old=True, covering=False)


def _count_satisfied(connection: sa.Connection, one: Any) -> None:
    """Count for a closing how many of its rated cases were satisfied when it was closed, and of those withdrawn."""
    later = response.alias()
    replaced = sa.exists().where(later.c.supersedes_id == response.c.id, later.c.id <= one.newest_response_id)
    restored = sa.or_(withdrawal.c.restored_at.is_(None), withdrawal.c.restored_at > one.closed_at)
    withdrawn = sa.exists().where(
        withdrawal.c.case_id == case.c.id, withdrawal.c.recorded_at <= one.closed_at, restored
    )
    there = case.join(invitation, invitation.c.case_id == case.c.id)
    there = there.join(response, response.c.invitation_id == invitation.c.id)
    counted = (
        sa.select(*OWN, sa.func.count(), sa.func.count().filter(withdrawn))
        .select_from(there)
        .where(case.c.finished_day.between(one.first, one.last), response.c.overall >= 4)
        .where(response.c.id <= one.newest_response_id, sa.not_(replaced))
        .group_by(*OWN)
    )
    for *key, satisfied, among in connection.execute(counted).all():
        own = [cohort.c[name] == value for name, value in zip(CELL, key, strict=True)]
        values = {"rated_satisfied": satisfied, "withdrawn_satisfied": among}
        connection.execute(sa.update(cohort).where(cohort.c.period_id == one.id, *own).values(values))


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
    """Count for a closing the answers of its days to other cases, and those that may be among them.

    Each counts where the answer is, which its case may have left behind; where the link is cut, where the case is.
    """
    begin, end = (_midnight(day) for day in (one.first, one.last + dt.timedelta(days=1)))
    elsewhen = sa.not_(case.c.finished_day.between(one.first, one.last))
    linked = sa.and_(response.c.day.between(one.first, one.last), sa.or_(LEFT_BEHIND, elsewhen))
    there = sa.and_(CUT, elsewhen, invitation.c.issued_at < end, invitation.c.expires_at > begin)
    counted: Counter[tuple[Any, ...]] = Counter()
    for cell_of, wanted in ((OF_ANSWER, linked), (OWN, there)):
        query = sa.select(*cell_of, sa.func.count()).select_from(CASES).where(wanted).group_by(*cell_of)
        counted.update({tuple(key): number for *key, number in connection.execute(query)})
    for key, number in counted.items():
        cell = dict(zip(CELL, key, strict=True)) | {"period_id": one.id}
        own = sa.update(cohort).where(*(cohort.c[name] == value for name, value in cell.items()))
        if not connection.execute(own.values(carried=number)).rowcount:
            nothing = dict.fromkeys((*COUNTS, *WITHDRAWN), 0)
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


def _digest(connection: sa.Connection, one: Any, *, old: bool, covering: bool) -> str:
    """Return the digest of a closing over what was frozen before this migration or after it.

    Those that were made first did not cover what became of messages.
    """
    names = (*ABOUT, *STANDARD, *(("newest_decision_id",) if covering else ()))
    of_cases = (*CELL, *COUNTS, "rated_satisfied", *WITHDRAWN, "withdrawn_satisfied") if old else NOW
    of_messages = ("agency_id", *MESSAGES, *(("completed",) if old else ()))
    frozen: list[list[Any]] = [[tuple(getattr(one, name) for name in names)]]
    for table, columns in ((cells, CELLS), (cohort, of_cases), (coverage, of_messages)):
        query = sa.select(*(table.c[name] for name in columns)).where(table.c.period_id == one.id).order_by(table.c.id)
        frozen.append([tuple(row) for row in connection.execute(query)])
    if old:  # withdrawn cases came later: digests told of them only where there were any
        frozen[2] = [row if any(row[-3:]) else row[:-3] for row in frozen[2]]
    kept = frozen if covering else frozen[:3]
    number = hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode()).hexdigest()
    return f"{'2:' if old else '3:'}{number}" if covering else number


def _held(connection: sa.Connection, closings: Any, *, old: bool) -> Iterator[tuple[Any, bool]]:
    """Yield the closings whose figures are those on record, and whether their digest covers what became of messages."""
    for one in closings:
        row = _entry(connection, one)
        for covering in (False, True):
            if row is not None and row.about["digest"] == _digest(connection, one, old=old, covering=covering):
                yield one, covering


def _entry(connection: sa.Connection, one: Any) -> Any:
    entries = connection.execute(sa.select(entry.c.id, entry.c.about).where(entry.c.act == "period.closed"))
    about = {"period": one.code, "basis": one.basis}
    return next((row for row in entries.all() if about.items() <= row.about.items() and "digest" in row.about), None)


def _record(connection: sa.Connection, one: Any, *, old: bool, covering: bool) -> None:
    """Put a closing's digest on record anew: what the old one was made of is not kept, and could be tried out by it."""
    row = _entry(connection, one)
    about = row.about | {"digest": _digest(connection, one, old=old, covering=covering)}
    connection.execute(sa.update(entry).where(entry.c.id == row.id).values(about=about))
