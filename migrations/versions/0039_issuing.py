"""What reports carry: issuing data of agencies by version, and comments chosen for the report of a period."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "issuing",
        sa.Column("id", BIG, nullable=False),
        sa.Column("agency_id", BIG, nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("symbol", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("addressees", sa.JSON(), nullable=False),
        sa.Column("bases", sa.JSON(), nullable=False),
        sa.Column("signing", sa.JSON(), nullable=False),
        sa.Column("position", sa.String(length=120), nullable=False),
        sa.Column("signer", sa.String(length=120), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("drafting_unit", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_issuing_agency_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_issuing_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuing")),
    )
    op.create_index("ix_issuing_agency_id_entered_at", "issuing", ["agency_id", "entered_at"])
    op.create_table(
        "report_comment",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("basis", sa.String(length=16), nullable=False),
        sa.Column("agency_id", BIG, nullable=False),
        sa.Column("response_id", BIG, nullable=False),
        sa.Column("question", sa.String(length=16), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("staff_id", BIG, nullable=True),
        sa.Column("day", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_report_comment_agency_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_report_comment_staff_id")),
        sa.ForeignKeyConstraint(
            ["response_id", "question"],
            ["comment.response_id", "comment.question"],
            name=op.f("fk_report_comment_response_id"),
        ),
        sa.PrimaryKeyConstraint(
            "code", "basis", "agency_id", "response_id", "question", name=op.f("pk_report_comment")
        ),
    )
    op.create_index("ix_report_comment_response_id", "report_comment", ["response_id"])


def downgrade() -> None:
    op.drop_table("report_comment")
    op.drop_table("issuing")
