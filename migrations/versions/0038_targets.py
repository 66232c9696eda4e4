"""Targets are data: dated, with their source; a closed period keeps those that held at its closing."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EPOCH = dt.date(1970, 1, 1)
# The national one for 2026, which stands beside the province's own in every installation until the year ends.
NATIONAL = {
    "headline": False,
    "share": "0.95",
    "valid_from": (dt.date(2026, 1, 1) - EPOCH).days,
    "valid_to": (dt.date(2026, 12, 31) - EPOCH).days,
    "title": {"vi": "Chỉ tiêu quốc gia năm 2026", "en": "National target for 2026"},
    "source": {
        "vi": "Quyết định số 1565/QĐ-TTg ngày 18/7/2025 của Thủ tướng Chính phủ",
        "en": "Decision No. 1565 of the Prime Minister, 18 July 2025",
    },
}


def upgrade() -> None:
    table = op.create_table(
        "target",
        sa.Column("id", BIG, nullable=False),
        sa.Column("headline", sa.Boolean(), nullable=False),
        sa.Column("share", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Integer(), nullable=False),
        sa.Column("valid_to", sa.Integer(), nullable=True),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("staff_id", BIG, nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_target_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target")),
        sa.UniqueConstraint("headline", "valid_from", name=op.f("uq_target_headline_valid_from")),
    )
    op.bulk_insert(table, [NATIONAL])
    op.add_column("closed_period", sa.Column("targets", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("closed_period", "targets")
    op.drop_table("target")
