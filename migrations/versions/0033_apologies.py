"""Letters of apology for late cases."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LETTER = 6  # the kind of delivery that carries one


def upgrade() -> None:
    op.create_table(
        "apology",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(length=8)),
        sa.Column("address_kind", sa.SmallInteger()),
        sa.Column("contact", sa.LargeBinary()),
        sa.Column("words", sa.Text()),
        sa.Column("turn", sa.SmallInteger(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("staff_id", BIG),
        sa.Column("reason", sa.Text()),
        sa.Column("delivery_key", sa.String(length=32)),
        sa.CheckConstraint("contact IS NULL OR status = 1", name=op.f("ck_apology_erased")),
        sa.CheckConstraint("contact IS NULL OR address_kind IS NOT NULL", name=op.f("ck_apology_address")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_apology_case_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_apology_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_apology")),
        sa.UniqueConstraint("case_id", name=op.f("uq_apology_case_id")),
        sa.UniqueConstraint("delivery_key", name=op.f("uq_apology_delivery_key")),
    )
    op.create_index("ix_apology_status", "apology", ["status", "drafted_at"])


def downgrade() -> None:
    op.drop_table("apology")
    steps = "DELETE FROM transition WHERE delivery_id IN (SELECT id FROM delivery WHERE kind = :kind)"
    for statement in (steps, "DELETE FROM delivery WHERE kind = :kind"):  # the code of before cannot open them
        op.get_bind().execute(sa.text(statement), {"kind": LETTER})
