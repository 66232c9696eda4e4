"""What is published of closed periods is kept as it was published; each installation says whether it publishes."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "publication",
        sa.Column("id", BIG, nullable=False),
        sa.Column("period_code", sa.String(24), nullable=False),
        sa.Column("period_basis", sa.String(16), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", BIG, nullable=True),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("retracted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retracted_by", BIG, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("(retracted_at IS NULL) = (reason IS NULL)", name=op.f("ck_publication_reason")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_publication_staff_id")),
        sa.ForeignKeyConstraint(["retracted_by"], ["staff.id"], name=op.f("fk_publication_retracted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
    )
    current = sa.text("retracted_at IS NULL")
    op.create_index(
        "ix_publication_current",
        "publication",
        ["period_code", "period_basis"],
        unique=True,
        sqlite_where=current,
        postgresql_where=current,
    )
    op.create_index(op.f("ix_publication_sha256"), "publication", ["sha256"])
    op.add_column("installation", sa.Column("publishes", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("installation", "publishes")
    op.drop_index(op.f("ix_publication_sha256"), "publication")
    op.drop_index("ix_publication_current", "publication")
    op.drop_table("publication")
