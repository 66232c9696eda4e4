"""Where people want to be answered, and what the history of a follow-up tells of it."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reply_contact",
        sa.Column("response_id", BIG, nullable=False),
        sa.Column("consent", sa.SmallInteger(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("address_kind", sa.SmallInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("question", sa.String(length=16)),
        sa.Column("delivery_id", BIG),
        sa.CheckConstraint("(sealed IS NULL) = (delivery_id IS NOT NULL)", name=op.f("ck_reply_contact_sealed")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_reply_contact_response_id")),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_reply_contact_delivery_id")),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_reply_contact")),
        sa.UniqueConstraint("delivery_id", name=op.f("uq_reply_contact_delivery_id")),
    )
    op.add_column("follow_up_step", sa.Column("reply", sa.SmallInteger()))


def downgrade() -> None:
    op.drop_column("follow_up_step", "reply")
    op.drop_table("reply_contact")
