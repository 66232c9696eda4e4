"""Alerts: what stands out, who was told of it, what each account chose, and where to and in which language it is told."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STANDING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.add_column("staff", sa.Column("email", sa.LargeBinary()))
    op.add_column("staff", sa.Column("language", sa.String(length=8)))
    op.add_column("installation", sa.Column("alerts_at", sa.DateTime(timezone=True)))
    op.create_table(
        "alert",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("agency_id", BIG, nullable=False),
        sa.Column("guarded", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("settled_by", BIG),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_alert_agency_id")),
        sa.ForeignKeyConstraint(["settled_by"], ["staff.id"], name=op.f("fk_alert_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index(
        "uq_alert_standing",
        "alert",
        ["kind", "agency_id", "guarded", "subject"],
        unique=True,
        postgresql_where=STANDING,
        sqlite_where=STANDING,
    )
    op.create_index("ix_alert_ended", "alert", ["ended_at"])
    op.create_table(
        "alert_reading",
        sa.Column("alert_id", BIG, nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.Column("seen_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_alert_reading_alert_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_alert_reading_staff_id")),
        sa.PrimaryKeyConstraint("alert_id", "staff_id", name=op.f("pk_alert_reading")),
    )
    op.create_table(
        "alert_choice",
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("frequency", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_alert_choice_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", "kind", name=op.f("pk_alert_choice")),
    )


def downgrade() -> None:
    op.drop_table("alert_choice")
    op.drop_table("alert_reading")
    op.drop_index("ix_alert_ended", "alert")
    op.drop_index("uq_alert_standing", "alert")
    op.drop_table("alert")
    op.drop_column("installation", "alerts_at")
    op.drop_column("staff", "language")
    op.drop_column("staff", "email")
