"""The calendar of duties: which reports the province owes and until when, and the drafts that were made of them."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MONTH, QUARTER, YEAR = 1, 2, 4
# What every province begins with, and changes as it is told to: the months count from the one in which the period ends.
SEEDED = (
    (MONTH, 0, "calendar", "", 1, 5, "Báo cáo tháng", "Monthly report"),
    (QUARTER, 0, "administrative", "", 0, 19, "Báo cáo quý", "Quarterly report"),
    (YEAR, 0, "calendar", "1114", 0, 29, "Báo cáo năm", "Yearly report"),
    (MONTH, 11, "calendar", "", 1, 10, "Khảo sát tháng 11 theo Quyết định 1565/QĐ-TTg", "November survey, decision 1565"),
)


def upgrade() -> None:
    duty = op.create_table(
        "duty",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("span", sa.SmallInteger(), nullable=False),
        sa.Column("only_month", sa.SmallInteger(), nullable=False),
        sa.Column("basis", sa.String(length=16), nullable=False),
        sa.Column("ending", sa.String(length=4), nullable=False),
        sa.Column("days", sa.String(length=24), nullable=False),
        sa.Column("due_months", sa.SmallInteger(), nullable=False),
        sa.Column("due_day", sa.SmallInteger(), nullable=False),
        sa.Column("remind_days", sa.SmallInteger(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("drafts", sa.Boolean(), nullable=False),
        sa.Column("closes", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
    )
    op.bulk_insert(
        duty,
        [
            {
                "name": {"vi": vi, "en": en},
                "span": span,
                "only_month": only_month,
                "basis": basis,
                "ending": ending,
                "days": "",
                "due_months": due_months,
                "due_day": due_day,
                "remind_days": 5,
                "enabled": True,
                "drafts": True,
                "closes": False,
            }
            for span, only_month, basis, ending, due_months, due_day, vi, en in SEEDED
        ],
    )
    op.create_table(
        "duty_draft",
        sa.Column("duty_id", BIG, nullable=False),
        sa.Column("period_code", sa.String(length=24), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job_id", BIG, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_duty_draft_duty_id")),
        sa.PrimaryKeyConstraint("duty_id", "period_code", name=op.f("pk_duty_draft")),
    )


def downgrade() -> None:
    op.drop_table("duty_draft")
    op.drop_table("duty")
