"""What citizens were told about their data, by version; an answer names the version that its page showed."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("response", sa.Column("privacy_notice", sa.LargeBinary(length=5)))
    op.create_table(
        "privacy_notice",
        sa.Column("id", BIG, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=5), nullable=False),
        sa.Column("page", sa.SmallInteger(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_notice")),
        sa.UniqueConstraint("hash", name=op.f("uq_privacy_notice_hash")),
    )


def downgrade() -> None:
    op.drop_table("privacy_notice")
    op.drop_column("response", "privacy_notice")
