"""What the national portal counted for its satisfaction indicator."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "portal_count",
        sa.Column("id", BIG, nullable=False),
        sa.Column("agency_id", BIG, nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("handled", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("disliked", sa.Integer(), nullable=False),
        sa.Column("late_and_disliked", sa.Integer()),
        sa.Column("petitions", sa.Integer()),
        sa.Column("petitions_on_time", sa.Integer()),
        sa.Column("petitions_satisfied", sa.Integer()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first <= last", name=op.f("ck_portal_count_days")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_portal_count_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_count")),
        sa.UniqueConstraint("agency_id", "first", "last", name=op.f("uq_portal_count_agency_id_first_last")),
    )


def downgrade() -> None:
    op.drop_table("portal_count")
