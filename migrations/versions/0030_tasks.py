"""Tasks that come of figures, with their steps."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "task",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("agency_id", BIG, nullable=False),
        sa.Column("subject_key", sa.String(length=40), nullable=False),
        sa.Column("subject_name", sa.JSON(), nullable=False),
        sa.Column("period_code", sa.String(length=8), nullable=False),
        sa.Column("period_basis", sa.String(length=16), nullable=False),
        sa.Column("period_first", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("owner_id", BIG, nullable=False),
        sa.Column("due_day", sa.Integer(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("result", sa.Text()),
        sa.Column("settled_day", sa.Integer()),
        sa.Column("turn", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_task_agency_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_task_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index(op.f("ix_task_agency_id"), "task", ["agency_id"])
    op.create_table(
        "task_step",
        sa.Column("task_id", BIG, nullable=False),
        sa.Column("turn", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("owner_id", BIG, nullable=False),
        sa.Column("due_day", sa.Integer(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("result", sa.Text()),
        sa.Column("note", sa.Text()),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_step_task_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_task_step_staff_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_task_step_owner_id")),
        sa.PrimaryKeyConstraint("task_id", "turn", name=op.f("pk_task_step")),
    )


def downgrade() -> None:
    op.drop_table("task_step")
    op.drop_index(op.f("ix_task_agency_id"), table_name="task")
    op.drop_table("task")
