"""One delivery queue: messages and the deliveries of webhooks stand in one table."""

import sqlalchemy as sa
from alembic import op


revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
EVENT, WEBHOOK = 3, 3  # as Kind and AddressKind say
QUEUED, SENDING, UNKNOWN, DELIVERED, FAILED = 1, 2, 3, 4, 6  # as State says
HELD = sa.text("payload IS NOT NULL")
TO_STATE = {1: QUEUED, 2: SENDING, 3: DELIVERED, 4: FAILED}  # what Progress of webhook_delivery said
TO_PROGRESS = {QUEUED: 1, SENDING: 2, UNKNOWN: 1, DELIVERED: 3}
SAME = "id, invitation_id, queued_at, due_at, changed_at, delivered_at, kind, state, reason, attempts, doubtful, key"


def upgrade() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", KEY, nullable=False),
        sa.Column("invitation_id", KEY, nullable=True),
        sa.Column("webhook_id", KEY, nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=True),
        sa.Column("queued_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("expires_at", TIME, nullable=True),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("delivered_at", TIME, nullable=True),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("address_kind", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.SmallInteger(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(payload IS NULL) = (due_at IS NULL)", name=op.f("ck_delivery_ended")),
        sa.CheckConstraint("(state <= 3) OR (payload IS NULL)", name=op.f("ck_delivery_erased")),
        sa.CheckConstraint("(state = 4) = (delivered_at IS NOT NULL)", name=op.f("ck_delivery_delivered")),
        sa.CheckConstraint("(invitation_id IS NULL) <> (subject IS NULL)", name=op.f("ck_delivery_subject")),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_delivery_invitation_id")),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=op.f("fk_delivery_webhook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("invitation_id", "kind", name=op.f("uq_delivery_invitation_id_kind")),
        sa.UniqueConstraint("subject", "kind", name=op.f("uq_delivery_subject_kind")),
        sa.UniqueConstraint("key", name=op.f("uq_delivery_key")),
    )
    op.execute(
        f"INSERT INTO delivery ({SAME}, expires_at, address_kind, payload) "
        f"SELECT {SAME}, erase_at, way, sealed FROM message"
    )
    _number("delivery")
    _add_webhook_deliveries()
    op.create_index("ix_delivery_due", "delivery", ["due_at", "id"])
    op.create_index("ix_delivery_expires", "delivery", ["expires_at"], postgresql_where=HELD, sqlite_where=HELD)
    op.create_index("ix_delivery_queued", "delivery", ["queued_at"])
    told = sa.text("webhook_id IS NOT NULL")
    op.create_index("ix_delivery_webhook", "delivery", ["webhook_id"], postgresql_where=told, sqlite_where=told)
    _turn_transitions("message", "delivery")
    op.drop_table("webhook_delivery")
    op.drop_table("message")


