"""Doubtful tries are counted, dead addresses and requests of a minute kept as hashes, webhooks told once a day."""

import datetime as dt

import sqlalchemy as sa
from alembic import op


revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
EVENT = 3  # as Kind says
EVENT_DAYS = dt.timedelta(days=7)


def upgrade() -> None:
    op.add_column("delivery", sa.Column("doubts", sa.SmallInteger(), server_default="0", nullable=False))
    op.execute("UPDATE delivery SET doubts = 1 WHERE doubtful")
    op.drop_column("delivery", "doubtful")
    _limit_events()
    op.add_column("webhook", sa.Column("told_on", sa.Integer(), nullable=True))
    op.create_table(
        "dead_address",
        sa.Column("address_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_dead_address")),
    )
    op.create_table(
        "request_count",
        sa.Column("who", sa.LargeBinary(length=16), nullable=False),
        sa.Column("minute", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("who", "minute", name=op.f("pk_request_count")),
    )


def downgrade() -> None:
    op.drop_table("request_count")
    op.drop_table("dead_address")
    op.drop_column("webhook", "told_on")
    op.add_column("delivery", sa.Column("doubtful", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("UPDATE delivery SET doubtful = (doubts > 0)")
    op.drop_column("delivery", "doubts")


def _limit_events() -> None:
    """Give events, which had none, a last day."""
    delivery = sa.table(
        "delivery",
        sa.column("id"),
        sa.column("kind"),
        sa.column("queued_at", TIME),
        sa.column("expires_at", TIME),
    )
    events = sa.select(delivery.c.id, delivery.c.queued_at).where(delivery.c.kind == EVENT)
    for row in op.get_bind().execute(events).all():
        last = {"expires_at": row.queued_at + EVENT_DAYS}
        op.execute(sa.update(delivery).where(delivery.c.id == row.id).values(last))
