"""Call-backs: the design and its frame, numbers to call, the cases that were drawn, and each try to reach somebody."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "call_back",
        sa.Column("id", BIG, nullable=False),
        sa.Column("period_code", sa.String(20), nullable=False),
        sa.Column("period_basis", sa.String(16), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("first", "last")),
        sa.Column("stage", sa.SmallInteger(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("silent_calls", "answered_calls")),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("planned_at", MOMENT, nullable=False),
        sa.Column("planned_by", BIG, nullable=False),
        sa.Column("sealed_at", MOMENT, nullable=True),
        sa.Column("sealed_by", BIG, nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("population", "answered", "satisfied")),
        *(sa.Column(name, sa.LargeBinary(32), nullable=True) for name in ("nonce", "salt")),
        sa.Column("frame", sa.LargeBinary(), nullable=True),
        sa.Column("about", sa.JSON(), nullable=True),
        sa.Column("least_entry", BIG, nullable=True),
        sa.Column("drawn_at", MOMENT, nullable=True),
        sa.Column("seed_size", BIG, nullable=True),
        sa.Column("seed_note", sa.Text(), nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("results", sa.JSON(), nullable=True),
        sa.CheckConstraint("(frame IS NULL) = (salt IS NULL)", name=op.f("ck_call_back_blinded")),
        sa.CheckConstraint("stage IN (2, 3) OR frame IS NULL", name=op.f("ck_call_back_erased")),
        sa.CheckConstraint("(stage >= 3) = (seed_size IS NOT NULL)", name=op.f("ck_call_back_drawn")),
        sa.CheckConstraint("(stage = 4) = (finished_at IS NOT NULL)", name=op.f("ck_call_back_finished")),
        sa.ForeignKeyConstraint(["planned_by"], ["staff.id"], name=op.f("fk_call_back_planned_by")),
        sa.ForeignKeyConstraint(["sealed_by"], ["staff.id"], name=op.f("fk_call_back_sealed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_back")),
        sa.UniqueConstraint("period_code", "period_basis", name=op.f("uq_call_back_period_code_period_basis")),
    )
    op.create_table(
        "call_back_number",
        sa.Column("case_id", BIG, autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(8), nullable=True),
        sa.Column("kept_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_call_back_number_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_call_back_number")),
    )
    op.create_table(
        "call_back_case",
        sa.Column("id", BIG, nullable=False),
        sa.Column("call_back_id", BIG, nullable=False),
        sa.Column("stratum", sa.SmallInteger(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("turn", "position")),
        sa.Column("case_id", BIG, nullable=True),
        *(sa.Column(name, sa.SmallInteger(), nullable=True) for name in ("outcome", "rating")),
        *(sa.Column(name, sa.Boolean(), nullable=True) for name in ("herself", "freely")),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("last_try_at", MOMENT, nullable=True),
        sa.Column("held_by", BIG, nullable=True),
        sa.Column("held_until", MOMENT, nullable=True),
        sa.Column("last_key", sa.String(32), nullable=True),
        sa.CheckConstraint(
            "rating IS NULL OR (rating BETWEEN 1 AND 5 AND stratum = 1)", name=op.f("ck_call_back_case_rating")
        ),
        sa.CheckConstraint(
            "stratum = 2 OR (herself IS NULL AND freely IS NULL)", name=op.f("ck_call_back_case_own")
        ),
        sa.ForeignKeyConstraint(["call_back_id"], ["call_back.id"], name=op.f("fk_call_back_case_call_back_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_call_back_case_case_id")),
        sa.ForeignKeyConstraint(["held_by"], ["staff.id"], name=op.f("fk_call_back_case_held_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_back_case")),
        sa.UniqueConstraint(
            "call_back_id", "stratum", "turn", name=op.f("uq_call_back_case_call_back_id_stratum_turn")
        ),
    )
    op.create_index(op.f("ix_call_back_case_case_id"), "call_back_case", ["case_id"])
    op.create_table(
        "call_back_try",
        sa.Column("call_back_case_id", BIG, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("outcome", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_back_case_id"], ["call_back_case.id"], name=op.f("fk_call_back_try_call_back_case_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_call_back_try_staff_id")),
        sa.PrimaryKeyConstraint("call_back_case_id", "number", name=op.f("pk_call_back_try")),
    )


def downgrade() -> None:
    op.drop_table("call_back_try")
    op.drop_table("call_back_case")
    op.drop_table("call_back_number")
    op.drop_table("call_back")
