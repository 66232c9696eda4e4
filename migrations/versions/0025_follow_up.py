"""What becomes of comments: how each stands, its steps, and the days that are moved."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "follow_up",
        sa.Column("response_id", BIG, nullable=False),
        sa.Column("question", sa.String(length=16), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("owner_id", BIG),
        sa.Column("due_day", sa.Integer()),
        sa.Column("answer", sa.Text()),
        sa.Column("turn", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["response_id", "question"],
            ["comment.response_id", "comment.question"],
            name=op.f("fk_follow_up_response_id"),
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_follow_up_owner_id")),
        sa.PrimaryKeyConstraint("response_id", "question", name=op.f("pk_follow_up")),
    )
    op.create_table(
        "follow_up_step",
        sa.Column("response_id", BIG, nullable=False),
        sa.Column("question", sa.String(length=16), nullable=False),
        sa.Column("turn", sa.SmallInteger(), nullable=False),
        sa.Column("day", sa.Integer()),
        sa.Column("staff_id", BIG),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("owner_id", BIG),
        sa.Column("due_day", sa.Integer()),
        sa.Column("answer", sa.Text()),
        sa.Column("note", sa.Text()),
        sa.ForeignKeyConstraint(
            ["response_id", "question"],
            ["follow_up.response_id", "follow_up.question"],
            name=op.f("fk_follow_up_step_response_id"),
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_follow_up_step_staff_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_follow_up_step_owner_id")),
        sa.PrimaryKeyConstraint("response_id", "question", "turn", name=op.f("pk_follow_up_step")),
    )
    op.create_table(
        "moved_day",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_moved_day")),
    )


def downgrade() -> None:
    op.drop_table("moved_day")
    op.drop_table("follow_up_step")
    op.drop_table("follow_up")
