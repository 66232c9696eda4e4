"""Accounts are kept on pages: one-time links, the yearly look at each account, what two administrators do together."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "account_review",
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("reviewed_at", MOMENT, nullable=False),
        sa.Column("reviewed_by_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_account_review_staff_id")),
        sa.ForeignKeyConstraint(["reviewed_by_id"], ["staff.id"], name=op.f("fk_account_review_reviewed_by_id")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_account_review")),
    )
    op.create_table(
        "account_link",
        sa.Column("id", BIG, nullable=False),
        sa.Column("purpose", sa.SmallInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.SmallInteger(), nullable=False),
        sa.Column("agency_id", BIG, nullable=False),
        sa.Column("staff_id", BIG, nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("invited_by_id", BIG, nullable=False),
        sa.Column("invited_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("purpose <> 2 OR staff_id IS NOT NULL", name=op.f("ck_account_link_whose")),
        sa.CheckConstraint("ended_at IS NULL OR email IS NULL", name=op.f("ck_account_link_ended")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_account_link_agency_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_account_link_staff_id")),
        sa.ForeignKeyConstraint(["invited_by_id"], ["staff.id"], name=op.f("fk_account_link_invited_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_account_link_token_hash")),
    )
    op.create_index(op.f("ix_account_link_expires_at"), "account_link", ["expires_at"])
    op.create_table(
        "paired_request",
        sa.Column("id", BIG, nullable=False),
        sa.Column("act", sa.SmallInteger(), nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("role", sa.SmallInteger(), nullable=False),
        sa.Column("agency_id", BIG, nullable=False),
        sa.Column("asked_by_id", BIG, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.CheckConstraint("asked_by_id <> decided_by_id OR NOT agreed", name=op.f("ck_paired_request_two")),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)", name=op.f("ck_paired_request_decided")
        ),
        sa.CheckConstraint("(decided_at IS NULL) = (agreed IS NULL)", name=op.f("ck_paired_request_outcome")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_paired_request_staff_id")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_paired_request_agency_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["staff.id"], name=op.f("fk_paired_request_asked_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["staff.id"], name=op.f("fk_paired_request_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paired_request")),
    )
    op.create_index(op.f("ix_paired_request_expires_at"), "paired_request", ["expires_at"])
    op.create_index("ix_audit_entry_staff_id_act", "audit_entry", ["staff_id", "act", "at"])


def downgrade() -> None:
    op.drop_index("ix_audit_entry_staff_id_act", "audit_entry")
    op.drop_index(op.f("ix_paired_request_expires_at"), "paired_request")
    op.drop_table("paired_request")
    op.drop_index(op.f("ix_account_link_expires_at"), "account_link")
    op.drop_table("account_link")
    op.drop_table("account_review")
