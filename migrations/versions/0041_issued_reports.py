"""The register of reports that were issued: which file, under which number and date, and what took its place."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "issued_report",
        sa.Column("id", BIG, nullable=False),
        sa.Column("agency_id", BIG, nullable=False),
        sa.Column("period_code", sa.String(length=24), nullable=False),
        sa.Column("period_basis", sa.String(length=16), nullable=False),
        sa.Column("edition", sa.SmallInteger(), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("symbol", sa.String(length=60), nullable=False),
        sa.Column("issued_on", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("file", sa.String(length=160), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("figures", sa.String(length=28), nullable=False),
        sa.Column("replaces_id", BIG),
        sa.Column("change", sa.Text()),
        sa.CheckConstraint("(replaces_id IS NULL) = (change IS NULL)", name=op.f("ck_issued_report_change")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_issued_report_agency_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_issued_report_staff_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["issued_report.id"], name=op.f("fk_issued_report_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_report")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_issued_report_replaces_id")),
    )
    for column in ("agency_id", "sha256", "figures"):
        op.create_index(op.f(f"ix_issued_report_{column}"), "issued_report", [column])


def downgrade() -> None:
    op.drop_table("issued_report")
