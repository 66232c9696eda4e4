"""The ledger is kept: what is there already is told to it, and from which day on it proves that nothing was changed."""

import datetime as dt
import hashlib
import json
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EPOCH = dt.date(1970, 1, 1)
EDITIONS = {1: "internal", 2: "public"}
EVENT = sa.table(
    "ledger_event",
    sa.column("kind", sa.String),
    sa.column("day", sa.Integer),
    sa.column("about", sa.JSON),
)


def upgrade() -> None:
    op.create_table(
        "ledger_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("response_id", BIG, nullable=True),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_ledger_event_response_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_event")),
    )
    op.create_index(op.f("ix_ledger_event_response_id"), "ledger_event", ["response_id"])
    op.create_table(
        "ledger_entry",
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ledger_entry")),
    )
    op.create_table(
        "ledger_subtree",
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name=op.f("pk_ledger_subtree")),
    )
    op.create_table(
        "ledger_checkpoint",
        sa.Column("size", BIG, autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_ledger_checkpoint")),
    )
    op.add_column("response", sa.Column("entry", BIG, nullable=True))
    op.add_column("response", sa.Column("salt", sa.LargeBinary(32), nullable=True))
    op.add_column("response", sa.Column("comment_marks", sa.JSON(), nullable=True))
    op.add_column("comment", sa.Column("salt", sa.LargeBinary(32), nullable=True))
    unnumbered = sa.text("entry IS NULL")
    op.create_index(
        "ix_response_unnumbered", "response", ["id"], postgresql_where=unnumbered, sqlite_where=unnumbered
    )
    tell_what_is_there()
    tell_of_exclusions()
    add_only()


def downgrade() -> None:
    for table in ("ledger_entry", "ledger_subtree", "ledger_checkpoint"):
        if op.get_bind().dialect.name == "sqlite":
            for act in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_no_{act}")
    op.drop_index("ix_response_unnumbered", "response")
    op.drop_column("comment", "salt")
    for column in ("comment_marks", "salt", "entry"):
        op.drop_column("response", column)
    op.drop_table("ledger_checkpoint")
    op.drop_table("ledger_subtree")
    op.drop_table("ledger_entry")
    op.drop_index(op.f("ix_ledger_event_response_id"), "ledger_event")
    op.drop_table("ledger_event")


def add_only() -> None:
    """Let SQLite refuse to change or delete what the ledger holds; whoever may write its file can still do it."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in ("ledger_entry", "ledger_subtree", "ledger_checkpoint"):
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END"
            )


def tell_of_exclusions() -> None:
    """Tell of each answer about which two accounts have agreed that it is left out, or counted again."""
    op.execute(
        "INSERT INTO ledger_event (kind, day, about, response_id) "
        "SELECT CASE x.kind WHEN 1 THEN 'excluded' ELSE 'restored' END, started.day, "
        "CASE WHEN response.counted THEN '{\"counts\": true}' ELSE '{\"counts\": false}' END"
        + ("::json" if op.get_bind().dialect.name == "postgresql" else "")
        + ", response.id FROM exclusion_decision AS d JOIN exclusion AS x ON x.id = d.exclusion_id "
        "JOIN excluded_answer AS e ON e.exclusion_id = x.id JOIN response ON response.id = e.response_id "
        "JOIN ledger_event AS started ON started.kind = 'started' WHERE d.agreed ORDER BY d.id, response.id"
    )


def tell_what_is_there() -> None:
    """Tell of versions, targets, closed periods and issued reports; answers wait in their own rows."""
    store = op.get_bind()
    today = dt.datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    told = [*_questionnaires(store, today), *_targets(store, today), *_closings(store), *_reports(store)]
    told.append(("started", today, {}))
    store.execute(
        sa.insert(EVENT), [{"kind": kind, "day": (day - EPOCH).days, "about": about} for kind, day, about in told]
    )


def _questionnaires(store, today):
    row = sa.table(
        "questionnaire",
        *map(sa.column, ("id", "code", "version", "status")),
        sa.column("document", sa.JSON),
        sa.column("published_at", sa.DateTime(timezone=True)),
    )
    for one in store.execute(sa.select(row).where(row.c.status != 1).order_by(row.c.id)):
        written = json.dumps(one.document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        about = {"questionnaire": one.code, "version": one.version}
        about["sha256"] = hashlib.sha256(written.encode()).hexdigest()
        yield "questionnaire", _local(one.published_at, today), about


def _targets(store, today):
    row = sa.table(
        "target",
        *map(sa.column, ("id", "headline", "share", "valid_from", "valid_to")),
        sa.column("entered_at", sa.DateTime(timezone=True)),
    )
    for one in store.execute(sa.select(row).order_by(row.c.id)):
        first, last = (day if day is None else (EPOCH + dt.timedelta(day)).isoformat() for day in one[3:5])
        about = {"target": one.share, "headline": int(one.headline), "first": first, "last": last or ""}
        yield "target", _local(one.entered_at, today), about


def _closings(store):
    row = sa.table(
        "audit_entry",
        *map(sa.column, ("id", "act")),
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("about", sa.JSON),
    )
    for one in store.execute(sa.select(row).where(row.c.act == "period.closed").order_by(row.c.id)):
        yield "period_closed", _local(one.at), dict(one.about)


def _reports(store):
    row = sa.table(
        "issued_report",
        *map(sa.column, ("id", "period_code", "period_basis", "edition", "format", "language", "sha256")),
        sa.column("entered_at", sa.DateTime(timezone=True)),
    )
    for one in store.execute(sa.select(row).order_by(row.c.id)):
        about = {"period": one.period_code, "basis": one.period_basis, "sha256": bytes(one.sha256).hex()}
        about |= {"edition": EDITIONS[one.edition], "format": one.format, "language": one.language}
        yield "report", _local(one.entered_at), about


def _local(at, otherwise=None):
    if at is None:
        return otherwise
    return (at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at).astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()