def downgrade() -> None:
    op.create_table(
        "message",
        sa.Column("id", KEY, nullable=False),
        sa.Column("invitation_id", KEY, nullable=False),
        sa.Column("queued_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("erase_at", TIME, nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("delivered_at", TIME, nullable=True),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("way", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.SmallInteger(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(sealed IS NULL) = (due_at IS NULL)", name=op.f("ck_message_ended")),
        sa.CheckConstraint("(state = 4) = (delivered_at IS NOT NULL)", name=op.f("ck_message_delivered")),
        sa.CheckConstraint("state <= 3 OR sealed IS NULL", name=op.f("ck_message_erased")),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_message_invitation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("invitation_id", "kind", name=op.f("uq_message_invitation_id_kind")),
        sa.UniqueConstraint("key", name=op.f("uq_message_key")),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", KEY, nullable=False),
        sa.Column("webhook_id", KEY, nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("event_key", sa.String(length=32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("queued_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.CheckConstraint("(state <= 2) = (due_at IS NOT NULL)", name=op.f("ck_webhook_delivery_ended")),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_delivery_webhook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("event_key", name=op.f("uq_webhook_delivery_event_key")),
        sa.UniqueConstraint(
            "webhook_id", "event", "subject", name=op.f("uq_webhook_delivery_webhook_id_event_subject")
        ),
    )
    op.execute(
        f"INSERT INTO message ({SAME}, erase_at, way, sealed) "
        f"SELECT {SAME}, expires_at, address_kind, payload FROM delivery WHERE invitation_id IS NOT NULL"
    )
    _number("message")
    held = sa.text("sealed IS NOT NULL")
    op.create_index("ix_message_due", "message", ["due_at"])
    op.create_index("ix_message_erase", "message", ["erase_at"], postgresql_where=held, sqlite_where=held)
    op.create_index("ix_message_queued", "message", ["queued_at"])
    _take_webhook_deliveries()
    op.create_index("ix_webhook_delivery_due", "webhook_delivery", ["due_at"])
    op.execute("DELETE FROM transition WHERE delivery_id NOT IN (SELECT id FROM message)")
    _turn_transitions("delivery", "message")
    op.drop_table("delivery")


def _number(table: str) -> None:
    """Let PostgreSQL number new rows after those that brought their own numbers; SQLite looks by itself."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 0) + 1, false) FROM {table}"
        )


def _turn_transitions(old: str, new: str) -> None:
    """Let the steps point at another table, in which the rows have kept their numbers."""
    with op.batch_alter_table("transition") as batch_op:
        batch_op.drop_index(f"ix_transition_{old}_id")
        batch_op.drop_constraint(f"fk_transition_{old}_id", type_="foreignkey")
        batch_op.alter_column(f"{old}_id", new_column_name=f"{new}_id", existing_type=KEY, existing_nullable=False)
    with op.batch_alter_table("transition") as batch_op:
        batch_op.create_foreign_key(f"fk_transition_{new}_id", new, [f"{new}_id"], ["id"])
        batch_op.create_index(f"ix_transition_{new}_id", [f"{new}_id"])


def _rows(table: str, *columns: sa.ColumnElement, where: str = "1 = 1") -> list:
    query = sa.select(*columns).select_from(sa.table(table)).where(sa.text(where)).order_by(sa.column("id"))
    return op.get_bind().execute(query).all()


def _times(*names: str) -> list[sa.ColumnElement]:
    return [sa.column(name, TIME) for name in names]


def _add_webhook_deliveries() -> None:
    names = ("webhook_id", "event", "subject", "event_key", "body", "state", "attempts")
    old = _rows("webhook_delivery", *map(sa.column, names), *_times("queued_at", "due_at", "changed_at"))
    rows = [
        {
            "webhook_id": row.webhook_id,
            "subject": f"{row.webhook_id} {row.event} {row.subject}",
            "queued_at": row.queued_at,
            "due_at": row.due_at,
            "changed_at": row.changed_at,
            "delivered_at": row.changed_at if TO_STATE[row.state] == DELIVERED else None,
            "kind": EVENT,
            "address_kind": WEBHOOK,
            "state": TO_STATE[row.state],
            "attempts": row.attempts,
            "doubtful": False,
            "key": row.event_key,
            "payload": row.body.encode() if row.due_at is not None else None,
        }
        for row in old
    ]
    _insert("delivery", rows, _times("queued_at", "due_at", "changed_at", "delivered_at"))


def _take_webhook_deliveries() -> None:
    """The text of what has ended is gone, and what a receiver answered was not kept."""
    names = ("webhook_id", "subject", "key", "payload", "state", "attempts")
    times = _times("queued_at", "due_at", "changed_at")
    rows = []
    for row in _rows("delivery", *map(sa.column, names), *times, where="webhook_id IS NOT NULL"):
        _, event, subject = row.subject.split(" ", 2)
        rows.append(
            {
                "webhook_id": row.webhook_id,
                "event": event,
                "subject": subject,
                "event_key": row.key,
                "body": bytes(row.payload).decode() if row.payload is not None else "",
                "queued_at": row.queued_at,
                "due_at": row.due_at,
                "changed_at": row.changed_at,
                "state": TO_PROGRESS.get(row.state, 4) if row.due_at or row.state == DELIVERED else 4,
                "attempts": row.attempts,
            }
        )
    _insert("webhook_delivery", rows, times)


def _insert(table: str, rows: list[dict], times: list[sa.ColumnElement]) -> None:
    if rows:
        timed = {column.name: column for column in times}
        columns = [timed.get(name, sa.column(name)) for name in rows[0]]
        op.get_bind().execute(sa.insert(sa.table(table, *columns)), rows)
