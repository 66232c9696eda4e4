"""Cases can be withdrawn and given back; closed periods keep how many were."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNTS = ("withdrawn", "withdrawn_rated", "withdrawn_satisfied")
HOLDING = sa.text("restored_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "withdrawal",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("withdrawn_on", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_withdrawal_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal")),
    )
    op.create_index(op.f("ix_withdrawal_case_id"), "withdrawal", ["case_id"])
    op.create_index(
        "uq_withdrawal_holding", "withdrawal", ["case_id"], unique=True, postgresql_where=HOLDING, sqlite_where=HOLDING
    )
    with op.batch_alter_table("frozen_cohort") as batch_op:
        for name in COUNTS:
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("frozen_cohort") as batch_op:
        for name in COUNTS:
            batch_op.drop_column(name)
    op.drop_table("withdrawal")
