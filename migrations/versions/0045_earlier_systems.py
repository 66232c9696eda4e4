"""What systems before this one counted is kept apart, with its source, its method and who imported it."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "earlier_system",
        sa.Column("id", BIG, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("staff_id", BIG, nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_earlier_system_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_system")),
    )
    op.create_table(
        "earlier_count",
        sa.Column("system_id", BIG, nullable=False),
        sa.Column("agency_id", BIG, nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("satisfied", sa.Integer(), nullable=False),
        sa.CheckConstraint("satisfied BETWEEN 0 AND answered", name=op.f("ck_earlier_count_satisfied")),
        sa.CheckConstraint("first <= last", name=op.f("ck_earlier_count_days")),
        sa.ForeignKeyConstraint(["system_id"], ["earlier_system.id"], name=op.f("fk_earlier_count_system_id")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_earlier_count_agency_id")),
        sa.PrimaryKeyConstraint("system_id", "agency_id", "first", "last", name=op.f("pk_earlier_count")),
    )
    op.create_index(op.f("ix_earlier_count_agency_id"), "earlier_count", ["agency_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_earlier_count_agency_id"), "earlier_count")
    op.drop_table("earlier_count")
    op.drop_table("earlier_system")
