"""Answers can be left out of the count by two accounts, and counted again; closed periods stay as they were closed."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "exclusion",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.SmallInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_exclusion_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion")),
    )
    op.create_table(
        "excluded_answer",
        sa.Column("exclusion_id", BIG, nullable=False),
        sa.Column("response_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["exclusion_id"], ["exclusion.id"], name=op.f("fk_excluded_answer_exclusion_id")
        ),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_excluded_answer_response_id")),
        sa.PrimaryKeyConstraint("exclusion_id", "response_id", name=op.f("pk_excluded_answer")),
    )
    op.create_index(op.f("ix_excluded_answer_response_id"), "excluded_answer", ["response_id"])
    op.create_table(
        "exclusion_decision",
        sa.Column("id", BIG, nullable=False),
        sa.Column("exclusion_id", BIG, nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["exclusion_id"], ["exclusion.id"], name=op.f("fk_exclusion_decision_exclusion_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_exclusion_decision_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion_decision")),
        sa.UniqueConstraint("exclusion_id", name=op.f("uq_exclusion_decision_exclusion_id")),
    )
    op.add_column("response", sa.Column("trapped", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("placement", sa.Column("test", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column(
        "closed_period", sa.Column("newest_decision_id", sa.BigInteger(), server_default="0", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("closed_period", "newest_decision_id")
    op.drop_column("placement", "test")
    op.drop_column("response", "trapped")
    op.drop_table("exclusion_decision")
    op.drop_table("excluded_answer")
    op.drop_table("exclusion")
